"""LogQL tokens to nodes: one method per construct, lowest precedence first."""

from __future__ import annotations

import re
from functools import lru_cache

from vedette.logs.logql.syntax import checks
from vedette.logs.logql.syntax import nodes as n
from vedette.logs.logql.syntax.errors import LogQLError
from vedette.logs.logql.syntax.lexer import tokenize
from vedette.logs.logql.syntax.stages import StageParser
from vedette.logs.units import duration_ns
from vedette.model.depth import allow_deep_trees
from vedette.model.labels import Labels, Matcher, RegexError
from vedette.model.time import DurationError, parse_duration

RANGE_OPS = frozenset(
    [
        "count_over_time",
        "rate",
        "rate_counter",
        "bytes_over_time",
        "bytes_rate",
        "avg_over_time",
        "sum_over_time",
        "min_over_time",
        "max_over_time",
        "stdvar_over_time",
        "stddev_over_time",
        "quantile_over_time",
        "first_over_time",
        "last_over_time",
        "absent_over_time",
    ]
)
VECTOR_OPS = frozenset(
    [
        "sum",
        "avg",
        "max",
        "min",
        "count",
        "stddev",
        "stdvar",
        "topk",
        "bottomk",
        "approx_topk",
        "sort",
        "sort_desc",
    ]
)
PARAMETER_OPS = frozenset(("topk", "bottomk", "approx_topk"))
_TRAILING_COMMA = re.compile(r",\s*\}\s*\Z")
_COMPARISONS = ("==", "!=", ">", ">=", "<", "<=")


@lru_cache(maxsize=512)
def parse_query(text: str) -> n.Query:
    """The query `text`. Raises `LogQLError` with the text Loki would answer, or near it."""
    allow_deep_trees()
    tokens = tokenize(text)
    checks.check_nesting(tokens)
    parser = QueryParser(tokens, text)
    query = parser.query()
    parser.end()
    checks.check(query)
    return query


def parse_selector(text: str) -> tuple[Matcher, ...]:
    """The matchers of ``{a="b"}``; the empty selector is allowed here. Raises `LogQLError`."""
    parser = QueryParser(tokenize(text), text)
    matchers = parser.selector()
    parser.end()
    return matchers


def parse_labels(text: str) -> Labels:
    """The label set ``{a="b", c="d"}`` that a pushed stream carries; a comma may end it. Raises `LogQLError`."""
    matchers = parse_selector(_TRAILING_COMMA.sub("}", text))
    for matcher in matchers:
        if matcher.op != "=":
            raise LogQLError(f'syntax error: unexpected {matcher.op}, expecting "="')
    return Labels((m.name, m.value) for m in matchers)


