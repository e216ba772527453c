"""One process of `vedette up`: the roles it is told to run, from the project it is told to read.

python -m vedette.stack.run --project DIR --data-dir DIR metrics
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from vedette.config.log import setup_logging
from vedette.config.problems import ConfigError
from vedette.stack.project import open_project
from vedette.stack.wiring import build_role
from vedette.web.role import run_roles


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="vedette.stack.run")
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--log-level", default="info")
    parser.add_argument("roles", nargs="+")
    args = parser.parse_args(argv)
    setup_logging(args.log_level)
    try:
        project = open_project(args.project, data_dir=args.data_dir)
        roles = [build_role(name, project) for name in args.roles]
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 1
    return run_roles(roles)


if __name__ == "__main__":
    sys.exit(main())
