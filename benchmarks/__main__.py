"""`make bench`: measures Vedette and every original found on the machine, and prints the tables of docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys

from benchmarks import idle, promql

TABLES = ("promql", "idle")


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("tables", nargs="*", help=f"of {', '.join(TABLES)}; default: all")
    parser.add_argument("--series", type=int, default=10_000)
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()
    wanted = args.tables or TABLES
    if "promql" in wanted:
        print(promql.run(series=args.series, minutes=args.minutes, rounds=args.rounds), flush=True)
    if "idle" in wanted:
        print(idle.run(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
