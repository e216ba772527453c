"""The whole role through its doors: scraping, rules, alerts, queries, reload, restart."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import cramjam
import pytest
from aiohttp import web

from support import prompb
from support.doors import Client
from support.http_sink import HttpSink
from vedette.config.problems import ConfigError
from vedette.metrics.service import MetricsOptions, MetricsRole
from vedette.web.role import Listen, WebServer

RULES = """
groups:
- name: g
  rules:
  - {record: 'job:requests:sum', expr: sum by (job) (requests_total)}
  - alert: Loud
    expr: noise > 2
    labels: {severity: page}
    annotations: {summary: '{{ $labels.job }} makes {{ $value }} in {{ $externalLabels.region }}'}
"""


class Application:
    """Something to scrape. `page` is what it shows."""

    page = "requests_total 7\nnoise 1\n"

    async def __aenter__(self) -> Application:
        app = web.Application()
        app.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        server: Any = site._server
        self.port: int = server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._runner.cleanup()

    async def _metrics(self, request: web.Request) -> web.Response:
        return web.Response(text=self.page, content_type="text/plain")


def write_config(folder: Path, *, target: int = 1, alertmanager: int = 1, more: str = "") -> Path:
    path = folder / "prometheus.yml"
    path.write_text(
        "global:\n  scrape_interval: 200ms\n  scrape_timeout: 200ms\n  evaluation_interval: 200ms\n"
        "  external_labels: {region: eu}\n"
        f"alerting: {{alertmanagers: [{{static_configs: [{{targets: ['127.0.0.1:{alertmanager}']}}]}}]}}\n"
        "rule_files: ['rules*.yml']\n"
        f"scrape_configs:\n- job_name: app\n  static_configs: [{{targets: ['127.0.0.1:{target}']}}]\n{more}"
    )
    (folder / "rules.yml").write_text(RULES)
    return path


@contextlib.asynccontextmanager
async def running(config: Path, **more: Any) -> AsyncIterator[Client]:
    options = MetricsOptions(
        config_file=config,
        data_dir=config.parent / "data",
        listen=Listen(port=0),
        enable_lifecycle=True,
        **more,
    )
    role = MetricsRole(options)
    async with (
        role,
        WebServer(role.app, role.listen, grace_s=1) as server,
        Client(f"http://{server.address}") as client,
    ):
        yield client


async def until(client: Client, query: str, seconds: float = 10.0) -> list[Any]:
    """The result of an instant query as soon as there is one."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found: list[Any] = (await client.get("/api/v1/query", {"query": query})).data["result"]
        if found:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"{query} has no result after {seconds} s")


async def test_from_a_page_to_a_notification(tmp_path: Path) -> None:
    async with Application() as app, HttpSink() as alertmanager:
        config = write_config(tmp_path, target=app.port, alertmanager=alertmanager.port)
        async with running(config, external_url="http://metrics.example/prom/", route_prefix="/") as client:
            (recorded,) = await until(client, "job:requests:sum")
            assert recorded["metric"] == {"__name__": "job:requests:sum", "job": "app"}
            assert recorded["value"][1] == "7"
            (target,) = (await client.get("/api/v1/targets")).data["activeTargets"]
            assert (target["health"], target["labels"]["job"]) == ("up", "app")
            assert (await client.get("/api/v1/scrape_pools")).data == {"scrapePools": ["app"]}

            app.page = "requests_total 8\nnoise 5\n"
            await alertmanager.wait_for(1, 10)
            (alert,) = json.loads(alertmanager.requests[0][2])
            assert alert["labels"] == {
                "alertname": "Loud",
                "instance": f"127.0.0.1:{app.port}",
                "job": "app",
                "region": "eu",
                "severity": "page",
            }
            assert alert["annotations"] == {"summary": "app makes 5 in eu"}
            assert alert["generatorURL"] == "http://metrics.example/prom/graph?g0.expr=noise+%3E+2&g0.tab=1"
            (shown,) = (await client.get("/api/v1/alerts")).data["alerts"]
            assert (shown["state"], shown["value"]) == ("firing", "5e+00")
            await until(client, 'ALERTS{alertstate="firing"}')

            app.page = "requests_total 9\nnoise 0\n"
            await alertmanager.wait_for(2, 10)
            (end,) = json.loads(alertmanager.requests[1][2])
            assert end["startsAt"] == alert["startsAt"]
            assert end["endsAt"] < alert["endsAt"]
            assert (await client.get("/api/v1/alerts")).data["alerts"] == []
            known = (await client.get("/api/v1/alertmanagers")).data["activeAlertmanagers"]
            assert known == [{"url": f"{alertmanager.url}/api/v2/alerts"}]


