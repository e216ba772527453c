"""The data of the benchmarks, made from a seed, and its remote write requests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cramjam
import numpy as np
import numpy.typing as npt

STEP_MS = 15_000
ENDPOINTS, METHODS, STATUSES = 50, ("GET", "POST", "PUT", "DELETE"), ("200", "404", "500")
BOUNDS = ("0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "+Inf")
SAMPLE = np.dtype(
    [
        ("head", "u1", 3),  # field 2 of a time series, its length, field 1 of a sample
        ("value", "<f8"),
        ("tag", "u1"),  # field 2 of a sample
        ("time", "u1", 6),  # a varint: millisecond times need six bytes until the year 2109
    ]
)

Labels = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Family:
    """The series of one metric: `values[series, step]`, one sample a step from `start_ms`."""

    labels: list[Labels]
    values: npt.NDArray[np.float64]
    start_ms: int

    @property
    def name(self) -> str:
        return self.labels[0][0][1]

    @property
    def end_ms(self) -> int:
        return self.start_ms + (self.values.shape[1] - 1) * STEP_MS


def requests_total(
    series: int, minutes: int, end_ms: int, *, name: str = "http_requests_total", seed: int = 7
) -> Family:
    """Counters by endpoint, method, status and pod, with a reset now and then."""
    rng = np.random.default_rng(seed)
    steps = minutes * 60_000 // STEP_MS + 1
    growth = rng.poisson(rng.uniform(0.1, 40, size=(series, 1)), size=(series, steps)).astype(np.float64)
    # Far from zero: near it, 2.x and 3.x extrapolate a rate differently.
    values = 1e6 + growth.cumsum(axis=1)
    for row in rng.choice(series, size=max(1, series // 100), replace=False):
        at = int(rng.integers(1, steps))
        values[row, at:] -= values[row, at] / 2
    labels = [
        [
            ("__name__", name),
            ("endpoint", f"/api/v1/resource/{i % ENDPOINTS}"),
            ("instance", f"10.0.{i // 600 % 256}.{i // 150 % 4}:8000"),
            ("job", "automation-orchestrator"),
            ("method", METHODS[i // ENDPOINTS % 4]),
            ("pod", pod(i)),
            ("status", STATUSES[i // (ENDPOINTS * 4) % 3]),
        ]
        for i in range(series)
    ]
    return Family(labels, values, end_ms - (steps - 1) * STEP_MS)


def pod(i: int) -> str:
    """The pod of the i-th series of `requests_total`."""
    return f"api-{i // (ENDPOINTS * len(METHODS) * len(STATUSES)):05d}"


def duration_buckets(series: int, minutes: int, end_ms: int, seed: int = 8) -> Family:
    """Classic histogram buckets, `series` of them, by endpoint, instance and bound."""
    rng = np.random.default_rng(seed)
    steps = minutes * 60_000 // STEP_MS + 1
    sets = series // len(BOUNDS)
    growth = rng.poisson(3, size=(sets, len(BOUNDS), steps)).astype(np.float64)
    values = 1e6 + growth.cumsum(axis=1).cumsum(axis=2).reshape(sets * len(BOUNDS), steps)
    labels = [
        [
            ("__name__", "http_request_duration_seconds_bucket"),
            ("endpoint", f"/api/v1/resource/{i % ENDPOINTS}"),
            ("instance", f"10.1.{i // ENDPOINTS // 256}.{i // ENDPOINTS % 256}:8000"),
            ("job", "automation-orchestrator"),
            ("le", bound),
        ]
        for i in range(sets)
        for bound in BOUNDS
    ]
    return Family(labels, values, end_ms - (steps - 1) * STEP_MS)


def pod_info(requests: Family, minutes: int, end_ms: int) -> Family:
    """One series a pod of `requests`, value 1, that tells its node."""
    steps = minutes * 60_000 // STEP_MS + 1
    pods = sorted({dict(labels)["pod"] for labels in requests.labels})
    labels = [
        [("__name__", "kube_pod_info"), ("node", f"node-{i % 7}"), ("pod", name)]
        for i, name in enumerate(pods)
    ]
    return Family(labels, np.ones((len(pods), steps)), end_ms - (steps - 1) * STEP_MS)


def _varint(n: int) -> bytes:
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def _field(number: int, body: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(body)) + body


def encoded_labels(labels: Labels) -> bytes:
    return b"".join(_field(1, _field(1, n.encode()) + _field(2, v.encode())) for n, v in labels)


def encoded_samples(values: npt.NDArray[np.float64], first_ms: int) -> npt.NDArray[np.void]:
    """The sample fields of each series of `values` [series, steps]; same shape."""
    samples = np.zeros(values.shape, dtype=SAMPLE)
    samples["head"] = (0x12, SAMPLE.itemsize - 2, 0x09)
    samples["value"] = values
    samples["tag"] = 0x10
    stamps = [_varint(first_ms + step * STEP_MS) for step in range(values.shape[1])]
    samples["time"] = np.frombuffer(b"".join(stamps), dtype=np.uint8).reshape(values.shape[1], 6)
    return samples


def write_requests(
    family: Family, *, samples_per_series: int = 20, series_per_request: int = 5000
) -> Iterator[tuple[bytes, int]]:
    """Snappy-compressed remote write requests in time order, and how many samples each holds."""
    heads = [encoded_labels(labels) for labels in family.labels]
    count, steps = family.values.shape
    for first in range(0, steps, samples_per_series):
        last = min(first + samples_per_series, steps)
        at = family.start_ms + first * STEP_MS
        for low in range(0, count, series_per_request):
            high = min(low + series_per_request, count)
            samples = encoded_samples(family.values[low:high, first:last], at)
            parts = [_field(1, heads[low + i] + samples[i].tobytes()) for i in range(high - low)]
            yield bytes(cramjam.snappy.compress_raw(b"".join(parts))), (high - low) * (last - first)
