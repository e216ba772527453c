"""From discovered targets to the addresses of Alertmanagers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vedette.config.log import get_logger
from vedette.metrics.config.alerting import AlertmanagerConfig
from vedette.metrics.notifier.sender import Endpoint
from vedette.metrics.relabel import process
from vedette.model.labels import Labels

log = get_logger("metrics.notifier")

ADDRESS, SCHEME, ALERTS_PATH = "__address__", "__scheme__", "__alerts_path__"


@dataclass(frozen=True, slots=True)
class Found:
    """Addresses in use, and those that `relabel_configs` dropped."""

    endpoints: tuple[Endpoint, ...]
    dropped: tuple[str, ...]


def endpoints_of(config: AlertmanagerConfig, targets: Iterable[Labels]) -> Found:
    """`targets` are label sets as discovery gives them, with an address each."""
    used: dict[str, Endpoint] = {}
    dropped: dict[str, None] = {}
    for target in targets:
        labels = Labels(
            {SCHEME: config.scheme, ALERTS_PATH: alerts_path(config.path_prefix), **target.to_dict()}
        )
        relabelled = process(labels, config.relabel_configs)
        if relabelled is None:
            dropped.setdefault(_url(labels))
        elif not relabelled.get(ADDRESS):
            log.error("Alertmanager without an address left out", labels=target)
        else:
            url = _url(relabelled)
            used.setdefault(url, Endpoint(url, config.timeout / 1000, config, config.base_dir, config))
    return Found(tuple(used.values()), tuple(dropped))


def alerts_path(prefix: str) -> str:
    return f"/{prefix.strip('/')}/api/v2/alerts".replace("//", "/")


def _url(labels: Labels) -> str:
    return f"{labels.get(SCHEME)}://{labels.get(ADDRESS)}{labels.get(ALERTS_PATH)}"
