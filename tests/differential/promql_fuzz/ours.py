"""Our engine as the one who answers."""

from __future__ import annotations

import traceback

from vedette.metrics.contract import Storage
from vedette.metrics.promql.engine import Engine
from vedette.metrics.promql.errors import QueryError
from vedette.metrics.promql.result import QueryResult
from vedette.metrics.promql.run.batches import Batching
from vedette.model.histogram import FloatHistogram

from .question import Answer, Question, Value, label_set


class Ours:
    """Computes in batches of a few rows, so that each answer is put together from many."""

    def __init__(self, store: Storage, features: frozenset[str]) -> None:
        self.engine = Engine(store, enable_features=features, batching=Batching(rows=7))

    def ask(self, question: Question) -> Answer:
        try:
            if question.step:
                result = self.engine.range(question.query, question.start, question.end, question.step)
            else:
                result = self.engine.instant(question.query, question.start)
        except QueryError as error:
            return Answer(error=str(error))
        except Exception:
            # Nobody else gives such an answer, so it is a difference.
            return Answer("crash", text=traceback.format_exc(limit=-2))
        return _answer(result)


def _answer(result: QueryResult) -> Answer:
    answer = Answer(
        result.kind,
        text=result.text,
        warnings=tuple(sorted(result.warnings)),
        infos=tuple(sorted(result.infos)),
    )
    if result.kind == "string":
        return answer
    for row in range(result.rows):
        labels = label_set(dict(result.table.labels(row)))
        answer.rows.append((labels, _points(result, row)))
    return answer


def _points(result: QueryResult, row: int) -> list[tuple[int, Value]]:
    if result.samples is not None:
        batch = result.samples
        inside = range(int(batch.offsets[row]), int(batch.offsets[row + 1]))
        return [
            (
                int(batch.timestamps[i]),
                _value(float(batch.values[i]), batch.histograms[i] if batch.histograms else None),
            )
            for i in inside
        ]
    return [
        (
            int(time),
            _value(
                float(result.values[row, i]), None if result.histograms is None else result.histograms[row, i]
            ),
        )
        for i, time in enumerate(result.timestamps)
        if result.present[row, i]
    ]


def _value(number: float, histogram: FloatHistogram | None) -> Value:
    return number if histogram is None else histogram
