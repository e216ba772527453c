"""The same questions to Debian's Prometheus over the same data.

Its ranges are closed on the left and ours are open, so nothing is asked at a time that a sample stands on.
"""

from __future__ import annotations

import json
import math
import random
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from vedette.metrics.promql.engine import Engine
from vedette.metrics.promql.json import encode_result
from vedette.metrics.promql.script.memory import MemoryStorage
from vedette.model.labels import Labels

pytestmark = [
    pytest.mark.differential,
    pytest.mark.skipif(
        not (shutil.which("prometheus") and shutil.which("promtool")), reason="Debian's prometheus is absent"
    ),
]

BASE = 1_700_000_100  # seconds
SAMPLES = 240
STEP = 15
START, END = BASE + 1800.7, BASE + 3300.7


def series() -> list[tuple[Labels, list[float | None]]]:
    rng = random.Random(42)
    out: list[tuple[Labels, list[float | None]]] = []
    for i in range(8):
        common = {"instance": f"i{i % 4}", "job": "api" if i % 2 else "web", "code": str(200 + 100 * (i % 3))}
        level, values = 1000.0, []
        for k in range(SAMPLES):
            level = 0.0 if k % 97 == 96 and i == 3 else level + rng.randint(0, 20)
            values.append(None if i == 5 and 100 <= k < 150 else level)
        out.append((Labels({"__name__": "requests_total", "row": str(i), **common}), values))
        gauge = [round(50 + 40 * math.sin(k / 9 + i) + rng.random(), 3) for k in range(SAMPLES)]
        out.append((Labels({"__name__": "gauge", "row": str(i), **common}), list(gauge)))
    for job in ("api", "web"):
        total = [0.0] * 6
        buckets: list[list[float | None]] = [[] for _ in total]
        for _ in range(SAMPLES):
            hits = [rng.randint(0, 5) for _ in total]
            for b in range(len(total)):
                total[b] += sum(hits[: b + 1])
                buckets[b].append(total[b])
        for b, le in enumerate(("0.1", "0.5", "1.0", "2.5", "10.0", "+Inf")):
            out.append((Labels({"__name__": "latency_bucket", "job": job, "le": le}), buckets[b]))
    out.append(
        (Labels({"__name__": "odd", "k": "nan"}), [math.nan if k % 7 == 0 else k for k in range(SAMPLES)])
    )
    out.append(
        (Labels({"__name__": "odd", "k": "inf"}), [math.inf if k % 9 == 0 else -k for k in range(SAMPLES)])
    )
    return out


def queries() -> list[str]:
    ranges = ["1m", "5m", "13m"]
    counters = ["rate", "increase", "irate", "resets", "changes"]
    gauges = [
        "delta", "idelta", "deriv", "avg_over_time", "min_over_time", "max_over_time", "sum_over_time",
        "count_over_time", "stddev_over_time", "stdvar_over_time", "last_over_time", "present_over_time",
    ]  # fmt: skip
    out = [f"{f}(requests_total[{r}])" for f in counters for r in ranges]
    out += [f"{f}(gauge[{r}])" for f in gauges for r in ranges]
    out += [
        f"{f}(odd[{r}])"
        for f in ("min_over_time", "max_over_time", "changes", "last_over_time")
        for r in ranges
    ]
    aggregations = ["sum", "avg", "min", "max", "count", "stddev", "stdvar", "group"]
    for op in aggregations:
        out += [
            f"{op}(gauge)",
            f"{op} by (job) (gauge)",
            f"{op} without (row, code) (rate(requests_total[5m]))",
            f"{op} by (code) (max_over_time(gauge[5m]))",
        ]
    out += [f"quantile by (job) ({q}, gauge)" for q in (0, 0.3, 0.5, 0.99, 1)]
    out += [f"quantile_over_time({q}, gauge[5m])" for q in (0, 0.3, 0.99)]
    out += [f"topk({k}, gauge)" for k in (1, 3, 100)] + [
        "bottomk by (job) (2, gauge)",
        "topk(scalar(count(gauge)) - 6, gauge)",
    ]
    for f in [
        "abs",
        "ceil",
        "floor",
        "exp",
        "ln",
        "log2",
        "log10",
        "sqrt",
        "sgn",
        "sin",
        "cos",
        "tan",
        "asin",
        "acos",
        "atan",
        "sinh",
        "cosh",
        "tanh",
        "asinh",
        "acosh",
        "atanh",
        "deg",
        "rad",
    ]:
        out.append(f"{f}(gauge / 60 - 0.3)")
    out += [f"{op}(gauge * 1e6)" for op in ("minute", "hour", "month", "year", "day_of_week", "day_of_month")]
    out += ["day_of_year(gauge * 1e7)", "days_in_month(gauge * 1e7)", "hour()", "time()", "vector(time())"]
    # 2.42 keeps the metric name over `atan2` with a scalar; 3.x drops it.
    out.append("gauge atan2 on (row) requests_total")
    for op in ("+", "-", "*", "/", "%", "^"):
        out += [f"gauge {op} 7", f"-3 {op} gauge", f"gauge {op} on (row) requests_total"]
    for op in ("==", "!=", "<", ">", "<=", ">="):
        out += [
            f"gauge {op} 50",
            f"gauge {op} bool 50",
            f"gauge {op} on (row) gauge offset 1m",
            f"50 {op} gauge",
        ]
    out += [
        "gauge and on (row) requests_total{job=\"api\"}",
        "gauge unless on (row) requests_total{job=\"api\"}",
        "gauge{job=\"api\"} or gauge{code=\"200\"}",
        "gauge * on (job) group_left () sum by (job) (gauge)",
        "sum by (job) (gauge) * on (job) group_right () gauge",
        "gauge * ignoring (row) group_left () gauge{row=\"0\"}",
        "rate(requests_total[5m]) / ignoring (row) group_left () sum without (row) (rate(requests_total[5m]))",
        "sum(rate(requests_total{code=~\"5..|4..\"}[5m])) / sum(rate(requests_total[5m]))",
        "histogram_quantile(0.9, rate(latency_bucket[5m]))",
        "histogram_quantile(0.5, sum by (le) (rate(latency_bucket[10m])))",
        "histogram_quantile(1.5, latency_bucket)",
        "histogram_quantile(0.01, latency_bucket{le!=\"+Inf\"})",
        "predict_linear(gauge[10m], 3600)",
        "predict_linear(gauge[10m] offset 2m, 60)",
        "clamp(gauge, 20, 60)", "clamp_min(gauge, 30)", "clamp_max(gauge, 30)", "clamp(gauge, 60, 20)",
        "round(gauge)", "round(gauge, 5)", "round(gauge, 0.1)",
        "absent(nope{a=\"b\"})", "absent(gauge)", "absent_over_time(nope[5m])",
        "scalar(gauge{row=\"0\"})", "scalar(gauge)", "timestamp(gauge) - time()",
        "label_replace(gauge, \"new\", \"$1-$2\", \"instance\", \"(.)(.)\")",
        "label_join(gauge, \"both\", \"/\", \"job\", \"instance\")",
        "max_over_time(rate(requests_total[2m] offset 300ms)[10m:37s])",
        "sum_over_time((gauge > bool 50)[7m:11s] offset 3m)",
        "gauge @ 1700002000.7", "gauge offset 7m", "rate(requests_total[5m] @ end())", "sum(gauge @ start())",
        "-gauge", "+gauge", "gauge + -gauge", "2 ^ 3 ^ 2 - -1", "1 / 0 - vector(1)",
        "count_values(\"v\", round(gauge, 20))", "count by (job) (gauge > 50) or vector(0)",
        "avg_over_time(odd{k=\"inf\"}[2m])", "stddev(odd)", "max(odd)", "min(odd)",
    ]  # fmt: skip
    return out


