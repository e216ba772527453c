"""The hash that `limit_ratio` samples by."""

from __future__ import annotations

import pytest

from vedette.metrics.promql.label_hash import hash_labels, xxh64
from vedette.model.labels import Labels


@pytest.mark.parametrize(
    ("data", "digest"),
    [
        (b"", 0xEF46DB3751D8E999),
        (b"a", 0xD24EC4F1A98C6E5B),
        (b"abc", 0x44BC2CF5AD770999),
        (b"Nobody inspects the spammish repetition", 0xFBCEA83C8A378BF1),
    ],
)
def test_xxh64_is_the_published_one(data: bytes, digest: int) -> None:
    assert xxh64(data) == digest


def test_names_and_values_stand_behind_their_lengths() -> None:
    labels = Labels({"__name__": "up", "größe": "5", "long": "x" * 300})
    data = b"\x08__name__\x02up" + b"\x07gr\xc3\xb6\xc3\x9fe\x015" + b"\x04long\xff\x2c\x01\x00" + b"x" * 300
    assert hash_labels(labels) == xxh64(data)


def test_of_no_labels() -> None:
    assert hash_labels(Labels({})) == xxh64(b"")
