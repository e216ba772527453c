"""Everything that the configuration file of the role means, read and checked before anything of it is used."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from pathlib import Path

from vedette.config.problems import ConfigError, errors_of
from vedette.metrics.config import Config, load_config, unsupported
from vedette.metrics.rules.group import GroupDefinition
from vedette.metrics.rules.load import load_rule_files


@dataclass(frozen=True, slots=True)
class Loaded:
    config: Config
    groups: tuple[GroupDefinition, ...]


def load(path: Path, *, features: frozenset[str] = frozenset()) -> Loaded:
    """prometheus.yml and its rule files. Raises `ConfigError` with every fault of all of them."""
    config = load_config(path)
    if missing := errors_of(unsupported(config)):
        raise ConfigError(missing)
    groups = load_rule_files(
        rule_files(config),
        interval=config.global_.evaluation_interval,
        query_offset=config.global_.rule_query_offset,
        features=features,
    )
    return Loaded(config, tuple(groups))


def rule_files(config: Config) -> list[Path]:
    """The files that `rule_files` means, each once, in order. A pattern that matches nothing is no fault."""
    found: dict[Path, None] = {}
    for pattern in config.rule_files:
        for name in sorted(glob.glob(pattern)):
            found.setdefault(Path(name))
    return list(found)
