"""The same pages scraped by Debian's Prometheus and by us: the same ones refused, the same series stored.

Prometheus 2.42 knows neither quoted names nor one spelling of boundaries, so the pages have none of the former and
write the latter as 3.x would.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry

from support.exporter import OPENMETRICS_TYPE, TEXT_TYPE, Exporter
from support.memory_storage import MemoryStorage
from vedette.config.document import parse_document
from vedette.metrics.config import config_of
from vedette.metrics.scrape import ScrapeManager
from vedette.model.labels import Labels
from vedette.model.values import format_value, is_stale

pytestmark = [
    pytest.mark.slow,
    pytest.mark.differential,
    pytest.mark.skipif(shutil.which("prometheus") is None, reason="Debian's prometheus is not installed"),
]

TEXT_PAGE = b"""\
# HELP a_total Text with \\\\ and \\n.
# TYPE a_total counter
a_total{method="post",code="200"} 1027
a_total{method="post" , code = "400",}    3
# a remark
path{path="C:\\\\DIR\\\\FILE",error="\\"x\\"\\nline"} 1.458255915e9
plain 12.47
# TYPE h histogram
h_bucket{le="0.5"} 1
h_bucket{le="+Inf"} 2
h_sum 1.7560473e+07
clash{job="mine",instance="other",exported_job="x"} 1
dropped_by_rule 1
odd{} -Inf
twice 1
twice 2
last NaN
"""
OPENMETRICS_PAGE = b"""\
# HELP a help with \\" and \\n
# TYPE a_seconds counter
# UNIT a_seconds seconds
a_seconds_total{code="200"} 1.0 # {trace_id="x # y",b="c"} 0.67 1520879607.789
a_seconds_total{code="500"} 17
# TYPE b gauge
b{c="d"} NaN
b{c="e"} -0
dropped_by_rule 1
clash{job="mine"} 2.5e3
# EOF
"""
RULES = """
    metric_relabel_configs:
    - {source_labels: [__name__], regex: dropped_.*, action: drop}
    - {source_labels: [code], regex: (.).*, target_label: class, replacement: "${1}xx"}
"""
BLURRED = ("scrape_duration_seconds",)


def pages() -> list[tuple[bytes, str]]:
    chance = random.Random(20)
    made = [(TEXT_PAGE, TEXT_TYPE), (OPENMETRICS_PAGE, OPENMETRICS_TYPE), (b"", TEXT_TYPE)]
    while len(made) < 200:
        page, content_type = chance.choice(made[:2])
        changed = bytearray(page)
        for _ in range(chance.randint(1, 2)):
            at = chance.randrange(len(changed))
            if chance.random() < 0.5:
                del changed[at : at + chance.randint(1, 4)]
            else:
                changed[at : at + chance.randint(0, 1)] = bytes(
                    [chance.choice(b"\n {}=\\#,_aE0. \t\xff\xc3")]
                )
        text = bytes(changed)
        if comparable(text):
            made.append((text, content_type))
    return made


def comparable(page: bytes) -> bool:
    """Whether the two can agree on a page.

    They can't on quoted names, boundaries in another spelling, and timestamps far from now; and the original makes
    blanks before a name part of it, where the format says that they mean nothing.
    """
    if re.search(rb'[{,]\s*"|(?:^|\n)[ \t]+|\d[ \t]+\d+[ \t]*(\n|$| #)', page):
        return False
    return all(boundary in (b"0.5", b"+Inf") for boundary in re.findall(rb'le="([^"]*)"', page))


def configuration(address: str, count: int) -> str:
    groups = "".join(
        f"    - {{targets: ['{address}'], labels: {{page: 'p{number}', __metrics_path__: '/{number}'}}}}\n"
        for number in range(count)
    )
    jobs = "".join(
        f"  - job_name: {name}\n    honor_labels: {honor}\n    static_configs:\n{groups}{RULES}"
        for name, honor in (("renames", "false"), ("honors", "true"))
    )
    return f"global: {{scrape_interval: 2s, scrape_timeout: 2s}}\nscrape_configs:\n{jobs}"


def ask(port: int, query: str) -> list[dict[str, Any]]:
    url = f"http://127.0.0.1:{port}/api/v1/query?" + urllib.parse.urlencode({"query": query})
    with urllib.request.urlopen(url, timeout=10) as answer:
        result: list[dict[str, Any]] = json.load(answer)["data"]["result"]
        return result


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def theirs(config: str, folder: Path, targets: int) -> dict[Labels, str]:
    (folder / "prometheus.yml").write_text(config)
    port = free_port()
    server = subprocess.Popen(  # noqa: ASYNC220 (outlives the call)
        [
            "prometheus",
            f"--config.file={folder}/prometheus.yml",
            f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=error",
        ]
    )
    try:
        end = time.monotonic() + 30
        while True:
            try:
                if len(await asyncio.to_thread(ask, port, "scrape_series_added offset 2s")) == targets:
                    break
            except OSError:
                pass
            assert time.monotonic() < end
            await asyncio.sleep(0.3)
        found = await asyncio.to_thread(ask, port, '{page!=""}')
        return {Labels(row["metric"]): row["value"][1] for row in found}
    finally:
        server.terminate()
        server.wait()


async def ours(config: str, targets: int) -> dict[Labels, str]:
    storage = MemoryStorage()
    async with ScrapeManager(storage, registry=CollectorRegistry()) as manager:
        await manager.apply(config_of(parse_document(config, path="/p.yml", env={}), {}))
        end = time.monotonic() + 30
        while sum(len(storage.series(s)) >= 2 for s in storage.sets if s.name == "up") < targets:
            assert time.monotonic() < end
            await asyncio.sleep(0.1)
    newest = {labels: storage.series(labels)[-1:] for labels in list(storage.sets)}
    return {s: format_value(at[0][1]) for s, at in newest.items() if at and not is_stale(at[0][1])}


async def test_the_same_pages_and_series(tmp_path: Path) -> None:
    made = pages()

    async def page(request: web.Request) -> web.Response:
        body, content_type = made[int(request.match_info["path"])]
        return web.Response(body=body, headers={"Content-Type": content_type})

    async with Exporter() as exporter:
        exporter.handler = page
        config = configuration(exporter.address, len(made))
        want = await theirs(config, tmp_path, 2 * len(made))
        got = await ours(config, 2 * len(made))
    want = {k: v for k, v in want.items() if k.name not in BLURRED and k.name != "scrape_series_added"}
    got = {k: v for k, v in got.items() if k.name not in BLURRED and k.name != "scrape_series_added"}
    differing = {
        str(labels): (want.get(labels), got.get(labels))
        for labels in want.keys() | got.keys()
        if want.get(labels) != got.get(labels)
    }
    numbers = {re.search(r'page="p(\d+)"', labels)[1] for labels in differing}  # type: ignore[index]
    assert not differing, [made[int(number)][0] for number in sorted(numbers)]
    refused = sum(value == "0" for labels, value in got.items() if labels.name == "up")
    assert 50 < refused < 2 * len(made) - 50
