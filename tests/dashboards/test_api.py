"""The HTTP API as Grafana's clients use it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest


async def until(running: Any, path: str, wanted: Any, *, seconds: float = 5.0) -> Any:
    """Asks again until `wanted(answer)` or the time is up; the last answer."""
    for _ in range(int(seconds / 0.1)):
        _, answer = await running.get(path)
        if wanted(answer):
            break
        await asyncio.sleep(0.1)
    return answer


def write(running: Any, name: str, document: object) -> None:
    (running.directory / name).write_text(json.dumps(document))


async def test_files_appear_change_and_go_without_a_restart(running: Any) -> None:
    write(running, "a.json", {"dashboard": {"title": "First", "tags": ["x"], "panels": [{"title": "p"}]}})
    found = await until(running, "/api/search", lambda hits: len(hits) == 1)
    assert [(h["uid"], h["title"], h["url"], h["type"]) for h in found] == [
        ("a", "First", "/d/a/first", "dash-db")
    ]
    write(running, "a.json", {"title": "Second", "panels": []})
    found = await until(running, "/api/search", lambda hits: hits[0]["title"] == "Second")
    assert found[0]["title"] == "Second"
    (running.directory / "a.json").unlink()
    assert await until(running, "/api/search", lambda hits: not hits) == []


async def test_a_broken_file_keeps_its_last_good_form_and_is_named(running: Any) -> None:
    write(running, "a.json", {"title": "Good", "panels": []})
    await until(running, "/api/search", lambda hits: len(hits) == 1)
    (running.directory / "a.json").write_text('{"title": "Bad",\n  oops}')
    status = await until(running, "/api/vedette/status", lambda s: s["dashboards"]["problems"])
    (problem,) = status["dashboards"]["problems"]
    assert problem["path"].endswith("a.json")
    assert problem["message"].startswith("line 2")
    assert (await running.get("/api/search"))[1][0]["title"] == "Good"


async def test_two_files_with_one_uid(running: Any) -> None:
    write(running, "a.json", {"title": "A", "uid": "same", "panels": []})
    write(running, "b.json", {"title": "B", "uid": "same", "panels": []})
    await running.role.reload()
    _, status = await running.get("/api/vedette/status")
    assert "already used" in status["dashboards"]["problems"][0]["message"]
    assert status["dashboards"]["total"] == 1


async def test_reading_one(running: Any) -> None:
    write(
        running,
        "api.json",
        {"dashboard": {"title": "API", "panels": [{"title": "x", "targets": [{"expr": "up"}]}]}},
    )
    await running.role.reload()
    code, answer = await running.get("/api/dashboards/uid/api")
    assert code == 200
    assert answer["dashboard"]["panels"][0]["type"] == "timeseries"
    assert answer["meta"]["provisioned"] is True
    assert answer["meta"]["provisionedExternalId"] == "api.json"
    assert isinstance(answer["dashboard"]["id"], int)


async def test_search(running: Any) -> None:
    for name in ("alpha one", "beta one", "gamma"):
        write(running, f"{name}.json", {"title": name, "tags": [name[0]], "panels": []})
    await running.role.reload()

    async def titles(query: str) -> list[str]:
        return [hit["title"] for hit in (await running.get(f"/api/search?{query}"))[1]]

    assert await titles("query=ONE") == ["alpha one", "beta one"]
    assert await titles("tag=g") == ["gamma"]
    assert await titles("limit=1&page=2") == ["beta one"]
    assert await titles("type=dash-folder") == []
    assert await titles("limit=nonsense") == ["alpha one", "beta one", "gamma"]


async def test_saving_versions_conflicts_and_deleting(running: Any) -> None:
    body = {"dashboard": {"title": "Saved", "panels": [{"title": "p"}]}, "message": "first"}
    code, answer = await running.send("POST", "/api/dashboards/db", json=body)
    assert (code, answer["status"], answer["version"], answer["uid"]) == (200, "success", 1, "saved")
    document = {**body["dashboard"], "uid": "saved", "version": 1}
    assert (await running.send("POST", "/api/dashboards/db", json={"dashboard": document}))[1]["version"] == 2
    code, answer = await running.send("POST", "/api/dashboards/db", json={"dashboard": document})
    assert (code, answer["status"]) == (412, "version-mismatch")
    code, answer = await running.send(
        "POST", "/api/dashboards/db", json={"dashboard": document, "overwrite": True}
    )
    assert (code, answer["version"]) == (200, 3)
    assert (await running.get("/api/dashboards/uid/saved"))[1]["meta"]["canSave"] is True
    assert (await running.send("DELETE", "/api/dashboards/uid/saved"))[0] == 200
    assert (await running.get("/api/dashboards/uid/saved"))[0] == 404


async def test_a_file_is_changed_in_its_file(running: Any) -> None:
    write(running, "a.json", {"title": "A", "panels": []})
    await running.role.reload()
    code, answer = await running.send(
        "POST", "/api/dashboards/db", json={"dashboard": {"uid": "a", "title": "A", "panels": []}}
    )
    assert (code, "provisioned" in answer["message"]) == (400, True)
    assert (await running.send("DELETE", "/api/dashboards/uid/a"))[0] == 400


@pytest.mark.parametrize(
    ("body", "part"),
    [
        (b"{", "bad request data"),
        (b"[]", "expected"),
        (b'{"dashboard": {"panels": []}}', "title cannot be empty"),
        (b'{"dashboard": {"title": "x", "uid": "a b", "panels": []}}', "uid"),
    ],
)
async def test_bad_saves_say_what_is_wrong(running: Any, body: bytes, part: str) -> None:
    code, answer = await running.send("POST", "/api/dashboards/db", data=body)
    assert code == 400
    assert part in answer["message"]


async def test_errors_have_grafanas_shape(running: Any) -> None:
    for path in (
        "/api/dashboards/uid/none",
        "/api/datasources/uid/none",
        "/api/datasources/proxy/uid/none/x",
        "/api/nothing",
    ):
        code, answer = await running.get(path)
        assert (code, next(iter(answer))) == (404, "message"), path


async def test_sources_carry_the_real_scrape_interval_and_no_address(running: Any) -> None:
    sources = await until(
        running, "/api/datasources", lambda all_: all_[0]["jsonData"]["timeInterval"] == "7s"
    )
    assert [(s["uid"], s["type"], s["isDefault"]) for s in sources] == [
        ("metrics", "prometheus", True),
        ("logs", "loki", False),
        ("alerts", "alertmanager", False),
    ]
    assert sources[0]["jsonData"]["timeInterval"] == "7s"
    assert running.doors["metrics"] not in json.dumps(sources)
    assert (await running.get("/api/datasources/uid/logs/health"))[1]["status"] == "OK"
    assert (await running.get("/api/datasources/name/Metrics"))[1]["uid"] == "metrics"
    assert (await running.get("/api/datasources/1"))[1]["uid"] == "metrics"


async def test_status_of_every_role(running: Any) -> None:
    _, status = await running.get("/api/vedette/status")
    roles = {role["name"]: role for role in status["roles"]}
    assert {name: role["state"] for name, role in roles.items()} == {
        "metrics": "ready",
        "alerts": "ready",
        "logs": "ready",
        "ship": "down",
        "dashboards": "ready",
    }
    assert roles["metrics"]["version"] == "3.9.9-door"
    assert roles["alerts"]["version"] == "0.7.7-door"
    assert roles["ship"]["message"] == "nothing listens there"
    targets = status["targets"]
    assert (targets["up"], targets["down"], targets["total"]) == (1, 1, 2)
    assert targets["failing"] == [{"pool": "node", "instance": "node:9100", "error": "connection refused"}]


async def test_what_clients_ask_first(running: Any) -> None:
    assert (await running.get("/api/health"))[1]["database"] == "ok"
    settings = (await running.get("/api/frontend/settings"))[1]
    assert settings["defaultDatasource"] == "Metrics"
    assert int(settings["buildInfo"]["version"].split(".")[0]) >= 9
    async with running.session.get(running.url + "/metrics") as answer:
        assert "grafana_http_requests_total" in await answer.text()


async def test_the_proxy_passes_questions_and_refusals_on(running: Any) -> None:
    code, answer = await running.get("/api/datasources/proxy/uid/metrics/api/v1/query?query=up&time=10")
    assert (code, answer["warnings"]) == (200, ["a warning from the door"])
    form = {"query": "sum(", "start": "0", "end": "10", "step": "5"}
    code, answer = await running.send(
        "POST", "/api/datasources/proxy/uid/metrics/api/v1/query_range", data=form
    )
    assert (code, answer["errorType"]) == (400, "bad_data")
    assert running.seen.requests[-1] == ("POST", "/api/v1/query_range", form)
    code, answer = await running.get("/api/datasources/proxy/1/api/v1/labels")
    assert answer["data"] == ["__name__", "instance", "job"]


async def test_the_proxy_keeps_cookies_and_other_headers_here(running: Any) -> None:
    headers = {
        "Cookie": "secret=1",
        "Authorization": "Bearer mine",
        "X-Forwarded-For": "1.2.3.4",
        "X-Scope-OrgID": "t",
    }
    await running.get("/api/datasources/proxy/uid/metrics/api/v1/labels", headers=headers)
    passed = running.seen.headers[-1]
    assert passed["x-scope-orgid"] == "t"
    assert not {"cookie", "authorization", "x-forwarded-for"} & passed.keys()


@pytest.mark.parametrize(
    "path", ["%2e%2e/secret", "api/..%2f..%2fetc", "api/v1/%2e%2e/%2e%2e/x", "a%5c..%5cb"]
)
async def test_the_proxy_does_not_leave_its_source(running: Any, path: str) -> None:
    reader, writer = await asyncio.open_connection(*running.url.removeprefix("http://").split(":"))
    writer.write(
        f"GET /api/datasources/proxy/uid/metrics/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    )
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 400"), answer[:80]
    # The role itself asks for the scrape interval now and then.
    own = "/api/v1/status/config"
    assert [asked for _, asked, _ in running.seen.requests if asked != own] == []


async def test_a_door_that_is_gone_is_named(running: Any) -> None:
    source = running.role._sources.by_uid("metrics")
    object.__setattr__(source, "url", "http://127.0.0.1:1")
    code, answer = await running.get("/api/datasources/proxy/uid/metrics/api/v1/labels")
    assert code == 502
    assert "Metrics does not answer: nothing listens on 127.0.0.1:1" in answer["message"]


async def test_the_live_tail_comes_through(running: Any) -> None:
    url = (
        running.url.replace("http", "ws")
        + "/api/datasources/proxy/uid/logs/loki/api/v1/tail?query=%7Bjob%3D%22api%22%7D"
    )
    async with running.session.ws_connect(url) as socket:
        message = await socket.receive_json(timeout=5)
        assert message["streams"][0]["stream"]["job"] == "api"
        assert (await socket.receive_json(timeout=5))["streams"]


async def test_a_tail_of_nowhere_is_closed(running: Any) -> None:
    url = running.url.replace("http", "ws") + "/api/datasources/proxy/uid/none/loki/api/v1/tail"
    with pytest.raises(aiohttp.WSServerHandshakeError):
        async with running.session.ws_connect(url) as socket:
            await socket.receive(timeout=5)


@pytest.mark.parametrize(
    "path",
    ["/", "/d/api/api", "/d/api", "/explore/metrics", "/explore", "/alerting", "/targets", "/dashboards"],
)
async def test_pages_are_one_page(running: Any, path: str) -> None:
    async with running.session.get(running.url + path) as answer:
        text = await answer.text()
    # Without a built UI the page says how to build it.
    assert answer.status in (200, 503)
    assert 'id="app"' in text if answer.status == 200 else "make setup" in text


@pytest.mark.parametrize(
    "path", ["/assets/../../service.py", "/assets/%2e%2e/%2e%2e/service.py", "/../service.py", "/nowhere"]
)
async def test_only_built_files_are_served(running: Any, path: str) -> None:
    reader, writer = await asyncio.open_connection(*running.url.removeprefix("http://").split(":"))
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    assert b"HTTP/1.1 404" in answer[:20]
    assert b"DashboardsRole" not in answer