@pytest.fixture(scope="module")
def engine() -> Engine:
    store = MemoryStorage()
    for labels, values in series():
        for k, value in enumerate(values):
            if value is not None:
                store.add(labels, (BASE + k * STEP) * 1000, float(value))
    return Engine(store)


def openmetrics() -> str:
    families: dict[str, list[str]] = {}
    for labels, values in series():
        inside = ",".join(f'{n}="{v}"' for n, v in labels if n != "__name__")
        for k, value in enumerate(values):
            if value is not None:
                text = {"nan": "NaN", "inf": "+Inf", "-inf": "-Inf"}.get(str(value), repr(value))
                families.setdefault(labels.name, []).append(
                    f"{labels.name}{{{inside}}} {text} {BASE + k * STEP}"
                )
    lines = []
    for name, found in families.items():
        lines += [f"# TYPE {name} unknown", *found]
    return "\n".join([*lines, "# EOF", ""])


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("prometheus")
    page, data, config = folder / "page.om", folder / "data", folder / "prometheus.yml"
    page.write_text(openmetrics())
    config.write_text("global: {}\n")
    subprocess.run(
        ["promtool", "tsdb", "create-blocks-from", "openmetrics", str(page), str(data)],
        check=True,
        capture_output=True,
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [
            "prometheus",
            f"--config.file={config}",
            f"--storage.tsdb.path={data}",
            "--storage.tsdb.retention.time=100y",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                with urllib.request.urlopen(f"{address}/-/ready", timeout=1):
                    break
            except OSError:
                time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def ask(address: str, path: str, **params: object) -> dict[str, object]:
    url = f"{address}/api/v1/{path}?{urllib.parse.urlencode(params)}"
    with urllib.request.urlopen(url, timeout=20) as answer:
        found: dict[str, object] = json.load(answer)["data"]
        return found


def by_labels(data: dict[str, object]) -> dict[str, list[tuple[float, str]]]:
    if data["resultType"] in ("scalar", "string"):
        return {"": [tuple(data["result"])]}  # type: ignore[arg-type, list-item]
    out = {}
    for item in data["result"]:  # type: ignore[attr-defined]
        key = json.dumps(item["metric"], sort_keys=True)
        out[key] = item.get("values") or [item["value"]]
    return out


def equal(a: str, b: str) -> bool:
    x, y = float(a), float(b)
    return (math.isnan(x) and math.isnan(y)) or x == y or math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-9)


def compare(query: str, ours: dict[str, object], theirs: dict[str, object]) -> None:
    assert ours["resultType"] == theirs["resultType"]
    mine, others = by_labels(ours), by_labels(theirs)
    assert mine.keys() == others.keys(), query
    for key, points in mine.items():
        want = others[key]
        assert [t for t, _ in points] == [t for t, _ in want], (query, key)
        for (t, got), (_, value) in zip(points, want, strict=True):
            assert equal(got, value), (query, key, t, got, value)


def test_there_are_enough_questions() -> None:
    assert len(queries()) >= 200


@pytest.mark.parametrize("query", queries())
def test_same_answers(query: str, engine: Engine, prometheus: str) -> None:
    at = START + 600
    ours = json.loads(encode_result(engine.instant(query, round(at * 1000))))
    compare(query, ours, ask(prometheus, "query", query=query, time=at))
    ours = json.loads(encode_result(engine.range(query, round(START * 1000), round(END * 1000), 173_000)))
    compare(query, ours, ask(prometheus, "query_range", query=query, start=START, end=END, step=173))
