"""Native histograms with float counts: exponential buckets (schemas -4...8) and custom bounds (schema -53).

A `FloatHistogram` is not changed after it was made; arithmetic returns a new one. Buckets are sparse: a mapping from
bucket index to count. Bucket `i` of schema `s` covers ``(b**(i-1), b**i]`` with ``b = 2**2**-s``; custom bucket `i`
covers ``(bounds[i-1], bounds[i]]``, the last one up to +Inf.
"""

from __future__ import annotations

import enum
import math
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from vedette.model.values import format_go, is_stale

CUSTOM_SCHEMA = -53
MAX_SCHEMA = 8


class Hint(enum.Enum):
    """What is known about a counter reset before this sample."""

    UNKNOWN = "unknown"
    RESET = "reset"
    NOT_RESET = "not_reset"
    GAUGE = "gauge"


class IncompatibleSchema(ValueError):
    """Exponential and custom buckets can't be combined."""


@dataclass(frozen=True, slots=True)
class Combined:
    """The outcome of adding or subtracting histograms."""

    histogram: FloatHistogram
    conflict: bool = False  # one was a reset, another was known not to be
    reconciled: bool = False  # custom bounds differed and were reduced to the common ones


@dataclass(frozen=True, slots=True)
class Bucket:
    lower: float
    upper: float
    count: float
    lower_inclusive: bool
    upper_inclusive: bool
    index: int = 0


@lru_cache(maxsize=65536)
def exponential_bound(index: int, schema: int) -> float:
    """The upper bound of bucket `index`; the largest float in place of an overflow."""
    if schema < 0:
        exponent = index << -schema
        fraction = 1.0
    else:
        exponent = index >> schema
        fraction = 2.0 ** ((index & ((1 << schema) - 1)) / (1 << schema))
    if exponent >= 1024:
        return math.inf if exponent > 1024 or fraction != 1.0 else 1.7976931348623157e308
    if exponent < -1080:
        return 0.0
    return math.ldexp(fraction, exponent)