class QueryParser(StageParser):
    def query(self) -> n.Query:
        """A metric query, or a selector with stages; either may stand in parentheses."""
        if self.at("{"):
            return self.log_query()
        if self.at("(") and self._parenthesised_log_query():
            self.take("(")
            inner = self.query()
            self.take(")")
            assert isinstance(inner, n.LogQuery)
            return self.stages_of(inner)
        return self.binary(0)

    def _parenthesised_log_query(self) -> bool:
        ahead = 0
        while self.peek(ahead).kind == "(":
            ahead += 1
        # A metric query may not start with a selector, so this can only be a log query.
        return self.peek(ahead).kind == "{"

    def log_query(self) -> n.LogQuery:
        return self.stages_of(n.LogQuery(self.selector()))

    def stages_of(self, query: n.LogQuery) -> n.LogQuery:
        stages = list(query.stages)
        while self.at_stage():
            stages.append(self.stage())
        return n.LogQuery(query.matchers, tuple(stages))

    # ---- binary operators, lowest precedence first ---------------------------------------------------------------

    _LEVELS: tuple[tuple[str, ...], ...] = (
        ("or",),
        ("and", "unless"),
        _COMPARISONS,
        ("+", "-"),
        ("*", "/", "%"),
        ("^",),
    )

    def binary(self, level: int) -> n.MetricQuery:
        if level == len(self._LEVELS):
            return self.operand()
        left = self.binary(level + 1)
        while (op := self._operator(level)) is not None:
            matching = self.matching()
            # Power binds to the right, all others to the left.
            right = self.binary(level) if op == "^" else self.binary(level + 1)
            left = n.BinaryOperation(op, left, right, matching)
        return left

    def _operator(self, level: int) -> str | None:
        token = self.peek()
        word = token.text.lower() if token.kind == "WORD" else token.kind
        if word in self._LEVELS[level]:
            self.advance()
            return word
        return None

    def matching(self) -> n.Matching:
        bool_modifier = self.word("bool")
        on, group = False, ""
        names: tuple[str, ...] | None = None
        include: tuple[str, ...] = ()
        if self.at_word("on", "ignoring"):
            on = self.advance().text.lower() == "on"
            names = self.names()
            if self.at_word("group_left", "group_right"):
                group = self.advance().text.lower()
                include = self.names() if self.at("(") else ()
        return n.Matching(bool_modifier, on, names, group, include)

    # ---- operands ------------------------------------------------------------------------------------------------

    def operand(self) -> n.MetricQuery:
        token = self.peek()
        if token.kind == "(":
            self.advance()
            inner = self.binary(0)
            self.take(")")
            return inner
        if token.kind in ("NUMBER", "+", "-"):
            return n.Number(self.signed_number())
        if token.kind == "WORD":
            word = token.text.lower()
            following = self.peek(1)
            if word in RANGE_OPS and following.kind == "(":
                return self.range_aggregation()
            if word in VECTOR_OPS and (following.kind == "(" or following.text.lower() in ("by", "without")):
                return self.vector_aggregation()
            if word == "vector" and following.kind == "(":
                self.advance()
                self.take("(")
                value = float(self.take("NUMBER").text)
                self.take(")")
                return n.VectorNumber(value)
            if word == "label_replace" and following.kind == "(":
                return self.label_replace()
        raise self.unexpected(token)

    def signed_number(self) -> float:
        sign = 1.0
        if self.at("-", "+"):
            sign = -1.0 if self.advance().kind == "-" else 1.0
        token = self.take("NUMBER")
        if token.text[:2].lower() == "0x":
            raise LogQLError(
                f'unable to parse literal as a float: strconv.ParseFloat: parsing "{token.text}": invalid syntax'
            )
        return sign * float(token.text)

    def label_replace(self) -> n.LabelReplace:
        self.advance()
        self.take("(")
        body = self.binary(0)
        texts = []
        for _ in range(4):
            self.take(",")
            texts.append(self.take("STRING").text)
        self.take(")")
        return n.LabelReplace(body, *texts)

    def vector_aggregation(self) -> n.VectorAggregation:
        op = self.advance().text.lower()
        grouping = self.grouping()
        self.take("(")
        parameter = None
        if self.at("NUMBER", "-", "+") and self.peek(2 if self.at("-", "+") else 1).kind == ",":
            parameter = self.signed_number()
            self.take(",")
        if op in PARAMETER_OPS:
            if parameter is None:
                raise LogQLError(f"parameter required for operation {op}")
            if parameter < 1 or parameter != int(parameter):
                raise LogQLError(f"invalid parameter (must be greater than 0) {op}({parameter:g}")
        elif parameter is not None:
            raise LogQLError(f"unsupported parameter for operation {op}({parameter:g},")
        body = self.binary(0)
        self.take(")")
        if grouping is None:
            grouping = self.grouping()
        if op in ("sort", "sort_desc") and grouping is not None:
            raise LogQLError("sort and sort_desc doesn't allow grouping by ")
        return n.VectorAggregation(op, body, grouping, parameter)

    def grouping(self) -> n.Grouping | None:
        if not self.at_word("by", "without"):
            return None
        without = self.advance().text.lower() == "without"
        return n.Grouping(self.names(), without)

    def names(self) -> tuple[str, ...]:
        self.take("(")
        names: list[str] = []
        while not self.at(")"):
            if names:
                self.take(",", expecting=", or )")
            names.append(self.take("WORD", expecting="IDENTIFIER").text)
        self.take(")")
        return tuple(names)

    # ---- range aggregations --------------------------------------------------------------------------------------

    def range_aggregation(self) -> n.RangeAggregation:
        op = self.advance().text.lower()
        self.take("(")
        parameter = None
        if self.at("NUMBER", "-", "+"):
            parameter = self.signed_number()
            self.take(",")
        query, window, offset, unwrap = self.log_range()
        self.take(")")
        grouping = self.grouping()
        node = n.RangeAggregation(op, query, window, offset, parameter, unwrap, grouping)
        checks.check_range(node)
        return node

    def log_range(self) -> tuple[n.LogQuery, int, int, n.OtherStage | None]:
        """Selector, window and stages in either of their two orders, perhaps in parentheses."""
        if self.at("("):
            self.advance()
            if self._closes_before_range():
                query, unwrap = self.unwrapped(n.LogQuery(self.selector()))
                self.take(")")
                window, offset = self.window()
                return query, window, offset, unwrap
            inner = self.log_range()
            self.take(")")
            if self.at_stage() or self.at_unwrap():
                query, unwrap = self.unwrapped(inner[0])
                return query, inner[1], inner[2], unwrap or inner[3]
            return inner
        query = n.LogQuery(self.selector())
        if self.at("RANGE"):
            window, offset = self.window()
            query, unwrap = self.unwrapped(query)
            return query, window, offset, unwrap
        query, unwrap = self.unwrapped(query)
        window, offset = self.window()
        return query, window, offset, unwrap

    def _closes_before_range(self) -> bool:
        """Whether the parenthesis just opened closes before a window is seen, as in ``({..} | json)[5m]``."""
        depth, ahead = 1, 0
        while depth:
            kind = self.peek(ahead).kind
            if kind == "EOF" or (kind == "RANGE" and depth == 1):
                return False
            depth += (kind == "(") - (kind == ")")
            ahead += 1
        return self.peek(ahead).kind == "RANGE"

    def unwrapped(self, query: n.LogQuery) -> tuple[n.LogQuery, n.OtherStage | None]:
        query = self.stages_of(query)
        if not self.at_unwrap():
            return query, None
        unwrap = self.unwrap()
        while self.at("|"):
            self.stage()
        return query, unwrap

    def window(self) -> tuple[int, int]:
        token = self.take("RANGE", expecting="")
        try:
            window = parse_duration(token.text) * 10**6
        except DurationError as error:
            raise LogQLError(str(error), 0, token.column) from None
        offset = 0
        if self.word("offset"):
            sign = 1
            if self.at("-"):
                self.advance()
                sign = -1
            offset = sign * duration_ns(self.take("DURATION").text)
        return window, offset

    # ---- selector ------------------------------------------------------------------------------------------------

    def selector(self) -> tuple[Matcher, ...]:
        self.take("{")
        matchers: list[Matcher] = []
        if self.at("}"):
            self.advance()
            return ()
        while True:
            name = self.take("WORD", expecting="IDENTIFIER or }" if not matchers else "IDENTIFIER")
            op = self.peek()
            if op.kind not in ("=", "!=", "=~", "!~"):
                raise self.unexpected(op, "= or =~ or !~ or !=")
            self.advance()
            value = self.take("STRING", expecting="STRING").text
            try:
                matchers.append(Matcher(name.text, op.kind, value))
            except RegexError as error:
                raise LogQLError(str(error)) from None
            if self.at("}"):
                self.advance()
                return tuple(matchers)
            self.take(",", expecting="} or ,")
