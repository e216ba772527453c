"""``stats=all``: the samples of each step, as Debian's Prometheus counts them."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cramjam
import pytest

from support import prompb
from support.metrics_server import STEP_S, made_up, metrics_server
from support.servers import free_port

pytestmark = [
    pytest.mark.differential,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("prometheus") is None, reason="Debian's prometheus is not installed"),
]
FEATURE = "promql-per-step-stats"
QUERIES = [
    "1 + 1",
    "http_requests_total",
    "sum by (job) (http_requests_total)",
    "http_requests_total + on (endpoint, status) http_requests_total",
    "rate(http_requests_total[1m])",
    "sum by (endpoint) (rate(http_requests_total[5m]))",
    "increase(http_requests_total[2m] offset 1m)",
    "avg_over_time(gap[100s])",
    "gap",
    "absent(nothing)",
    "absent_over_time(nothing[5m])",
    "topk(2, rate(http_requests_total[1m]))",
    "quantile_over_time(0.9, wave[3m])",
    "max_over_time(wave[2m:20s])",
    "max_over_time(rate(http_requests_total[1m])[2m:20s])",
    "sum_over_time(sum(http_requests_total)[3m:1m])",
    "max_over_time(min_over_time(wave[1m:10s])[2m:20s])",
    "wave @ START",
    "sum(rate(http_requests_total[1m] @ START))",
    "timestamp(wave)",
    "timestamp(wave @ START)",
    "histogram_quantile(0.9, rate(latency_seconds_bucket[1m]))",
    "wave and wave > 0 or gap",
    "scalar(wave) * vector(1) + time()",
    "label_replace(temperature, 'x', '$1', 'job', '(.*)')",
    "count_values('v', http_requests_total)",
    "sort_desc(temperature) unless wave",
    "rate(http_requests_total[1m]) / ignoring () rate(http_requests_total[1m])",
    "deriv(wave[1m]) > bool 0",
]


@contextlib.contextmanager
def original(folder: Path) -> Iterator[str]:
    (folder / "prometheus.yml").write_text("global: {}\n")
    port = free_port()
    program = subprocess.Popen(
        [
            "prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/original",
            f"--web.listen-address=127.0.0.1:{port}", "--web.enable-remote-write-receiver", "--log.level=error",
            f"--enable-feature={FEATURE}",
        ],
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/-/ready", timeout=5):
                break
            time.sleep(0.1)
        yield url
    finally:
        program.terminate()
        program.wait(10)


def ask(url: str, path: str, **params: object) -> dict[str, Any]:
    text = urllib.parse.urlencode(params)
    with urllib.request.urlopen(f"{url}/api/v1/{path}?{text}", timeout=30) as answer:
        found: dict[str, Any] = json.load(answer)["data"]["stats"]["samples"]
    return found


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, int]]:
    folder = tmp_path_factory.mktemp("stats")
    with metrics_server(folder, features=frozenset([FEATURE])) as ours, original(folder) as theirs:
        body = bytes(cramjam.snappy.compress_raw(prompb.write_request(made_up(ours.start_s))))
        headers = {"Content-Encoding": "snappy", "Content-Type": "application/x-protobuf"}
        request = urllib.request.Request(f"{theirs}/api/v1/write", body, headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.status == 204
        yield theirs, ours.url, ours.start_s


@pytest.mark.parametrize("query", QUERIES)
def test_every_step_counts_the_same(query: str, both: tuple[str, str, int]) -> None:
    theirs, ours, start = both
    # Off every grid: ranges of 2.42 are closed on the left, those of 3.x open.
    first = start + 20 * STEP_S + 7.5
    query = query.replace("START", str(first))
    asked = {"query": query, "start": first, "end": first + 8 * 37, "step": 37, "stats": "all"}
    want, got = (ask(url, "query_range", **asked) for url in (theirs, ours))
    assert got["totalQueryableSamplesPerStep"] == want["totalQueryableSamplesPerStep"]
    assert got["totalQueryableSamples"] == want["totalQueryableSamples"]
    assert set(got) == set(want)
    want, got = (ask(url, "query", query=query, time=first, stats="all") for url in (theirs, ours))
    assert got["totalQueryableSamplesPerStep"] == want["totalQueryableSamplesPerStep"]


def test_raw_ranges_and_the_short_form(both: tuple[str, str, int]) -> None:
    theirs, ours, start = both
    at = start + 30 * STEP_S + 7.5
    for query in ("wave[2m]", "http_requests_total[1m:20s]", "sum(http_requests_total)[1m:20s]"):
        want, got = (ask(url, "query", query=query, time=at, stats="true") for url in (theirs, ours))
        assert got["totalQueryableSamples"] == want["totalQueryableSamples"], query
        assert set(got) == set(want) == {"totalQueryableSamples", "peakSamples"}
