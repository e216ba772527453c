"""From what was discovered to what is scraped: labels, address, schedule."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote as url_quote
from urllib.parse import urlencode, urlsplit, urlunsplit

from vedette.config.relabel import run
from vedette.metrics.config.scrape import ScrapeConfig
from vedette.metrics.config.sd.static import address_fault
from vedette.metrics.discovery.group import Group
from vedette.model.labels import Labels, quote
from vedette.model.time import DurationError, format_duration, parse_duration

ADDRESS, SCHEME, METRICS_PATH = "__address__", "__scheme__", "__metrics_path__"
INTERVAL, TIMEOUT = "__scrape_interval__", "__scrape_timeout__"
PARAM = "__param_"
META = "__meta_"


class TargetError(ValueError):
    """A discovered target that can't be scraped. `str()` says why."""


@dataclass(frozen=True, eq=False)
class Target:
    """One page to fetch, and the labels its samples get. Equal targets have the same `key`."""

    job: str
    discovered: Labels
    internal: Labels  # after relabelling, names with two leading underscores included, without __meta_*
    url: str
    interval: int  # milliseconds
    timeout: int  # milliseconds

    @cached_property
    def labels(self) -> Labels:
        return Labels.from_sorted(tuple(p for p in self.internal.pairs if not p[0].startswith("__")))

    @cached_property
    def key(self) -> tuple[Labels, str]:
        return (self.internal, self.url)

    def offset(self, seed: int) -> int:
        """Where in its interval the target is scraped, in milliseconds: the same after every restart."""
        text = repr(self.internal.pairs) + self.url
        digest = hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest()
        return (int.from_bytes(digest, "big") ^ seed) % self.interval


def discovered_labels(own: Mapping[str, str], group: Group, config: ScrapeConfig) -> dict[str, str]:
    """The labels before relabelling."""
    labels = {**group.labels, **own}
    defaults = {
        "job": config.job_name,
        INTERVAL: format_duration(config.scrape_interval),
        TIMEOUT: format_duration(config.scrape_timeout),
        METRICS_PATH: config.metrics_path,
        SCHEME: config.scheme,
    }
    for name, values in config.params.items():
        if values:
            defaults[PARAM + name] = values[0]
    for name, value in defaults.items():
        if not labels.get(name):
            labels[name] = value
    return labels


def make_target(own: Mapping[str, str], group: Group, config: ScrapeConfig) -> Target | Labels:
    """The target, or its discovered labels when relabelling drops it. Raises `TargetError`."""
    before = discovered_labels(own, group, config)
    discovered = Labels(before)
    labels = dict(discovered.pairs)
    if not run(labels, config.relabel_configs):
        return discovered
    address = labels.get(ADDRESS, "")
    if not address:
        raise TargetError("no address")
    if fault := address_fault(address):
        raise TargetError(fault)
    interval = _positive(labels.get(INTERVAL, ""), "interval")
    timeout = _positive(labels.get(TIMEOUT, ""), "timeout")
    if timeout > interval:
        raise TargetError(
            "scrape timeout cannot be greater than scrape interval "
            f"({quote(labels[TIMEOUT])} > {quote(labels[INTERVAL])})"
        )
    labels = {name: value for name, value in labels.items() if not name.startswith(META)}
    labels.setdefault("instance", address)
    internal = Labels(labels)
    return Target(config.job_name, discovered, internal, target_url(internal, config), interval, timeout)


def _positive(text: str, what: str) -> int:
    try:
        parsed = parse_duration(text)
    except DurationError as error:
        raise TargetError(f"error parsing scrape {what}: {error}") from None
    if parsed == 0:
        raise TargetError(f"scrape {what} cannot be 0")
    return parsed


def target_url(internal: Labels, config: ScrapeConfig) -> str:
    params = {name: list(values) for name, values in config.params.items()}
    for name, value in internal:
        if name.startswith(PARAM):
            params.setdefault(name[len(PARAM) :], [""])[:1] = [value]
    path = internal.get(METRICS_PATH)
    if path and not path.startswith("/"):
        path = "/" + path
    query = urlencode(sorted(params.items()), doseq=True)
    path = url_quote(path, safe="/:@!$&'()*+,;=~-._")
    return urlunsplit((internal.get(SCHEME), internal.get(ADDRESS), path, query, ""))


LOCALHOST = ("127.0.0.1", "localhost", "::1")


def global_url(url: str, listen_address: str, external_url: str) -> str:
    """`url` as others can reach it: this machine's names replaced by the host of the external URL."""
    parts, outside = urlsplit(url), urlsplit(external_url)
    if parts.port is None or parts.hostname not in LOCALHOST or not outside.hostname:
        return url
    if str(parts.port) == listen_address.rpartition(":")[2]:
        return urlunsplit(parts._replace(scheme=outside.scheme, netloc=outside.netloc))
    host = f"[{outside.hostname}]" if ":" in outside.hostname else outside.hostname
    return urlunsplit(parts._replace(netloc=f"{host}:{parts.port}"))