@dataclass(frozen=True, slots=True, eq=False)
class FloatHistogram:
    schema: int = 0
    count: float = 0.0
    sum: float = 0.0
    zero_threshold: float = 0.0
    zero_count: float = 0.0
    positive: Mapping[int, float] = field(default_factory=dict)
    negative: Mapping[int, float] = field(default_factory=dict)
    bounds: tuple[float, ...] = ()
    hint: Hint = Hint.UNKNOWN

    @property
    def custom(self) -> bool:
        return self.schema == CUSTOM_SCHEMA

    @property
    def is_stale(self) -> bool:
        return is_stale(self.sum)

    def with_hint(self, hint: Hint) -> FloatHistogram:
        return replace(self, hint=hint)

    def empty_like(self) -> FloatHistogram:
        """Nothing observed, in the same layout."""
        return FloatHistogram(self.schema, bounds=self.bounds)

    def compact(self) -> FloatHistogram:
        """Without buckets that count nothing."""
        return replace(
            self,
            positive={i: c for i, c in self.positive.items() if c != 0},
            negative={i: c for i, c in self.negative.items() if c != 0},
        )

    def __eq__(self, other: object) -> bool:
        """Equal layout and counts, bit for bit where NaN; hints are not compared."""
        if not isinstance(other, FloatHistogram):
            return NotImplemented
        a, b = self.compact(), other.compact()
        return (
            (a.schema, a.bounds) == (b.schema, b.bounds)
            and all(
                _same(x, y)
                for x, y in (
                    (a.count, b.count),
                    (a.sum, b.sum),
                    (a.zero_count, b.zero_count),
                    (a.zero_threshold, b.zero_threshold),
                )
            )
            and _same_buckets(a.positive, b.positive)
            and _same_buckets(a.negative, b.negative)
        )

    def __hash__(self) -> int:
        return hash((self.schema, self.count, len(self.positive), len(self.negative)))

    # ---- layout ------------------------------------------------------------------------------------------------

    def to_schema(self, schema: int) -> FloatHistogram:
        """The same observations at a lower resolution."""
        if schema == self.schema or self.custom:
            return self
        if schema > self.schema:
            raise ValueError(f"can't raise the schema from {self.schema} to {schema}")
        shift = self.schema - schema
        return replace(
            self,
            schema=schema,
            positive=_lower_resolution(self.positive, shift),
            negative=_lower_resolution(self.negative, shift),
        )

    def widen_zero(self, threshold: float) -> FloatHistogram:
        """The same observations with a zero bucket of at least `threshold`, widened past populated buckets."""
        count, positive, negative = self.zero_count, dict(self.positive), dict(self.negative)
        while True:
            grown = threshold
            for side in (positive, negative):
                for index in sorted(side):
                    lower = exponential_bound(index - 1, self.schema)
                    upper = exponential_bound(index, self.schema)
                    if upper <= threshold:
                        count += side.pop(index)
                    elif lower < threshold:
                        if side[index] == 0:
                            del side[index]
                        else:
                            grown = max(grown, upper)
                    else:
                        break
            if grown == threshold:
                return replace(
                    self, zero_threshold=threshold, zero_count=count, positive=positive, negative=negative
                )
            threshold = grown

    def with_bounds(self, bounds: Sequence[float]) -> FloatHistogram:
        """Custom buckets reduced to `bounds`, a subset of its own."""
        target = tuple(bounds)
        if target == self.bounds:
            return self
        merged: dict[int, float] = {}
        for index, n in sorted(self.positive.items()):
            upper = self.bounds[index] if index < len(self.bounds) else math.inf
            to = bisect_left(target, upper)
            merged[to] = merged.get(to, 0.0) + n
        return replace(self, bounds=target, positive=merged)

    # ---- arithmetic --------------------------------------------------------------------------------------------

    def mul(self, factor: float) -> FloatHistogram:
        return self._scaled(lambda x: x * factor, factor < 0)

    def div(self, divisor: float) -> FloatHistogram:
        if divisor == 0:
            # Nothing is left of the buckets' layout but what zero division makes of their counts.
            scaled = self._scaled(lambda x: _divide(x, divisor), False)
            return replace(scaled, positive={}, negative={})
        return self._scaled(lambda x: x / divisor, divisor < 0)

    def _scaled(self, f: Callable[[float], float], negative: bool) -> FloatHistogram:
        return replace(
            self,
            count=f(self.count),
            sum=f(self.sum),
            zero_count=f(self.zero_count),
            positive={i: f(c) for i, c in self.positive.items()},
            negative={i: f(c) for i, c in self.negative.items()},
            hint=Hint.GAUGE if negative else self.hint,
        )

    def add(self, other: FloatHistogram) -> Combined:
        return self._combine(other, 1.0)

    def sub(self, other: FloatHistogram) -> Combined:
        return self._combine(other, -1.0)

    def _combine(self, other: FloatHistogram, sign: float) -> Combined:
        a, b, reconciled = common_layout(self, other)
        hint, conflict = _combined_hint(self.hint, other.hint, adding=sign > 0)
        result = replace(
            a,
            count=a.count + sign * b.count,
            sum=a.sum + sign * b.sum,
            zero_count=a.zero_count + sign * b.zero_count,
            positive=_merged(a.positive, b.positive, sign),
            negative=_merged(a.negative, b.negative, sign),
            hint=hint,
        )
        return Combined(result, conflict, reconciled)

    # ---- reading -----------------------------------------------------------------------------------------------

    def positive_buckets(self) -> Iterator[Bucket]:
        for index in sorted(self.positive):
            if self.custom:
                lower = self.bounds[index - 1] if index > 0 else -math.inf
                upper = self.bounds[index] if index < len(self.bounds) else math.inf
            else:
                lower = exponential_bound(index - 1, self.schema)
                upper = exponential_bound(index, self.schema)
            yield Bucket(lower, upper, self.positive[index], self.custom and index == 0, True, index)

    def negative_buckets(self) -> Iterator[Bucket]:
        """From the one next to zero downwards."""
        for index in sorted(self.negative):
            lower = -exponential_bound(index, self.schema)
            upper = -exponential_bound(index - 1, self.schema)
            yield Bucket(lower, upper, self.negative[index], True, False, index)

    def zero_bucket(self) -> Bucket:
        return Bucket(-self.zero_threshold, self.zero_threshold, self.zero_count, True, True)

    def buckets(self) -> list[Bucket]:
        """Every bucket from the lowest to the highest, the zero bucket only when it counts something.

        A bucket that reaches into the zero bucket is taken to end where that begins.
        """
        width = self.zero_threshold
        out = [replace(b, upper=-width) if -width < b.upper < 0 else b for b in self.negative_buckets()]
        out.reverse()
        if self.zero_count > 0:
            out.append(self.zero_bucket())
        out += [replace(b, lower=width) if 0 < b.lower < width else b for b in self.positive_buckets()]
        return out

    def __str__(self) -> str:
        """As Prometheus prints it: ``{count:20, sum:10, [-0.001,0.001]:2, (0.5,1]:1}``."""
        parts = [f"count:{format_go(self.count)}", f"sum:{format_go(self.sum)}"]
        everything = [*reversed(list(self.negative_buckets())), self.zero_bucket(), *self.positive_buckets()]
        for b in everything:
            if b.count != 0:
                left, right = "[" if b.lower_inclusive else "(", "]" if b.upper_inclusive else ")"
                parts.append(f"{left}{format_go(b.lower)},{format_go(b.upper)}{right}:{format_go(b.count)}")
        return "{" + ", ".join(parts) + "}"


