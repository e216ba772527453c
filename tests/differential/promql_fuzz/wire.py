"""Series as a remote write request."""

from __future__ import annotations

from collections.abc import Iterable

from vedette.model.histogram import FloatHistogram

from .data import Series

try:
    from support import prompb
except ImportError:  # `python -m tests.differential.promql_fuzz`: the tests' folder is not on the path
    from ...support import prompb


def write_request(series: Iterable[Series]) -> bytes:
    """Floats only."""
    return prompb.write_request(
        (sorted(s.labels.items()), [(t, v) for t, v in s.samples if not isinstance(v, FloatHistogram)])
        for s in series
    )
