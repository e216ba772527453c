"""What the benchmarks ask: the guide's expressions, dashboards over many series, joins, subqueries, quantiles, label calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

REQUESTS, MANY, BUCKETS = (
    "http_requests_total",
    "gateway_requests_total",
    "http_request_duration_seconds_bucket",
)
DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Query:
    """`step_s` 0: an instant query at the end of the data; else a range query over its last `minutes`.

    `alike` says that VictoriaMetrics means the same by it (it does not extrapolate, and reads windows otherwise).
    """

    text: str
    step_s: int = 0
    minutes: int = 60
    alike: bool = False

    def __str__(self) -> str:
        how = "instant" if not self.step_s else f"{self.minutes // 60} h every {self.step_s} s"
        return f"`{self.text}`, {how}"


@dataclass(frozen=True, slots=True)
class LabelCall:
    """A call of `/api/v1/PATH` for the last hour."""

    path: str
    match: str = ""

    def __str__(self) -> str:
        return f"`/{self.path}`" + (f" of `{self.match}`" if self.match else "")


# Each reads 10,000 series or more of REQUESTS, MANY or BUCKETS.
LARGE: Sequence[Query] = (
    Query(f"sum by (endpoint) (rate({REQUESTS}[5m]))", 15),
    Query(f"sum(rate({REQUESTS}[5m])) by (job)", 15),
    Query(f'sum(rate({REQUESTS}{{status=~"5.."}}[5m])) / sum(rate({REQUESTS}[5m]))', 15),
    Query(f"histogram_quantile(0.95, sum by (le) (rate({BUCKETS}[5m])))", 15),
    Query(f"histogram_quantile(0.99, sum by (le, endpoint) (rate({BUCKETS}[5m])))", 60),
    Query(f"topk(5, sum by (pod) (rate({REQUESTS}[5m])))", 60),
    Query(f"sum by (endpoint) ({REQUESTS})", 15, alike=True),
    Query(f"avg by (method) (avg_over_time({REQUESTS}[5m]))", 60),
    Query(f"max by (method) (max_over_time({REQUESTS}[10m]))", 60),
    Query(f"quantile by (status) (0.9, rate({REQUESTS}[5m]))", 60),
    Query(f"max by (endpoint) (quantile_over_time(0.9, {REQUESTS}[10m]))", 60),
    Query(f"stddev by (endpoint) (rate({REQUESTS}[5m]))", 60),
    Query(f"sum(changes({REQUESTS}[10m]) + resets({REQUESTS}[10m]))", 60),
    Query(f"sum by (status) (deriv({REQUESTS}[10m]))", 60),
    Query(f"sum(increase({REQUESTS}[1h]))", 60),
    Query(f"sum by (node) (rate({REQUESTS}[5m]) * on (pod) group_left (node) kube_pod_info)", 60),
    Query(f"sum(rate({REQUESTS}[5m]) / rate({REQUESTS}[5m] offset 10m) > 1)", 60),
    Query(f"count({REQUESTS} > 1000000 unless {REQUESTS} > 1010000)", 60, alike=True),
    Query(f"max_over_time(sum by (endpoint) (rate({REQUESTS}[5m]))[30m:1m])", 60),
    Query(
        f'sum by (area) (label_replace({REQUESTS}, "area", "$1", "endpoint", ".*/([0-9]).*"))', 60, alike=True
    ),
    Query(f'sum by (status) (rate({REQUESTS}{{endpoint=~".*/[0-9]+",method!~"P.*"}}[5m]))', 15),
    Query(f"rate({REQUESTS}[5m])", 300),
    Query(f"count by (endpoint) ({REQUESTS})", alike=True),
    Query(f"topk(10, rate({REQUESTS}[5m]))"),
    Query(f"sum by (endpoint) (rate({MANY}[5m]))", 15),
    Query(f"sum by (pod) (rate({MANY}[5m]))"),
    Query(f"count({MANY})", alike=True),
    Query(f'count by (method) ({MANY}{{endpoint=~".*/1.*"}})', 60, alike=True),
)

# The same over a day, where the data reaches that far.
A_DAY: Sequence[Query] = (
    Query(f"sum by (endpoint) (rate({REQUESTS}[5m]))", 60, DAY),
    Query(f"sum(increase({REQUESTS}[1h]))", 300, DAY),
    Query(f"max by (method) (max_over_time({REQUESTS}[1h]))", 600, DAY),
    Query(f"sum by (status) ({REQUESTS})", 60, DAY, alike=True),
)

SMALL: Sequence[Query] = (
    Query(f'rate({REQUESTS}{{endpoint="/api/v1/resource/7",method="GET",pod="api-00000"}}[5m])', 15),
    Query(f'{REQUESTS}{{endpoint="/api/v1/resource/7",pod="api-00000"}}', alike=True),
    Query(
        f'sum by (status) (rate({REQUESTS}{{endpoint="/api/v1/resource/7",pod=~"api-0000[0-7]"}}[5m]))', 15
    ),
    Query("kube_pod_info", alike=True),
)

LABEL_CALLS: Sequence[LabelCall] = (
    LabelCall("labels"),
    LabelCall("label/pod/values"),
    LabelCall("label/endpoint/values", f'{REQUESTS}{{status="500"}}'),
    LabelCall("series", f'{REQUESTS}{{endpoint="/api/v1/resource/7"}}'),
)
