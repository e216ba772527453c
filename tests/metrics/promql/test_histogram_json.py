"""Native histograms as the API writes them."""

from __future__ import annotations

import json
import math

import pytest

from vedette.metrics.promql.json import encode_histogram
from vedette.model.histogram import CUSTOM_SCHEMA, FloatHistogram

# Which ends belong to a bucket.
UPPER, LOWER, NEITHER, BOTH = 0, 1, 2, 3


@pytest.mark.parametrize(
    ("histogram", "want"),
    [
        (FloatHistogram(), {"count": "0", "sum": "0"}),
        (
            FloatHistogram(0, 4.0, 0.25, 0.5, 1.0, {1: 1.0, 2: 0.0}, {1: 2.0}),
            {
                "count": "4",
                "sum": "0.25",
                "buckets": [
                    [LOWER, "-2", "-1", "2"],
                    [BOTH, "-0.5", "0.5", "1"],
                    [UPPER, "1", "2", "1"],
                ],
            },
        ),
        # Buckets that reach into the zero bucket end where it begins.
        (
            FloatHistogram(0, 4.0, 0.0, 1.5, 0.0, {1: 2.0}, {1: 2.0}),
            {
                "count": "4",
                "sum": "0",
                "buckets": [[LOWER, "-2", "-1.5", "2"], [UPPER, "1.5", "2", "2"]],
            },
        ),
        # The first of custom buckets begins with everything there is.
        (
            FloatHistogram(
                CUSTOM_SCHEMA, 3.0, math.nan, positive={0: 1.0, 1: 1.0, 2: 1.0}, bounds=(2.5, 5.0)
            ),
            {
                "count": "3",
                "sum": "NaN",
                "buckets": [
                    [BOTH, "-Inf", "2.5", "1"],
                    [UPPER, "2.5", "5", "1"],
                    [UPPER, "5", "+Inf", "1"],
                ],
            },
        ),
        # Less than nothing around zero is not shown, elsewhere it is.
        (
            FloatHistogram(0, -3.0, -1e21, 0.5, -1.0, {1: -2.0}),
            {"count": "-3", "sum": "-1e+21", "buckets": [[UPPER, "1", "2", "-2"]]},
        ),
    ],
)
def test_a_histogram(histogram: FloatHistogram, want: object) -> None:
    assert json.loads(encode_histogram(histogram)) == want


@pytest.mark.parametrize(
    ("histogram", "want"),
    [
        (FloatHistogram(), "{count:0, sum:0}"),
        (
            FloatHistogram(0, 4e6, -0.00001, 1.5, 1.0, {1: 1.0}, {1: 2.0}),
            "{count:4e+06, sum:-1e-05, [-2,-1):2, [-1.5,1.5]:1, (1,2]:1}",
        ),
        (
            FloatHistogram(CUSTOM_SCHEMA, 2.0, math.inf, positive={0: 1.0, 1: 1.0}, bounds=(2.5,)),
            "{count:2, sum:+Inf, [-Inf,2.5]:1, (2.5,+Inf]:1}",
        ),
    ],
)
def test_the_text_of_a_histogram(histogram: FloatHistogram, want: str) -> None:
    assert str(histogram) == want
