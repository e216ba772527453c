"""What the store remembers of alerts from before a restart: their ALERTS_FOR_STATE series."""

from __future__ import annotations

import numpy as np

from vedette.metrics.contract import Storage
from vedette.metrics.rules.alerting import Remembered
from vedette.metrics.rules.rule import ALERTS_FOR_STATE
from vedette.model.labels import ALERT_NAME, METRIC_NAME, Labels, Matcher, MatchOp
from vedette.model.stale import stale_mask
from vedette.model.time import SECOND


def remembered_alerts(storage: Storage, alert: str, mint: int, maxt: int) -> dict[Labels, Remembered]:
    """The newest state of each alert named `alert` within the times; ones that had ended are left out."""
    matchers = [
        Matcher(METRIC_NAME, MatchOp.EQUAL, ALERTS_FOR_STATE),
        Matcher(ALERT_NAME, MatchOp.EQUAL, alert),
    ]
    with storage.querier(mint, maxt) as querier:
        selection = querier.select(matchers, mint, maxt)
        table = selection.table
        if not table.rows:
            return {}
        batch = selection.read(0, table.rows, mint, maxt)
    rows = np.flatnonzero(batch.offsets[1:] > batch.offsets[:-1])
    newest = batch.offsets[1:][rows] - 1
    alive = ~stale_mask(np.ascontiguousarray(batch.values[newest]))
    return {
        table.labels(int(row)).without(METRIC_NAME): Remembered(
            time=int(batch.timestamps[at]), active_at=int(batch.values[at] * SECOND)
        )
        for row, at in zip(rows[alive], newest[alive], strict=True)
    }
