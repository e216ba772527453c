"""What is counted and logged of a query."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from vedette.metrics.promql.engine import Engine
from vedette.metrics.promql.errors import ParseError, TooManySamples
from vedette.metrics.promql.script.memory import MemoryStorage
from vedette.metrics.queries.active import ActiveQueries
from vedette.metrics.queries.asked import Asked, Origin, from_request, from_rules
from vedette.metrics.queries.log import QueryLog
from vedette.metrics.queries.observed import QueryMetrics
from vedette.metrics.queries.watch import QueryWatch
from vedette.model.labels import Labels

FROM = from_request("192.0.2.7", "GET", "/api/v1/query_range")


class Bench:
    def __init__(self, folder: Path, *, slow_s: float = 0.0, max_samples: int = 1000) -> None:
        store = MemoryStorage()
        for i in range(10):
            for x in "ab":
                store.add(Labels({"__name__": "m", "x": x}), i * 15_000, float(i))
        self.engine = Engine(store, max_samples=max_samples)
        self.registry = CollectorRegistry()
        metrics = QueryMetrics(self.registry, 4)
        self.log = QueryLog(metrics)
        self.log.use(str(folder / "queries.log"))
        self.watch = QueryWatch(metrics, ActiveQueries(folder, 4), self.log, slow_s=slow_s)
        self.path = folder / "queries.log"

    def ask(self, query: str, origin: Origin = FROM) -> None:
        asked = Asked(query, 30_000, 90_000, 15_000)
        self.watch.evaluate(
            asked, origin, lambda stats: self.engine.range(query, 30_000, 90_000, 15_000, stats=stats)
        )

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.path.read_text().splitlines()]

    def value(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)


def test_the_query_log_has_the_original_s_lines(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.ask("sum(rate(m[30s]))")
    (line,) = bench.lines()
    assert line["params"] == {
        "query": "sum(rate(m[30s]))",
        "start": "1970-01-01T00:00:30.000Z",
        "end": "1970-01-01T00:01:30.000Z",
        "step": 15,
    }
    assert line["httpRequest"] == {"clientIP": "192.0.2.7", "method": "GET", "path": "/api/v1/query_range"}
    assert line["msg"] == "promql query logged" and line["level"] == "INFO" and line["time"] == line["ts"]
    stats = line["stats"]
    assert isinstance(stats, dict)
    assert set(stats["timings"]) == {
        "evalTotalTime",
        "resultSortTime",
        "queryPreparationTime",
        "innerEvalTime",
        "execQueueTime",
        "execTotalTime",
    }
    # Five steps, two series, and two samples in each window of thirty seconds.
    assert stats["samples"]["totalQueryableSamples"] == 20
    assert stats["samples"]["peakSamples"] > 0


def test_rules_and_failures_are_logged_too_and_texts_that_are_no_query_are_not(tmp_path: Path) -> None:
    bench = Bench(tmp_path, max_samples=1)
    with pytest.raises(TooManySamples):
        bench.ask("m", from_rules("/etc/rules.yml", "hosts"))
    with pytest.raises(ParseError):
        bench.ask("m{")
    (line,) = bench.lines()
    assert line["ruleGroup"] == {"file": "/etc/rules.yml", "name": "hosts"}
    assert str(line["error"]).startswith("query processing would load too many samples")


def test_metrics_follow_the_log_and_the_evaluations(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    assert bench.value("prometheus_engine_query_log_enabled") == 1
    assert bench.value("prometheus_engine_query_log_failures_total") == 0
    bench.ask("m")
    read = bench.value("prometheus_engine_query_samples_total")
    assert read and read >= 10
    for part in ("prepare_time", "inner_eval", "result_sort"):
        assert bench.value("prometheus_engine_query_duration_seconds_count", slice=part) == 1
        assert bench.value("prometheus_engine_query_duration_histogram_seconds_count", slice=part) == 1
    bench.log.use("")
    assert bench.value("prometheus_engine_query_log_enabled") == 0
    bench.log.use("/dev/full")
    bench.ask("m")
    assert bench.value("prometheus_engine_query_log_failures_total") == 1


def test_slow_queries_are_told_with_what_they_did(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("WARNING")
    Bench(tmp_path, slow_s=3600).ask("m")
    assert not caplog.records
    bench = Bench(tmp_path, slow_s=1e-9)
    bench.ask("sum(m)", from_rules("r.yml", "g"))
    (record,) = caplog.records
    fields = record.vedette_fields  # type: ignore[attr-defined]
    assert record.getMessage() == "slow query"
    assert fields["query"] == "sum(m)" and fields["step"] == 15.0 and fields["series"] == 2
    assert fields["samples"] >= 10 and fields["ruleGroup_name"] == "g" and fields["seconds"] >= 0
    assert bench.value("vedette_engine_slow_queries_total") == 1
