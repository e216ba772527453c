"""What a query answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from vedette.algebra.table import LabelTable
from vedette.metrics.contract import SampleBatch
from vedette.metrics.promql.run.trace import OperatorTrace

Kind = Literal["vector", "matrix", "scalar", "string"]


@dataclass(slots=True)
class QueryStats:
    """Where the time went and how much was read. Times in seconds."""

    parse_s: float = 0.0
    plan_s: float = 0.0
    eval_s: float = 0.0
    series: int = 0
    sort_s: float = 0.0  # of `eval_s`, what putting the rows in order took
    samples: int = 0  # read from the store
    peak_samples: int = 0
    # Looked at by each step (`vedette.metrics.promql.run.tally`); None when not asked for.
    per_step: npt.NDArray[np.int64] | None = None


@dataclass(slots=True)
class QueryResult:
    """Rows are series, columns are `timestamps`. A vector and a scalar of an instant query have one column.

    A range query of a scalar is a matrix of one row without labels. A range vector at the top of an instant query is
    a matrix whose raw samples stand in `samples` (row `i` owns ``offsets[i]:offsets[i + 1]``); then `timestamps` and
    `values` have no columns.
    """

    kind: Kind
    table: LabelTable
    timestamps: npt.NDArray[np.int64]  # [steps], milliseconds
    values: npt.NDArray[np.float64]  # [rows, steps], undefined where not present
    present: npt.NDArray[np.bool_]  # [rows, steps]
    histograms: npt.NDArray[np.object_] | None = None  # [rows, steps], None where a float stands
    warnings: list[str] = field(default_factory=list)
    infos: list[str] = field(default_factory=list)
    stats: QueryStats = field(default_factory=QueryStats)
    text: str = ""  # of a string
    samples: SampleBatch | None = None
    trace: OperatorTrace | None = None  # when asked for

    @property
    def rows(self) -> int:
        return self.table.rows
