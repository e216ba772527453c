"""The plain twin as the one who answers."""

from __future__ import annotations

from collections.abc import Sequence

from vedette.metrics.promql.errors import QueryError
from vedette.metrics.promql.syntax.parser import parse

from ..promql_twin import Options, Refused, evaluate
from .data import Series
from .question import Answer, Question, label_set

DELAYED = "promql-delayed-name-removal"


class Twin:
    def __init__(self, series: Sequence[Series], features: frozenset[str], *, old: bool = False) -> None:
        self._stored = [(s.labels, s.samples) for s in series]
        self._features = features
        self._options = Options(delayed=DELAYED in features, old=old)

    def ask(self, question: Question) -> Answer:
        try:
            expr = parse(question.query, self._features)
            result = evaluate(
                expr, question.query, self._stored, question.start, question.end, question.step, self._options
            )
        except (Refused, QueryError) as error:
            return Answer(error=str(error))
        return Answer(
            result.kind,
            [(label_set(labels), points) for labels, points in result.rows],
            result.text,
            warnings=tuple(sorted(result.warnings)),
            infos=tuple(sorted(result.infos)),
        )
