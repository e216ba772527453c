"""The doors: answers, refusals, and what the original says to the same requests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from alerts.service import served
from support.http_sink import HttpSink

CONFIG = """
route:
  receiver: w
  group_by: [alertname]
  group_wait: 1s
  routes:
  - {matchers: [team="b"], receiver: other}
inhibit_rules:
- {source_matchers: [severity="critical"], target_matchers: [severity="warning"], equal: [job]}
receivers:
- name: w
- name: other
"""


class Door:
    """Answers as (status, JSON or text)."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session, self.url = session, url

    async def ask(
        self, method: str, path: str, body: Any = None, raw: bytes | None = None
    ) -> tuple[int, Any]:
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        async with self.session.request(method, f"{self.url}{path}", data=data, headers=headers) as response:
            text = await response.text()
            try:
                return response.status, json.loads(text)
            except json.JSONDecodeError:
                return response.status, text

    async def get(self, path: str) -> Any:
        status, body = await self.ask("GET", path)
        assert status == 200, body
        return body

    async def names(self, query: str = "") -> list[str]:
        found = await self.get(f"/api/v2/alerts{query}")
        return sorted(alert["labels"]["alertname"] for alert in found)


@pytest_asyncio.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with served(CONFIG, tmp_path) as (_, url), aiohttp.ClientSession() as session:
        yield Door(session, url)


def silence(**over: Any) -> dict[str, Any]:
    return {
        "matchers": [{"name": "alertname", "value": "A", "isRegex": False}],
        "startsAt": "2020-01-01T00:00:00Z",
        "endsAt": "2099-01-01T00:00:00Z",
        "createdBy": "me",
        "comment": "c",
        **over,
    }


async def test_alerts_come_and_are_listed(door: Door) -> None:
    alert = {
        "labels": {"alertname": "A", "empty": ""},
        "annotations": {"summary": "s"},
        "generatorURL": "http://g/",
        "endsAt": "2099-01-01T00:00:00Z",
        "startsAt": "2026-01-01T00:00:00.123456789Z",
    }
    assert await door.ask("POST", "/api/v2/alerts", [alert]) == (200, "")
    (shown,) = await door.get("/api/v2/alerts")
    updated = shown.pop("updatedAt")
    assert updated.endswith("Z") and len(updated) == 24
    assert shown == {
        "annotations": {"summary": "s"},
        "endsAt": "2099-01-01T00:00:00.000Z",
        "fingerprint": "d2c6efc389df0927",
        "receivers": [{"name": "w"}],
        "startsAt": "2026-01-01T00:00:00.123Z",
        "status": {"inhibitedBy": [], "mutedBy": [], "silencedBy": [], "state": "active"},
        "generatorURL": "http://g/",
        "labels": {"alertname": "A"},
    }
    (group,) = await door.get("/api/v2/alerts/groups")
    assert (group["labels"], group["receiver"], len(group["alerts"])) == (
        {"alertname": "A"},
        {"name": "w"},
        1,
    )


async def test_an_alert_that_ended_is_not_listed(door: Door) -> None:
    body = [
        {"labels": {"alertname": "A"}, "startsAt": "2020-01-01T00:00:00Z", "endsAt": "2020-01-02T00:00:00Z"}
    ]
    assert (await door.ask("POST", "/api/v2/alerts", body))[0] == 200
    assert await door.names() == []


# Every answer below was given by Alertmanager 0.25 itself, but for the UTF-8 names that 0.27 allowed.
@pytest.mark.parametrize(
    ("body", "want"),
    [
        ([{"labels": {}}], (400, "at least one label pair required")),
        ([{"labels": {"a": ""}}], (400, "at least one label pair required")),
        ([{"labels": {"": "x"}}], (400, 'invalid label set: invalid name ""')),
        ([{"annotations": {"a": "x"}}], (422, {"code": 602, "message": "0.labels in body is required"})),
        ([{"labels": {"a": "x"}, "startsAt": "2026-01-02T00:00:00Z", "endsAt": "2026-01-01T00:00:00Z"}], (400, "start time must be before end time")),
    ],
)  # fmt: skip
async def test_bad_alerts(door: Door, body: Any, want: Any) -> None:
    assert await door.ask("POST", "/api/v2/alerts", body) == want


