"""Native histograms against a plain twin: buckets as intervals with a count, everything looked up by hand."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vedette.metrics.promql.engine import Engine
from vedette.metrics.promql.functions.histogram_rows import ROW_FUNCTIONS
from vedette.metrics.promql.histogram.columns import layout_of, pack, unpack
from vedette.metrics.promql.histogram.native import fraction, quantile
from vedette.metrics.promql.histogram.sums import sum_histograms
from vedette.metrics.promql.histogram.trim import trim
from vedette.metrics.promql.script.compare import same_value
from vedette.metrics.promql.script.memory import MemoryStorage
from vedette.model.histogram import (
    CUSTOM_SCHEMA,
    FloatHistogram,
    Hint,
    IncompatibleSchema,
    detect_reset,
    exponential_bound,
)
from vedette.model.labels import Labels

# A busy machine is no fault of arithmetic.
cases = settings(deadline=None, max_examples=60)

counts = st.integers(0, 9).map(float)
THRESHOLDS = [0.0, 0.1, 0.25, 0.3, 0.5, 0.8, 1.0, 1.7, 2.0, 3.0]
BOUNDS = [-5.0, -1.0, 0.0, 0.5, 1.0, 2.0, 4.0, 10.0]


@st.composite
def exponential(draw: st.DrawFn, *, signs: bool = True) -> FloatHistogram:
    schema = draw(st.integers(-1, 3))
    width = 4 << max(0, schema)
    sides = [draw(st.dictionaries(st.integers(-width, width), counts, max_size=6)) for _ in range(2)]
    threshold = draw(st.sampled_from(THRESHOLDS))
    # A store holds no bucket inside the zero bucket.
    for side in sides:
        for index in list(side):
            if exponential_bound(index - 1, schema) < threshold:
                del side[index]
    zero = draw(counts) if threshold else 0.0
    negative = sides[1] if signs else {}
    total = zero + sum(sides[0].values()) + sum(negative.values())
    return FloatHistogram(
        schema,
        total,
        draw(st.integers(-50, 50).map(float)),
        threshold,
        zero,
        sides[0],
        negative,
        hint=draw(st.sampled_from(Hint)),
    )


@st.composite
def custom(draw: st.DrawFn) -> FloatHistogram:
    bounds = tuple(sorted(draw(st.sets(st.sampled_from(BOUNDS), max_size=6))))
    buckets = draw(st.dictionaries(st.integers(0, len(bounds)), counts, max_size=6))
    return FloatHistogram(CUSTOM_SCHEMA, sum(buckets.values()), 1.0, positive=buckets, bounds=bounds)


# ---- the twin: what stands in which interval --------------------------------------------------------------------

Interval = tuple[float, float]


def intervals(h: FloatHistogram) -> dict[Interval, float]:
    """Without the zero bucket, by distance from zero: negative ones have negative ends."""
    out: dict[Interval, float] = {}
    for sign, side in ((1, h.positive), (-1, h.negative)):
        for index, n in side.items():
            if h.custom:
                low = h.bounds[index - 1] if index else -math.inf
                high = h.bounds[index] if index < len(h.bounds) else math.inf
            else:
                low = sign * exponential_bound(index - 1, h.schema)
                high = sign * exponential_bound(index, h.schema)
            if n:
                out[low, high] = out.get((low, high), 0.0) + n
    return out


def plain_sum(
    a: FloatHistogram, b: FloatHistogram, sign: float
) -> tuple[int, float, float, dict[Interval, float]]:
    """Schema, zero threshold, zero count, buckets."""
    threshold = max(a.zero_threshold, b.zero_threshold)
    everything = [*intervals(a).items(), *((k, sign * n) for k, n in intervals(b).items())]
    grown = True
    while grown:
        grown = False
        for (low, high), _ in everything:
            if abs(low) < threshold < abs(high):
                threshold, grown = abs(high), True
    schema = min(a.schema, b.schema)
    zero = a.zero_count + sign * b.zero_count
    out: dict[Interval, float] = {}
    for (_, high), n in everything:
        if abs(high) <= threshold:
            zero += n
            continue
        index = next(i for i in range(-70, 70) if exponential_bound(i, schema) >= abs(high))
        key = (exponential_bound(index - 1, schema), exponential_bound(index, schema))
        if high < 0:
            key = (-key[0], -key[1])
        out[key] = out.get(key, 0.0) + n
    return schema, threshold, zero, {k: n for k, n in out.items() if n}


@cases
@given(a=exponential(), b=exponential(), minus=st.booleans())
def test_adding_puts_every_bucket_where_the_twin_has_it(
    a: FloatHistogram, b: FloatHistogram, minus: bool
) -> None:
    got = (a.sub(b) if minus else a.add(b)).histogram
    schema, threshold, zero, buckets = plain_sum(a, b, -1.0 if minus else 1.0)
    assert (got.schema, got.zero_threshold, got.zero_count) == (schema, threshold, zero)
    assert intervals(got) == buckets
    assert got.count == (a.count - b.count if minus else a.count + b.count)
    assert got.sum == (a.sum - b.sum if minus else a.sum + b.sum)


@cases
@given(a=exponential(), b=exponential())
def test_what_was_added_can_be_taken_away(a: FloatHistogram, b: FloatHistogram) -> None:
    both = a.add(b).histogram
    left = both.sub(b).histogram.compact()
    # In the layout that the sum has.
    empty = replace(both.empty_like(), zero_threshold=both.zero_threshold)
    assert left == a.add(empty).histogram.compact()


@cases
@given(a=exponential(), b=exponential())
def test_hints_of_sums(a: FloatHistogram, b: FloatHistogram) -> None:
    combined = a.add(b)
    hints = {a.hint, b.hint}
    assert combined.conflict == (hints == {Hint.RESET, Hint.NOT_RESET})
    if len(hints) == 1:
        assert combined.histogram.hint is a.hint
    else:
        assert combined.histogram.hint is (Hint.GAUGE if Hint.GAUGE in hints else Hint.UNKNOWN)
    assert a.sub(b).histogram.hint is Hint.GAUGE


@cases
@given(found=st.lists(exponential(), min_size=1, max_size=5), average=st.booleans())
def test_a_sum_of_many_is_a_sum_of_sums(found: list[FloatHistogram], average: bool) -> None:
    total = sum_histograms(found, average=average)
    want = found[0]
    for histogram in found[1:]:
        want = want.add(histogram).histogram
    if average:
        want = want.div(len(found))
    got, want = total.histogram.compact(), want.compact()
    assert (got.schema, got.zero_threshold) == (want.schema, want.zero_threshold)
    assert got.hint is want.hint or len(found) > 2
    for side, other in ((got.positive, want.positive), (got.negative, want.negative)):
        assert side == pytest.approx(other)
    assert (got.count, got.sum, got.zero_count) == pytest.approx((want.count, want.sum, want.zero_count))
    assert total.conflict == ({Hint.RESET, Hint.NOT_RESET} <= {h.hint for h in found})


@cases
@given(h=exponential(), factor=st.integers(-8, 8).filter(bool).map(float))
def test_scaling(h: FloatHistogram, factor: float) -> None:
    assert h.mul(factor).div(factor) == h
    assert h.mul(factor) == h.div(1 / factor) or factor not in (1, 2, 4, 8, -1, -2, -4, -8)
    assert h.mul(factor).hint is (Hint.GAUGE if factor < 0 else h.hint)


@cases
@given(h=exponential(), by=st.integers(0, 4))
def test_a_lower_resolution_keeps_every_observation_in_its_bounds(h: FloatHistogram, by: int) -> None:
    schema = max(-4, h.schema - by)
    wide = intervals(h.to_schema(schema))
    assert sum(wide.values()) == sum(intervals(h).values())
    for (low, high), n in intervals(h).items():
        holders = [k for k in wide if abs(k[0]) <= abs(low) and abs(high) <= abs(k[1]) and k[1] * high > 0]
        assert len(holders) == 1
        assert wide[holders[0]] >= n


@cases
@given(found=st.lists(exponential(), min_size=1, max_size=4))
def test_columns_and_back(found: list[FloatHistogram]) -> None:
    alike = [replace(h, schema=1, zero_threshold=0.25) for h in found]
    layout = layout_of(alike)
    assert layout is not None
    back = unpack(layout, pack(layout, alike), [h.hint for h in alike])
    assert back == alike
    assert [h.hint for h in back] == [h.hint for h in alike]


# ---- custom bounds ----------------------------------------------------------------------------------------------


def below(h: FloatHistogram, at: float) -> float:
    return sum(n for (_, high), n in intervals(h).items() if high <= at)


@cases
@given(a=custom(), b=custom(), minus=st.booleans())
def test_custom_bounds_that_both_have_tell_the_same(
    a: FloatHistogram, b: FloatHistogram, minus: bool
) -> None:
    combined = a.sub(b) if minus else a.add(b)
    got = combined.histogram
    assert got.bounds == tuple(x for x in BOUNDS if x in a.bounds and x in b.bounds)
    assert combined.reconciled == (a.bounds != b.bounds)
    for bound in (*got.bounds, math.inf):
        want = below(a, bound) - below(b, bound) if minus else below(a, bound) + below(b, bound)
        assert below(got, bound) == want


@cases
@given(a=custom(), b=exponential())
def test_custom_and_exponential_do_not_mix(a: FloatHistogram, b: FloatHistogram) -> None:
    for left, right in itertools.permutations((a, b)):
        with pytest.raises(IncompatibleSchema):
            left.add(right)


# ---- resets -----------------------------------------------------------------------------------------------------


@cases
@given(a=exponential(), grown=exponential())
def test_a_counter_that_only_grew_was_not_reset(a: FloatHistogram, grown: FloatHistogram) -> None:
    more = replace(a.add(grown).histogram, hint=Hint.UNKNOWN)
    assert not detect_reset(a, more)


@cases
@given(a=exponential(), b=exponential())
def test_a_reset_is_a_count_that_went_down(a: FloatHistogram, b: FloatHistogram) -> None:
    after = replace(b, hint=Hint.UNKNOWN)
    assert detect_reset(a, replace(b, hint=Hint.RESET))
    assert not detect_reset(a, replace(b, hint=Hint.NOT_RESET))
    assert detect_reset(a, replace(b, hint=Hint.GAUGE)) == detect_reset(a, after)
    if (a.schema, a.zero_threshold) == (b.schema, b.zero_threshold):
        less = intervals(b)
        went_down = any(n > less.get(k, 0.0) for k, n in intervals(a).items())
        assert detect_reset(a, after) == (b.count < a.count or b.zero_count < a.zero_count or went_down)


# ---- ranks ------------------------------------------------------------------------------------------------------


@cases
@given(h=exponential(), q=st.floats(0.01, 0.99))
def test_fraction_undoes_quantile(h: FloatHistogram, q: float) -> None:
    assume(h.count > 0)
    said: list[str] = []
    at = quantile(h, q, "h", said.append)
    ends = [b for b in h.buckets() if b.count and (b.lower == at or b.upper == at)]
    assume(not ends)
    assert fraction(h, -math.inf, at, "h", said.append) == pytest.approx(q)
    assert not said


@cases
@given(h=exponential(), q=st.lists(st.floats(0, 1), min_size=2, max_size=5))
def test_quantiles_rise(h: FloatHistogram, q: list[float]) -> None:
    assume(h.count > 0)
    got = [quantile(h, x, "h", lambda _: None) for x in sorted(q)]
    assert all(a <= b or a == pytest.approx(b) for a, b in itertools.pairwise(got))


@cases
@given(h=exponential(), at=st.floats(-20, 20))
def test_what_is_cut_in_two_is_whole(h: FloatHistogram, at: float) -> None:
    h = h.compact()
    low, high = trim(h, at, below=True), trim(h, at, below=False)
    assert low.count + high.count == pytest.approx(h.count)
    assert low.zero_count + high.zero_count == pytest.approx(h.zero_count)
    for side in ("positive", "negative"):
        left, right, whole = getattr(low, side), getattr(high, side), getattr(h, side)
        for index, n in whole.items():
            assert left.get(index, 0.0) + right.get(index, 0.0) == pytest.approx(n)
    if h.count:
        share = fraction(h, -math.inf, at, "h", lambda _: None)
        assert low.count == pytest.approx(share * h.count, abs=1e-9)


# ---- windows ----------------------------------------------------------------------------------------------------


@st.composite
def series(draw: st.DrawFn) -> list[tuple[int, FloatHistogram]]:
    """Samples of one layout, with the hints and the odd numbers that a counter can have."""
    kinds = draw(st.sampled_from([[Hint.UNKNOWN], [Hint.UNKNOWN, Hint.RESET], [Hint.GAUGE], list(Hint)]))
    strange = draw(st.sampled_from([[], [math.nan], [math.inf, 1e308]]))
    now, out = 0, []
    for _ in range(draw(st.integers(0, 12))):
        now += draw(st.sampled_from([1000, 15_000, 60_000]))
        buckets = draw(st.dictionaries(st.integers(-3, 3), counts, max_size=4))
        total = draw(st.sampled_from([1.0, 5.5, -2.0, *strange]))
        count = sum(buckets.values())
        out.append(
            (now, FloatHistogram(0, count, total, positive=buckets, hint=draw(st.sampled_from(kinds))))
        )
    return out


@pytest.mark.filterwarnings("ignore:The recursion limit")
@cases
@given(
    samples=st.lists(series(), min_size=1, max_size=3),
    function=st.sampled_from(sorted(ROW_FUNCTIONS)),
    span=st.sampled_from(["1s", "30s", "2m", "10m"]),
    step=st.sampled_from([7_000, 60_000]),
)
def test_whole_series_give_what_single_windows_give(
    samples: list[list[tuple[int, FloatHistogram]]], function: str, span: str, step: int
) -> None:
    store = MemoryStorage()
    for i, row in enumerate(samples):
        for time, histogram in row:
            store.add(Labels({"__name__": "m_total", "i": str(i)}), time, histogram)
    query = f"{function}(m_total[{span}])"
    whole = Engine(store).range(query, 0, 600_000, step)
    with patch.dict(ROW_FUNCTIONS, clear=True):
        single = Engine(store).range(query, 0, 600_000, step)
    assert (whole.warnings, whole.infos) == (single.warnings, single.infos)
    assert list(whole.table) == list(single.table)
    assert np.array_equal(whole.present, single.present)
    for row, column in zip(*np.nonzero(whole.present), strict=True):
        cells = [None if r.histograms is None else r.histograms[row, column] for r in (whole, single)]
        if cells[0] is None:
            assert cells[1] is None
            assert whole.values[row, column] == single.values[row, column]
        else:
            assert same_value(*cells), cells
            assert cells[0].hint is cells[1].hint


# ---- custom buckets and classic ones -----------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:The recursion limit")
@cases
@given(
    bounds=st.sets(st.sampled_from([0.5, 1.0, 2.0, 4.0, 10.0]), min_size=1),
    found=st.lists(st.integers(1, 9).map(float), min_size=6, max_size=6),
    q=st.floats(0.01, 0.99),
    ends=st.tuples(st.floats(-2, 20), st.floats(-2, 20)),
)
def test_custom_buckets_answer_like_classic_ones(
    bounds: set[float], found: list[float], q: float, ends: tuple[float, float]
) -> None:
    uppers = (*sorted(bounds), math.inf)
    each = dict(enumerate(found[: len(uppers)]))
    h = FloatHistogram(CUSTOM_SCHEMA, sum(each.values()), 1.0, positive=each, bounds=uppers[:-1])
    store = MemoryStorage()
    store.add(Labels({"__name__": "native"}), 0, h)
    for i, upper in enumerate(uppers):
        labels = Labels({"__name__": "classic", "le": "+Inf" if math.isinf(upper) else repr(upper)})
        store.add(labels, 0, math.fsum(found[: i + 1]))
    engine = Engine(store)
    low, high = sorted(ends)
    for query in (f"histogram_quantile({q!r}, %s)", f"histogram_fraction({low!r}, {high!r}, %s)"):
        native = engine.instant(query % "native", 0).values
        classic = engine.instant(query % "classic", 0).values
        assert native == pytest.approx(classic), query