async def test_a_restart_keeps_every_sample_and_the_state_of_alerts(tmp_path: Path) -> None:
    async with Application() as app:
        app.page = "noise 3\n"
        config = write_config(tmp_path, target=app.port)
        async with running(config) as client:
            await until(client, 'ALERTS{alertname="Loud"}')
            count = int((await until(client, "count_over_time(noise[1h])"))[0]["value"][1])
        async with running(config) as client:
            again = int((await until(client, "count_over_time(noise[1h])"))[0]["value"][1])
            assert again >= count
            status = (await client.get("/api/v1/status/tsdb")).data
            assert status["headStats"]["numSeries"] > 5


async def test_a_bad_file_is_refused_and_the_old_one_goes_on(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    async with running(config) as client:

        async def gauge() -> str:
            text = (await client.get("/metrics")).body.decode()
            (line,) = [
                x for x in text.splitlines() if x.startswith("prometheus_config_last_reload_successful ")
            ]
            return line.split()[1]

        (tmp_path / "rules2.yml").write_text("groups:\n- name: x\n  rules:\n  - record: a\n    expr: sum(\n")
        answer = await client.post("/-/reload")
        assert answer.status == 500
        assert (
            b"rules2.yml:5: groups[0].rules[0].expr: could not parse expression: 1:5: parse error"
            in answer.body
        )
        assert await gauge() == "0.0"
        names = [g["name"] for g in (await client.get("/api/v1/rules")).data["groups"]]
        assert names == ["g"]

        (tmp_path / "rules2.yml").write_text(
            "groups:\n- name: x\n  rules:\n  - record: a\n    expr: vector(1)\n"
        )
        write_config(tmp_path, more="- job_name: second\n  static_configs: []\n")
        assert (await client.post("/-/reload")).status == 200
        assert await gauge() == "1.0"
        names = [g["name"] for g in (await client.get("/api/v1/rules")).data["groups"]]
        assert names == ["g", "x"]
        assert (await client.get("/api/v1/scrape_pools")).data["scrapePools"] == ["app", "second"]
        assert "second" in (await client.get("/api/v1/status/config")).data["yaml"]

        text = config.read_text().replace("global:\n", "global:\n  query_log_file: queries.log\n")
        config.write_text(text + "storage: {tsdb: {retention: {time: 3d}}}\n")
        assert (await client.post("/-/reload")).status == 200
        assert (await client.get("/api/v1/status/runtimeinfo")).data["storageRetention"] == "3d"
        await client.get("/api/v1/query", {"query": "1+1", "time": "10"})
        lines = (tmp_path / "queries.log").read_text().splitlines()
        (line,) = (text for text in lines if "httpRequest" in text)  # the others are of rules
        logged = json.loads(line)
        when = "1970-01-01T00:00:10.000Z"
        assert logged["params"] == {"query": "1+1", "start": when, "end": when, "step": 0}
        assert logged["httpRequest"]["path"] == "/api/v1/query"


@pytest.mark.parametrize("text", ["scrape_configs: [{}]\n", "global: {scrape_intervall: 1s}\n", "a: b: c\n"])
async def test_a_start_with_a_bad_file_says_why(tmp_path: Path, text: str) -> None:
    path = tmp_path / "prometheus.yml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"prometheus\.yml:1"):
        async with running(path):
            raise AssertionError("started")


async def test_a_start_that_fails_gives_the_store_back(tmp_path: Path) -> None:
    broken = (
        "- job_name: tls\n  tls_config: {ca_file: none.pem}\n  static_configs: [{targets: ['127.0.0.1:1']}]\n"
    )
    config = write_config(tmp_path, more=broken)
    with pytest.raises(ConfigError, match='job "tls"'):
        async with running(config):
            raise AssertionError("started")
    write_config(tmp_path)
    async with running(config) as client:
        assert (await client.get("/-/ready")).status == 200


async def test_a_data_directory_in_use_is_named(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    async with running(config):
        with pytest.raises(ConfigError, match="data"):
            async with running(config):
                raise AssertionError("started")


async def test_remote_write_federation_and_deletion(tmp_path: Path) -> None:
    now = time.time_ns() // 10**6
    pushed = prompb.write_request(
        [
            ([("__name__", "temp"), ("room", "a")], [(now - 1000, 20.5), (now, 21.0)]),
            ([("__name__", "temp"), ("room", "b")], [(now, 1e9)]),
            ([("__name__", "my.name"), ("instance", "x")], [(now, float("inf"))]),
        ]
    )
    body = bytes(cramjam.snappy.compress_raw(pushed))
    headers = {"Content-Encoding": "snappy", "Content-Type": "application/x-protobuf"}
    config = write_config(tmp_path)
    async with running(config) as client:
        assert (await client.post("/api/v1/write", body, headers=headers)).status == 404
        status, kind, text = (await client.post("/api/v1/admin/tsdb/clean_tombstones")).error
        assert (status, kind, text) == (500, "unavailable", "admin APIs disabled")
    async with running(config, enable_remote_write_receiver=True, enable_admin_api=True) as client:
        assert (await client.post("/api/v1/write", body, headers=headers)).status == 204
        again = await client.post("/api/v1/write", body.replace(b"a", b"a"), headers=headers)
        assert again.status in (204, 400)
        assert (await client.post("/api/v1/write", b"x", headers=headers)).status == 400
        wrong = {**headers, "Content-Type": "application/x-protobuf;proto=io.prometheus.write.v2.Request"}
        assert (await client.post("/api/v1/write", body, headers=wrong)).status == 415
        page = await client.get("/federate", [("match[]", "temp"), ("match[]", '{__name__="my.name"}')])
        assert page.body.decode() == (
            '# TYPE "my.name" untyped\n'
            f'{{"my.name",instance="x",region="eu"}} +Inf {now}\n'
            "# TYPE temp untyped\n"
            f'temp{{instance="",region="eu",room="a"}} 21 {now}\n'
            f'temp{{instance="",region="eu",room="b"}} 1000000000 {now}\n'
        )
        assert (await client.get("/federate")).body == b""
        assert (await client.post("/api/v1/admin/tsdb/delete_series?match[]=temp{room='a'}")).status == 204
        left = (await client.get("/api/v1/query", {"query": "temp"})).data["result"]
        assert [r["metric"]["room"] for r in left] == ["b"]


async def test_questions_and_refusals(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    async with running(config) as client:
        instant = (await client.post("/api/v1/query", {"query": "1 + 1", "time": "12.5"})).data
        assert instant == {"resultType": "scalar", "result": [12.5, "2"]}
        ranged = {"query": "vector(time())", "start": "0", "end": "2", "step": "1", "stats": "true"}
        answer = (await client.get("/api/v1/query_range", ranged)).data
        assert answer["result"] == [{"metric": {}, "values": [[0, "0"], [1, "1"], [2, "2"]]}]
        assert answer["stats"]["samples"]["totalQueryableSamples"] == 0
        for query, refusal in {
            "sum(": (400, "bad_data", 'invalid parameter "query": 1:5: parse error: '),
            "": (
                400,
                "bad_data",
                'invalid parameter "query": unknown position: parse error: no expression found in input',
            ),
            'label_replace(vector(1), "a b\xff", "$1", "", "(")': (422, "execution", ""),
        }.items():
            found = (await client.get("/api/v1/query", {"query": query})).error
            assert found[:2] == refusal[:2]
            assert found[2].startswith(refusal[2])
        hasty = {"query": "count_over_time(vector(1)[1h:1s])", "timeout": "0"}
        assert (await client.get("/api/v1/query", hasty)).error[:2] == (503, "timeout")
        limited = {"query": 'label_replace(vector(1), "a", "b", "", "") or vector(2)', "limit": "1"}
        answer = await client.get("/api/v1/query", limited)
        assert len(answer.data["result"]) == 1
        assert answer.json["warnings"] == ["results truncated due to limit"]
        assert (
            await client.get("/api/v1/format_query", {"query": "sum(up)by(job)"})
        ).data == "sum by (job) (up)"
        assert (await client.get("/api/v1/series")).error == (
            400,
            "bad_data",
            "no match[] parameter provided",
        )
        empty = "match[] must contain at least one non-empty matcher"
        for path, said in (("series", f'invalid parameter "match[]": {empty}'), ("labels", empty)):
            answer = await client.get(f"/api/v1/{path}", {"match[]": '{a=""}'})
            assert answer.error == (400, "bad_data", said)
        assert (await client.get("/federate", {"match[]": "{}"})).body == b""
        bad = await client.get("/federate", {"match[]": "up offset 5m"})
        assert (bad.status, bad.body) == (400, b"1:4: parse error: unexpected <offset>")
        assert (await client.get("/api/v1/none")).status == 404
        assert (await client.get("/api/v1/status/buildinfo")).data["application"] == "Vedette"
        assert (await client.get("/api/v1/status/runtimeinfo")).data["storageRetention"] == "15d"
        assert (await client.get("/-/ready")).status == 200