async def test_the_good_ones_beside_a_bad_one_are_kept(door: Door) -> None:
    body = [{"labels": {}}, {"labels": {"alertname": "A"}}, {"labels": {"": "x"}}]
    status, told = await door.ask("POST", "/api/v2/alerts", body)
    assert (status, told) == (400, 'at least one label pair required; invalid label set: invalid name ""')
    assert await door.names() == ["A"]


@pytest.mark.parametrize("raw", [b"", b"{bad", b'{"a": 1}', b"[1]", b'[{"labels": {"a": 1}}]', b'[{"labels": {"a": "b"}, "startsAt": "soon"}]', b"\xff"])  # fmt: skip
async def test_nonsense_is_refused(door: Door, raw: bytes) -> None:
    for path in ("/api/v2/alerts", "/api/v2/silences"):
        status, body = await door.ask("POST", path, raw=raw)
        assert status in (400, 422) and set(body) == {"code", "message"}, body


async def test_filters(door: Door) -> None:
    alerts = [
        {"labels": {"alertname": "Down", "job": "x", "severity": "critical"}},
        {"labels": {"alertname": "Slow", "job": "x", "severity": "warning"}},
        {"labels": {"alertname": "Odd", "job": "y", "team": "b"}},
    ]
    await door.ask("POST", "/api/v2/alerts", alerts)
    matchers = [{"name": "job", "value": "y|z", "isRegex": True}]
    _, made = await door.ask("POST", "/api/v2/silences", silence(matchers=matchers))
    assert await door.names() == ["Down", "Odd", "Slow"]
    assert await door.names("?silenced=false") == ["Down", "Slow"]
    assert await door.names("?inhibited=false") == ["Down", "Odd"]
    assert await door.names("?active=false") == ["Odd", "Slow"]
    assert await door.names("?filter=job%3D%22x%22&filter=severity!%3Dcritical") == ["Slow"]
    assert await door.names("?filter=team%3D%22%22") == ["Down", "Slow"]
    assert await door.names("?filter=%7Bjob%3D~%22x%7Cy%22,team!%3D%22%22%7D") == ["Odd"]
    assert await door.names("?receiver=oth.*") == ["Odd"]
    assert await door.names("?receiver=oth") == []
    by_name = {alert["labels"]["alertname"]: alert for alert in await door.get("/api/v2/alerts")}
    assert by_name["Odd"]["status"] == {
        "inhibitedBy": [],
        "mutedBy": [],
        "silencedBy": [made["silenceID"]],
        "state": "suppressed",
    }
    assert by_name["Slow"]["status"]["inhibitedBy"] == [by_name["Down"]["fingerprint"]]
    groups = await door.get("/api/v2/alerts/groups?receiver=w")
    assert [group["labels"]["alertname"] for group in groups] == ["Down", "Slow"]


async def test_bad_filters(door: Door) -> None:
    assert await door.ask("GET", "/api/v2/alerts?filter=bad%20filter") == (
        400,
        "bad matcher format: bad filter",
    )
    assert await door.ask("GET", "/api/v2/silences?filter=%7B") == (400, "bad matcher format: {")
    status, told = await door.ask("GET", "/api/v2/alerts?receiver=((")
    assert status == 400 and told.startswith(
        "failed to parse receiver param: error parsing regexp: missing closing )"
    )


