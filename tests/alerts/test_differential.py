"""Side by side with Debian's prometheus-alertmanager, and `amtool` at our door."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from alerts.service import served
from support.http_sink import HttpSink

pytestmark = pytest.mark.differential

CONFIG = """
global:
  slack_api_url: '{sink}/slack'
  pagerduty_url: '{sink}/pagerduty'
route:
  receiver: hook
  group_by: [alertname, job]
  group_wait: 300ms
  group_interval: 1s
  repeat_interval: 1h
  routes:
  - {{matchers: ['severity="critical"'], receiver: pager, continue: true}}
  - {{match_re: {{severity: 'critical|warning'}}, receiver: chat}}
inhibit_rules:
- {{source_matchers: ['severity="critical"'], target_matchers: ['severity="warning"'], equal: [job]}}
receivers:
- name: hook
  webhook_configs: [{{url: '{sink}/hook'}}]
- name: pager
  pagerduty_configs:
  - routing_key: k
    details: {{firing: '{{{{ template "pagerduty.default.instances" .Alerts.Firing }}}}', resolved: '{{{{ .Alerts.Resolved | len }}}}'}}
- name: chat
  slack_configs:
  - channel: '#a'
    send_resolved: true
    text: '{{{{ range .Alerts }}}}{{{{ .Annotations.summary }}}} {{{{ .Labels.SortedPairs.Values | join "," }}}} {{{{ end }}}}'
    fields: [{{title: t, value: '{{{{ .CommonLabels.job | toUpper }}}}', short: true}}]
"""
NEW_KEYS = ("notification_reason", "routeLabels")


def _write(config: str, folder: Path) -> Path:
    folder.mkdir()
    file = folder / "alertmanager.yml"
    file.write_text(config)
    return file


@contextlib.asynccontextmanager
async def original(config: str, folder: Path) -> AsyncIterator[str]:
    program = shutil.which("prometheus-alertmanager")
    if program is None:
        pytest.skip("prometheus-alertmanager is not installed")
    file = _write(config, folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        program,
        f"--config.file={file}",
        f"--storage.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{port}",
        "--web.external-url=http://am.example",
        "--web.route-prefix=/",
        "--cluster.listen-address=",
        stderr=asyncio.subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        async with aiohttp.ClientSession() as session:
            for _ in range(100):
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(f"{url}/-/ready") as response:
                        if response.status == 200:
                            break
                await asyncio.sleep(0.1)
        yield url
    finally:
        process.terminate()
        await process.wait()


def alert(end: str = "2099-01-01T00:00:00Z", **labels: str) -> dict[str, Any]:
    return {
        "labels": labels,
        "annotations": {"summary": f"<{labels['alertname']}> & co"},
        "startsAt": "2026-01-01T10:00:00.123456Z",
        "endsAt": end,
        "generatorURL": "http://prom.example/graph?g0.expr=up&g0.tab=1",
    }


STEPS = [
    [
        alert(alertname="Down", job="x", severity="critical", instance="b:1"),
        alert(alertname="Down", job="x", severity="critical", instance="a:1"),
        alert(alertname="Slow", job="x", severity="warning"),
        alert(alertname="Slow", job="y", severity="warning"),
        alert(alertname="Other", job="z"),
    ],
    [
        alert("2026-01-01T11:00:00Z", alertname="Down", job="x", severity="critical", instance="b:1"),
        alert("2026-01-01T11:00:00Z", alertname="Other", job="z"),
    ],
]


async def post(url: str, body: Any) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/api/v2/alerts", json=body) as response,
    ):
        assert response.status == 200, await response.text()


def _seen(sink: HttpSink) -> list[tuple[str, Any]]:
    """Bodies by receiver, in an order of their own, without what newer versions added."""
    out: list[tuple[str, Any]] = []
    for path, _, body in sink.requests:
        read = json.loads(body)
        out.append((path, {key: value for key, value in read.items() if key not in NEW_KEYS}))
    return sorted(out, key=lambda item: (item[0], json.dumps(item[1], sort_keys=True)))


@pytest.mark.slow
async def test_the_same_alerts_make_the_same_notifications(tmp_path: Path) -> None:
    async with HttpSink() as theirs, HttpSink() as ours:
        (tmp_path / "ours").mkdir()
        async with (
            original(CONFIG.format(sink=theirs.url), tmp_path / "theirs") as their_url,
            served(CONFIG.format(sink=ours.url), tmp_path / "ours") as (_, our_url),
        ):
            for count, step in zip((4, 7), STEPS, strict=True):
                for url in (their_url, our_url):
                    await post(url, step)
                await theirs.wait_for(count, timeout_s=30)
                await ours.wait_for(count, timeout_s=30)
            await asyncio.sleep(1.2)  # a further turn, in which nothing more may come
    assert _seen(ours) == _seen(theirs)


async def amtool(url: str, *arguments: str) -> str:
    program = shutil.which("amtool")
    if program is None:
        pytest.skip("amtool is not installed")
    process = await asyncio.create_subprocess_exec(
        program,
        f"--alertmanager.url={url}",
        "--timeout=20s",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    told = "\n".join(
        line for line in err.decode().splitlines() if not line.startswith("Warning: amtool version")
    )
    assert process.returncode == 0, told
    return out.decode()


_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
_WHEN = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC")


@pytest.mark.slow
async def test_amtool_is_told_the_same(tmp_path: Path) -> None:
    """Alerts, silences and routes asked of both; ids and times of the moment aside."""
    config = CONFIG.format(sink="http://127.0.0.1:9")
    (tmp_path / "ours").mkdir()
    async with (
        original(config, tmp_path / "theirs") as theirs,
        served(config, tmp_path / "ours") as (_, ours),
    ):
        told: dict[str, list[str]] = {theirs: [], ours: []}
        for url, answers in told.items():
            await post(url, STEPS[0])

            async def ask(*arguments: str, url: str = url, answers: list[str] = answers) -> str:
                answer = await amtool(url, *arguments)
                answers.append(_WHEN.sub("WHEN", _ID.sub("ID", answer)))
                return answer

            await ask("alert", "query")
            await ask("alert", "query", "alertname=Down", "-o", "extended")
            await ask("alert", "query", "--inhibited", "job=x")
            silence_id = (
                await ask("silence", "add", "job=y", "alertname=~S.*", "-a", "me", "-c", "why", "-d", "1h")
            ).strip()
            await ask("silence", "query")
            await ask("silence", "query", "job=y", "-o", "extended")
            await ask("alert", "query", "--silenced")
            await ask("silence", "update", silence_id, "-d", "2h", "-c", "longer")
            await ask("silence", "expire", silence_id)
            await ask("silence", "query", "--expired", "-q", "--within=1h")
            await ask("alert", "add", "New", "job=q", "--annotation=summary=n")
            await ask("alert", "query", "alertname=New")
            for labels in (("severity=critical",), ("severity=warning", "job=x"), ("job=x",)):
                await ask("config", "routes", "test", *labels)
            await ask("config", "routes", "show")
        for their_answer, our_answer in zip(told[theirs], told[ours], strict=True):
            assert our_answer == their_answer


async def test_amtool_shows_and_checks_our_configuration(tmp_path: Path) -> None:
    config = CONFIG.format(sink="http://127.0.0.1:9")
    async with served(config, tmp_path) as (_, url):
        shown = await amtool(url, "config", "show")
        assert "receiver: hook" in shown and "<secret>" in shown
        again = tmp_path / "shown.yml"
        again.write_text(shown)
        assert "SUCCESS" in await amtool(url, "check-config", str(again))
