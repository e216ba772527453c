"""What samples know about counter resets before them, where the engine has to add to it or to take from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from vedette.metrics.contract import SampleBatch
from vedette.model.histogram import FloatHistogram, Hint, detect_reset

# Functions that look at nothing but count and sum. Beneath them the original reads histograms without their buckets,
# and so finds resets while it reads; else it compares histograms when a function needs to know.
WITHOUT_BUCKETS = frozenset(("histogram_count", "histogram_sum", "histogram_avg"))
WITH_BUCKETS = frozenset(("histogram_quantile", "histogram_quantiles", "histogram_fraction"))


def resets_found(batch: SampleBatch) -> SampleBatch:
    """The same samples; a histogram that knows nothing of a reset is compared with the one before it."""
    if batch.histograms is None:
        return batch
    found: list[Any] = list(batch.histograms)
    for begin, stop in zip(batch.offsets[:-1].tolist(), batch.offsets[1:].tolist(), strict=True):
        before: FloatHistogram | None = None
        for i in range(begin, stop):
            current = batch.histograms[i]
            if current is None or current.is_stale:
                continue
            if current.hint is Hint.UNKNOWN and before is not None:
                found[i] = current.with_hint(Hint.RESET if detect_reset(before, current) else Hint.NOT_RESET)
            before = current
    return replace(batch, histograms=found)


def resets_forgotten(histograms: Sequence[FloatHistogram]) -> list[FloatHistogram]:
    """Samples that were picked from others, or picked twice, no longer stand next to what their hint speaks of."""
    known = (Hint.RESET, Hint.NOT_RESET)
    return [h.with_hint(Hint.UNKNOWN) if h is not None and h.hint in known else h for h in histograms]