async def test_the_life_of_a_silence(door: Door) -> None:
    _, made = await door.ask("POST", "/api/v2/silences", silence())
    found = await door.get(f"/api/v2/silence/{made['silenceID']}")
    assert found["status"] == {"state": "active"} and found["endsAt"] == "2099-01-01T00:00:00.000Z"
    assert found["matchers"] == [{"isEqual": True, "isRegex": False, "name": "alertname", "value": "A"}]
    # A later end changes it in place; another matcher makes a new one.
    changed = silence(id=found["id"], startsAt=found["startsAt"], endsAt="2098-01-01T00:00:00Z")
    assert await door.ask("POST", "/api/v2/silences", changed) == (200, made)
    other = changed | {"matchers": [{"name": "alertname", "value": "B.*", "isRegex": True, "isEqual": True}]}
    _, second = await door.ask("POST", "/api/v2/silences", other)
    assert second != made
    states = {s["id"]: s["status"]["state"] for s in await door.get("/api/v2/silences")}
    assert states == {made["silenceID"]: "expired", second["silenceID"]: "active"}
    assert [s["id"] for s in await door.get("/api/v2/silences?expired=false")] == [second["silenceID"]]
    assert (await door.ask("DELETE", f"/api/v2/silence/{second['silenceID']}"))[0] == 200
    assert {s["status"]["state"] for s in await door.get("/api/v2/silences")} == {"expired"}


@pytest.mark.parametrize(
    ("body", "want"),
    [
        (silence(matchers=[]), (422, {"code": 612, "message": "matchers in body should have at least 1 items"})),
        (silence(matchers=[{"name": "a", "value": "", "isRegex": False}]), (400, "silence invalid: at least one matcher must not match the empty string")),
        (silence(matchers=[{"name": "a", "value": "(", "isRegex": True}]), (400, 'silence invalid: invalid label matcher 0: invalid regular expression "(": error parsing regexp: missing closing ): `(`')),
        (silence(endsAt="2019-01-01T00:00:00Z"), (400, "Failed to create silence: start time must be before end time")),
        (silence(endsAt="2020-01-01T00:00:01Z"), (400, "Failed to create silence: end time can't be in the past")),
        (silence(id="2a8e2d0d-13b3-4a6b-b7f8-a9b2a4ff0000"), (404, "silence not found")),
        ({k: v for k, v in silence().items() if k != "comment"}, (422, {"code": 602, "message": "comment in body is required"})),
    ],
)  # fmt: skip
async def test_bad_silences(door: Door, body: Any, want: Any) -> None:
    assert await door.ask("POST", "/api/v2/silences", body) == want


def of_type(given: str, field: str, wanted: str) -> str:
    return f"json: cannot unmarshal {given} into Go struct field {field} of type {wanted}"


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (silence(createdBy={}), of_type("object", "Silence.createdBy", "string")),
        (silence(comment=[1]), of_type("array", "Silence.comment", "string")),
        (silence(matchers=[{"name": "a", "value": 1, "isRegex": False}]), of_type("number", "Matcher.matchers.value", "string")),
        (silence(matchers=[{"name": "a", "value": "b", "isRegex": "no"}]), of_type("string", "Matcher.matchers.isRegex", "bool")),
    ],
)  # fmt: skip
async def test_wrong_types_in_silences_are_refused_in_the_words_of_the_original(
    door: Door, body: Any, complaint: str
) -> None:
    status, told = await door.ask("POST", "/api/v2/silences", body)
    assert (status, told["message"]) == (400, f'parsing silence body from "" failed, because {complaint}')


async def test_wrong_types_in_alerts(door: Door) -> None:
    alert = {"labels": {"alertname": "A"}}
    status, told = await door.ask("POST", "/api/v2/alerts", [alert | {"generatorURL": 1}])
    assert status == 400 and told["message"].endswith(of_type("number", "Alert.generatorURL", "string"))
    absent = {"code": 602, "message": "0.labels in body is required"}
    assert await door.ask("POST", "/api/v2/alerts", [alert | {"labels": None}]) == (422, absent)
    assert await door.names() == []


async def test_empty_bodies(door: Door) -> None:
    assert await door.ask("POST", "/api/v2/alerts", raw=b"null") == (200, "")
    absent = {"code": 602, "message": "alerts in body is required"}
    assert await door.ask("POST", "/api/v2/alerts", raw=b"") == (422, absent)
    status, told = await door.ask("POST", "/api/v2/silences", raw=b"null")
    assert status == 422 and "comment in body is required" in told["message"]


