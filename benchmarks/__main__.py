"""`make bench`: measures Vedette and every original found on the machine, and prints the tables of docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import idle, promql, small

TABLES = ("promql", "small", "idle")


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("tables", nargs="*", help=f"of {', '.join(TABLES)}; default: all")
    parser.add_argument("--series", type=int, default=10_000)
    parser.add_argument("--many", type=int, default=100_000, help="series of the biggest metric")
    parser.add_argument("--minutes", type=int, default=24 * 60)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--keep", type=Path, help="a folder for the servers' data, to measure again without writing"
    )
    args = parser.parse_args()
    wanted = args.tables or TABLES
    if "promql" in wanted:
        print(
            promql.run(
                series=args.series, many=args.many, minutes=args.minutes, rounds=args.rounds, keep=args.keep
            ),
            flush=True,
        )
    if "small" in wanted:
        print(small.run(series=args.series, minutes=60, rounds=max(100, args.rounds)), flush=True)
    if "idle" in wanted:
        print(idle.run(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
