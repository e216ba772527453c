"""The data of the benchmarks, made from a seed, and its remote write requests."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import cramjam
import numpy as np
import numpy.typing as npt

STEP_MS = 15_000
ENDPOINTS, METHODS, STATUSES = 50, ("GET", "POST", "PUT", "DELETE"), ("200", "404", "500")


@dataclass(frozen=True, slots=True)
class Dataset:
    """`values[series, step]` of counters, one sample a step from `start_ms`."""

    labels: list[list[tuple[str, str]]]
    values: npt.NDArray[np.float64]
    start_ms: int

    @property
    def end_ms(self) -> int:
        return self.start_ms + (self.values.shape[1] - 1) * STEP_MS


def make_dataset(series: int, minutes: int, end_ms: int, seed: int = 7) -> Dataset:
    """`series` counters of http_requests_total over `minutes`, with a reset now and then."""
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
            ("__name__", "http_requests_total"),
            ("endpoint", f"/api/v1/resource/{i % ENDPOINTS}"),
            ("instance", f"10.0.{i // 600 % 256}.{i // 150 % 4}:8000"),
            ("job", "automation-orchestrator"),
            ("method", METHODS[i // ENDPOINTS % 4]),
            ("pod", f"api-{i // (ENDPOINTS * 12):05d}"),
            ("status", STATUSES[i // (ENDPOINTS * 4) % 3]),
        ]
        for i in range(series)
    ]
    return Dataset(labels, values, end_ms - (steps - 1) * STEP_MS)


def _varint(n: int) -> bytes:
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def _field(number: int, body: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(body)) + body


def encoded_labels(labels: list[tuple[str, str]]) -> bytes:
    return b"".join(_field(1, _field(1, n.encode()) + _field(2, v.encode())) for n, v in labels)


def write_requests(
    data: Dataset, *, samples_per_series: int = 20, series_per_request: int = 5000
) -> Iterator[tuple[bytes, int]]:
    """Snappy-compressed remote write requests in time order, and how many samples each holds."""
    heads = [encoded_labels(labels) for labels in data.labels]
    count, steps = data.values.shape
    for first in range(0, steps, samples_per_series):
        last = min(first + samples_per_series, steps)
        stamps = [b"\x10" + _varint(data.start_ms + step * STEP_MS) for step in range(first, last)]
        for low in range(0, count, series_per_request):
            high = min(low + series_per_request, count)
            parts = []
            for row in range(low, high):
                samples = b"".join(
                    b"\x12" + _varint(9 + len(stamp)) + b"\x09" + struct.pack("<d", value) + stamp
                    for value, stamp in zip(data.values[row, first:last].tolist(), stamps, strict=True)
                )
                parts.append(_field(1, heads[row] + samples))
            yield bytes(cramjam.snappy.compress_raw(b"".join(parts))), (high - low) * (last - first)
