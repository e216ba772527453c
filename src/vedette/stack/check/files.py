"""Each file by itself: the role that reads it says what is wrong with it."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from vedette.config.document import Document, read_document
from vedette.config.problems import ConfigError, Problem
from vedette.stack.project import ALERTMANAGER, LOKI, PROMETHEUS, PROMTAIL


class _Lenient(dict[str, str]):
    """An environment that has something for each variable: a URL, which passes for text too."""

    def get(self, name: str, default: object = None) -> str:
        return super().get(name) or "http://unset.invalid"


def read_or_problems(path: Path, env: Mapping[str, str]) -> tuple[Document | None, list[Problem]]:
    """The document, or why there is none. A file that only lacks variables gives both."""
    try:
        return read_document(path, env), []
    except ConfigError as error:
        try:
            return read_document(path, _Lenient(env)), error.problems
        except ConfigError:
            return None, error.problems


def rule_files(root: Path, prometheus: Document | None) -> list[Path]:
    """The rule files that ``prometheus.yml`` names, globs expanded."""
    data = prometheus.data if prometheus is not None and isinstance(prometheus.data, dict) else {}
    patterns = data.get("rule_files")
    found: list[Path] = []
    for pattern in patterns if isinstance(patterns, list) else []:
        if isinstance(pattern, str):
            found += [Path(name) for name in sorted(glob.glob(str(root / pattern)))]
    return found


def check_files(root: Path, env: Mapping[str, str]) -> Iterator[Problem]:
    """Problems of the project's files, a file after the other."""
    for name, check in _CHECKS.items():
        path = root / name
        if path.exists():
            document, problems = read_or_problems(path, env)
            yield from problems
            if document is not None:
                yield from check(document, env)
                if name == PROMETHEUS:
                    yield from _rules(root, document, env)


def _rules(root: Path, prometheus: Document, env: Mapping[str, str]) -> Iterator[Problem]:
    from vedette.metrics.rules.check import check_rules

    data = prometheus.data if isinstance(prometheus.data, dict) else {}
    patterns = data.get("rule_files")
    for index, pattern in enumerate(patterns if isinstance(patterns, list) else []):
        if isinstance(pattern, str) and not glob.glob(str(root / pattern)):
            loc = ("rule_files", index)
            yield prometheus.problem(
                loc, f'no file matches "{pattern}"', "correct the name, or remove it", "warning"
            )
    for path in rule_files(root, prometheus):
        document, problems = read_or_problems(path, env)
        yield from problems
        if document is not None:
            yield from check_rules(document)


def _prometheus(document: Document, env: Mapping[str, str]) -> list[Problem]:
    from vedette.metrics.config import check_config, unsupported
    from vedette.metrics.config.load import config_of

    problems = check_config(document, env)
    if not any(p.severity == "error" for p in problems):
        problems += unsupported(config_of(document, env))
    return problems


def _alertmanager(document: Document, env: Mapping[str, str]) -> list[Problem]:
    from vedette.alerts.config import check_config

    return check_config(document)


def _loki(document: Document, env: Mapping[str, str]) -> list[Problem]:
    from vedette.logs.config import check_config

    return check_config(document)


def _promtail(document: Document, env: Mapping[str, str]) -> list[Problem]:
    from vedette.ship.config import check_config

    return check_config(document)


_CHECKS: Mapping[str, Callable[[Document, Mapping[str, str]], list[Problem]]] = {
    PROMETHEUS: _prometheus,
    ALERTMANAGER: _alertmanager,
    LOKI: _loki,
    PROMTAIL: _promtail,
}