async def test_unknown_silences(door: Door) -> None:
    unknown = "/api/v2/silence/2a8e2d0d-13b3-4a6b-b7f8-a9b2a4ff0000"
    assert await door.ask("GET", unknown) == (404, "")
    assert await door.ask("DELETE", unknown) == (404, "silence not found")
    message = 'silenceID in path must be of type uuid: "abc"'
    assert await door.ask("GET", "/api/v2/silence/abc") == (422, {"code": 601, "message": message})


async def test_the_other_doors(door: Door) -> None:
    assert await door.get("/api/v2/receivers") == [{"name": "w"}, {"name": "other"}]
    status = await door.get("/api/v2/status")
    assert (
        status["cluster"] == {"status": "disabled", "peers": []}
        and "receiver: w" in status["config"]["original"]
    )
    assert await door.ask("GET", "/api/v2/no") == (
        404,
        {"code": 404, "message": "path /api/v2/no was not found"},
    )
    assert (await door.ask("GET", "/api/v1/alerts"))[0] == 410
    assert await door.ask("GET", "/-/healthy") == (200, "OK")
    assert await door.ask("GET", "/-/ready") == (200, "OK")
    assert (await door.ask("GET", "/-/reload"))[0] == 405
    metrics = await door.get("/metrics")
    for line in ("alertmanager_config_last_reload_successful 1.0", 'alertmanager_notifications_total{integration="slack"} 0.0', "alertmanager_build_info"):  # fmt: skip
        assert line in metrics


async def test_a_bad_file_does_not_replace_a_good_one(tmp_path: Path) -> None:
    async with served(CONFIG, tmp_path) as (_, url), aiohttp.ClientSession() as session:
        door = Door(session, url)
        file = tmp_path / "alertmanager.yml"
        file.write_text(CONFIG.replace("receiver: other", "receiver: nobody"))
        status, told = await door.ask("POST", "/-/reload")
        assert status == 500 and 'undefined receiver "nobody"' in told and "alertmanager.yml:7" in told
        assert "alertmanager_config_last_reload_successful 0.0" in await door.get("/metrics")
        assert len(await door.get("/api/v2/receivers")) == 2
        file.write_text(CONFIG + "- name: third\n")
        assert (await door.ask("POST", "/-/reload"))[0] == 200
        assert len(await door.get("/api/v2/receivers")) == 3


async def test_a_notification_leaves_and_is_in_the_history(tmp_path: Path) -> None:
    async with HttpSink() as sink, aiohttp.ClientSession() as session:
        config = f"""
route: {{receiver: w, group_by: [alertname], group_wait: 0s, group_interval: 1s, routes: [{{matchers: [a=b], receiver: bad}}]}}
receivers:
- {{name: w, webhook_configs: [{{url: '{sink.url}/w'}}]}}
- {{name: bad, webhook_configs: [{{url: 'http://127.0.0.1:1/secret'}}]}}
"""
        async with served(config, tmp_path) as (_, url):
            door = Door(session, url)
            await door.ask("POST", "/api/v2/alerts", [{"labels": {"alertname": "A"}}])
            await sink.wait_for(1)
            for _ in range(50):
                history = await door.get("/api/vedette/notifications")
                if history:
                    break
                await asyncio.sleep(0.05)
            (sent,) = history
            assert (sent["receiver"], sent["integration"], sent["reason"], sent["outcome"]) == (
                "w",
                "webhook[0]",
                "first notification",
                "sent",
            )
            assert sent["groupLabels"] == {"alertname": "A"} and sent["firing"] == 1
            assert await door.get("/api/vedette/notifications?receiver=x") == []
            metrics = await door.get("/metrics")
            assert 'alertmanager_notifications_total{integration="webhook"} 1.0' in metrics
