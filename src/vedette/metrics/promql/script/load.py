"""`load`: samples into the store."""

from __future__ import annotations

from itertools import cycle, islice

from vedette.metrics.promql.script.commands import Load
from vedette.metrics.promql.script.memory import MemoryStorage
from vedette.metrics.promql.script.nhcb import add_custom_bucket_histograms


def load(store: MemoryStorage, command: Load) -> None:
    for series in command.series:
        repeated = islice(cycle(command.default_starts), len(series.values))
        starts = command.starts.get(series.labels, tuple(repeated))
        for i, value in enumerate(series.values):
            if value is None:
                continue
            start = starts[i] if i < len(starts) else None
            time = i * command.step
            store.add(series.labels, time, value, 0 if start is None else time + start)
    if command.with_nhcb:
        add_custom_bucket_histograms(store, command)
