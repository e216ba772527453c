"""All checks of a project, in the order in which a reader goes through its files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from vedette.config.problems import ConfigError, Problem
from vedette.stack.check.files import check_files
from vedette.stack.project import open_project


def check_project(root: Path | None, env: Mapping[str, str] | None = None) -> list[Problem]:
    """Every problem of the project at `root` (None: the shipped guide), errors and warnings, by file and line."""
    env = os.environ if env is None else env
    problems: list[Problem] = []
    try:
        project = open_project(root, env=env)
        place = project.root
    except ConfigError as error:
        problems += error.problems
        if root is None or not root.is_dir():
            return problems
        place = root
    problems += check_files(place, env)
    return _in_order(_relative(problems, place))


def _relative(problems: list[Problem], root: Path) -> list[Problem]:
    """File names as a reader in the project directory would write them."""
    made = []
    for p in problems:
        path = Path(p.file)
        shown = str(path.relative_to(root)) if path.is_absolute() and path.is_relative_to(root) else p.file
        made.append(Problem(shown, p.line, p.column, p.where, p.message, p.hint, p.severity))
    return made


def _in_order(problems: list[Problem]) -> list[Problem]:
    files = list(dict.fromkeys(p.file for p in problems))
    unique = dict.fromkeys(problems)
    return sorted(unique, key=lambda p: (files.index(p.file), p.line, p.column))