def _same(a: float, b: float) -> bool:
    return a == b or (a != a and b != b)


def _same_buckets(a: Mapping[int, float], b: Mapping[int, float]) -> bool:
    return a.keys() == b.keys() and all(_same(a[i], b[i]) for i in a)


def _divide(a: float, b: float) -> float:
    if b == 0:
        return math.nan if a == 0 or a != a else math.copysign(math.inf, a) * math.copysign(1.0, b)
    return a / b


def _lower_resolution(buckets: Mapping[int, float], shift: int) -> dict[int, float]:
    merged: dict[int, float] = {}
    for index, n in sorted(buckets.items()):
        to = ((index - 1) >> shift) + 1
        merged[to] = merged.get(to, 0.0) + n
    return merged


def _merged(a: Mapping[int, float], b: Mapping[int, float], sign: float) -> dict[int, float]:
    out = dict(a)
    for index, n in b.items():
        out[index] = out.get(index, 0.0) + sign * n
    return out


def _combined_hint(a: Hint, b: Hint, *, adding: bool) -> tuple[Hint, bool]:
    hints = {a, b}
    conflict = hints == {Hint.RESET, Hint.NOT_RESET}
    if not adding:
        return Hint.GAUGE, conflict
    if a is b:
        return a, False
    if Hint.GAUGE in hints:
        return Hint.GAUGE, False
    return Hint.UNKNOWN, conflict


def common_layout(a: FloatHistogram, b: FloatHistogram) -> tuple[FloatHistogram, FloatHistogram, bool]:
    """Both at the resolution that each can give, and whether custom bounds had to be reduced.

    Raises `IncompatibleSchema` for exponential against custom buckets.
    """
    if a.custom != b.custom:
        raise IncompatibleSchema
    if a.custom:
        if a.bounds == b.bounds:
            return a, b, False
        shared = tuple(x for x in a.bounds if x in b.bounds)
        return a.with_bounds(shared), b.with_bounds(shared), True
    # The zero buckets first, while both still have their finest buckets.
    while a.zero_threshold != b.zero_threshold:
        if a.zero_threshold < b.zero_threshold:
            a = a.widen_zero(b.zero_threshold)
        else:
            b = b.widen_zero(a.zero_threshold)
    schema = min(a.schema, b.schema)
    return a.to_schema(schema), b.to_schema(schema), False


def detect_reset(previous: FloatHistogram, current: FloatHistogram) -> bool:
    """Whether a counter started again between two samples: by hint, layout, or any count that went down.

    A gauge that is treated as a counter is looked at like any other.
    """
    if current.hint is Hint.RESET:
        return True
    if current.hint is Hint.NOT_RESET:
        return False
    if current.count < previous.count:
        return True
    if current.custom != previous.custom:
        return True
    if current.custom:
        if current.bounds != previous.bounds:
            shared = tuple(x for x in current.bounds if x in previous.bounds)
            current, previous = current.with_bounds(shared), previous.with_bounds(shared)
    else:
        if current.schema > previous.schema or current.zero_threshold < previous.zero_threshold:
            return True
        if current.zero_threshold > previous.zero_threshold:
            widened = previous.widen_zero(current.zero_threshold)
            if widened.zero_threshold != current.zero_threshold:
                return True
            previous = widened
        previous = previous.to_schema(current.schema)
        if current.zero_count < previous.zero_count:
            return True
    return _went_down(previous.positive, current.positive) or _went_down(previous.negative, current.negative)


def _went_down(previous: Mapping[int, float], current: Mapping[int, float]) -> bool:
    return any(n > current.get(index, 0.0) for index, n in previous.items())
