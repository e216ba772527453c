"""python -m tests.differential.promql_fuzz --queries 20000 --seed 1"""

from __future__ import annotations

import argparse
import sys

from .judge import Class
from .run import Summary, campaign, shrunk


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="promql_fuzz", description="Random queries, answered twice and compared."
    )
    parser.add_argument("--queries", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--class", dest="classes", action="append", choices=[c.name.lower() for c in Class])
    parser.add_argument("--show", type=int, default=20, help="differences to print")
    parser.add_argument("--shrink", type=int, default=5, help="differences to print as small scripts")
    options = parser.parse_args()
    classes = [Class[name.upper()] for name in options.classes or ()] or list(Class)

    def progress(summary: Summary) -> None:
        if sys.stderr.isatty():
            different = len(summary.different)
            print(f"\r{summary.asked:,} asked, {different} different", end="", file=sys.stderr, flush=True)

    summary = campaign(options.seed, options.queries, classes=classes, progress=progress)
    print(summary)
    for seed, case in summary.different[: options.show]:
        print(f"\ndata {seed}, {case.kind.name.lower()}: {case.question}\n  {case.reason}")
    for seed, case in summary.different[: options.shrink]:
        print(f"\n{shrunk(seed, case)}")
    return 1 if summary.different else 0


if __name__ == "__main__":
    sys.exit(main())
