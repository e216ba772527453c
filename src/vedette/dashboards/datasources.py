"""The data sources of this role: its own doors, and those of provisioning files."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from vedette.client.http import HttpClient
from vedette.dashboards.model.sources import DataSource

METRICS_UID, LOGS_UID, ALERTS_UID = "metrics", "logs", "alerts"
DEFAULT_INTERVAL = "15s"


def door_sources(metrics_url: str, logs_url: str, alerts_url: str) -> list[DataSource]:
    """The sources that stand for the roles themselves; an empty address leaves one out."""
    given = (
        DataSource(METRICS_UID, "Metrics", "prometheus", metrics_url.rstrip("/"), is_default=True),
        DataSource(LOGS_UID, "Logs", "loki", logs_url.rstrip("/")),
        DataSource(ALERTS_UID, "Alerts", "alertmanager", alerts_url.rstrip("/")),
    )
    return [source for source in given if source.url]


def merge(doors: Sequence[DataSource], provisioned: Sequence[DataSource]) -> tuple[DataSource, ...]:
    """Provisioned sources first; a door is added where its kind is missing. Exactly one is the default."""
    found = list(provisioned)
    kinds = {source.type for source in found}
    found += [door for door in doors if door.type not in kinds]
    default = next((s for s in found if s.is_default), None) or next(
        (s for s in found if s.type == "prometheus"), found[0] if found else None
    )
    return tuple(
        dataclasses.replace(source, number=index, is_default=source is default)
        for index, source in enumerate(found, start=1)
    )


class DataSources:
    """Looks sources up by uid, name or number."""

    def __init__(self, sources: Sequence[DataSource]) -> None:
        self._sources = tuple(sources)
        self._intervals: dict[str, str] = {}

    def __iter__(self) -> Iterator[DataSource]:
        return iter(self._sources)

    def by_uid(self, uid: str) -> DataSource | None:
        return next((s for s in self._sources if s.uid == uid), None)

    def by_name(self, name: str) -> DataSource | None:
        return next((s for s in self._sources if s.name == name), None)

    def by_number(self, number: int) -> DataSource | None:
        return next((s for s in self._sources if s.number == number), None)

    async def learn_intervals(self, client: HttpClient) -> None:
        """Asks each metrics door for its real scrape interval: a wrong one is why rate graphs come out empty."""
        for source in self._sources:
            if source.type != "prometheus" or source.json_data.get("timeInterval"):
                continue
            interval = await _scrape_interval(client, source)
            if interval:
                self._intervals[source.uid] = interval

    def describe(self, source: DataSource) -> dict[str, Any]:
        """`source` in the shape of Grafana's API; its address and secrets stay here."""
        json_data = dict(source.json_data)
        if source.type == "prometheus":
            json_data.setdefault("timeInterval", self._intervals.get(source.uid, DEFAULT_INTERVAL))
            json_data.setdefault("httpMethod", "POST")
        return {
            "id": source.number,
            "uid": source.uid,
            "orgId": 1,
            "name": source.name,
            "type": source.type,
            "typeLogoUrl": "",
            "access": "proxy",
            "url": f"/api/datasources/proxy/uid/{source.uid}",
            "user": "",
            "database": "",
            "basicAuth": False,
            "isDefault": source.is_default,
            "jsonData": json_data,
            "secureJsonFields": dict.fromkeys(source.headers, True),
            "readOnly": True,
        }


async def _scrape_interval(client: HttpClient, source: DataSource) -> str:
    try:
        async with client.request(
            "GET", f"{source.url}/api/v1/status/config", headers=source.headers, timeout_s=3
        ) as response:
            answer = await response.json(content_type=None)
        config = yaml.safe_load(answer["data"]["yaml"])
        return str(config["global"]["scrape_interval"])
    except (OSError, TimeoutError, ValueError, KeyError, TypeError, yaml.YAMLError):
        return ""
