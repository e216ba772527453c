"""A summary with quantiles over the last minutes, which `prometheus_client` leaves out."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence

import numpy as np
from prometheus_client import CollectorRegistry
from prometheus_client.core import SummaryMetricFamily
from prometheus_client.metrics_core import Metric

WINDOW_SECONDS = 600.0
# Enough for steady quantiles; a busy process keeps its newest.
MOST_KEPT = 1000
QUANTILES = (0.5, 0.9, 0.99)


class _Series:
    __slots__ = ("count", "recent", "sum")

    def __init__(self) -> None:
        self.recent: deque[tuple[float, float]] = deque(maxlen=MOST_KEPT)
        self.count = 0
        self.sum = 0.0


class QuantileSummary:
    """One family with one label. Series of `values` are there from the start, others from their first observation.

    Quantiles are NaN when nothing was observed lately.
    """

    def __init__(
        self,
        name: str,
        text: str,
        *,
        label: str,
        registry: CollectorRegistry,
        values: Sequence[str] = (),
        quantiles: Sequence[float] = QUANTILES,
    ) -> None:
        self._name, self._text, self._label, self._quantiles = name, text, label, quantiles
        self._series = {value: _Series() for value in values}
        self._lock = threading.Lock()
        registry.register(self)

    def observe(self, value: str, seconds: float) -> None:
        with self._lock:
            series = self._series.get(value)
            if series is None:
                series = self._series[value] = _Series()
            series.recent.append((time.monotonic(), seconds))
            series.count += 1
            series.sum += seconds

    def forget(self, value: str) -> None:
        """The series of `value` is gone."""
        with self._lock:
            self._series.pop(value, None)

    def collect(self) -> Iterable[Metric]:
        family = SummaryMetricFamily(self._name, self._text, labels=[self._label])
        since = time.monotonic() - WINDOW_SECONDS
        with self._lock:
            state = {
                value: ([s for at, s in series.recent if at >= since], series.count, series.sum)
                for value, series in self._series.items()
            }
        for value, (recent, count, total) in state.items():
            found = np.quantile(recent, self._quantiles) if recent else [float("nan")] * len(self._quantiles)
            for quantile, seconds in zip(self._quantiles, found, strict=True):
                family.add_sample(
                    self._name, {self._label: value, "quantile": f"{quantile:g}"}, float(seconds)
                )
            family.add_metric([value], count_value=count, sum_value=total)
        return [family]
