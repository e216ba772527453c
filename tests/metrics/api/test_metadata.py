"""The metadata doors: which parameter a refusal names, and that the prompt door says the same."""

from __future__ import annotations

import zlib

import pytest

from support.doors import Doors
from vedette.metrics.api import metadata
from vedette.metrics.scrape import Metadata
from vedette.web.prompt import Question


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/targets/metadata?match_target={", 'invalid parameter "match_target": 1:2: parse error: unexpected end of input inside braces'),
        ("/targets/metadata?limit=x", "limit must be a number"),
        ("/metadata?limit=x", "limit must be a number"),
        ("/metadata?limit_per_metric=1.5", "limit_per_metric must be a number"),
    ],
)  # fmt: skip
async def test_refusals(path: str, message: str) -> None:
    async with Doors(metadata.routes(list)) as client:
        assert (await client.get(path)).error == (400, "bad_data", message)


@pytest.mark.parametrize("query", ["", "limit=1", "metric=b", "limit_per_metric=1"])
async def test_both_ways_tell_the_same(query: str) -> None:
    entries = [Metadata(name, "counter", text * 400, "") for name in ("a", "b") for text in "xy"]

    def told() -> list[tuple[None, Metadata]]:
        return [(None, entry) for entry in entries]

    door = metadata.prompt_doors(told)["/metadata"]  # type: ignore[arg-type]
    async with Doors(metadata.routes(told)) as client:  # type: ignore[arg-type]
        want = await client.get(f"/metadata?{query}")
    plain = door(Question("/metadata", query.encode(), b"", False))
    packed = door(Question("/metadata", query.encode(), b"", True))
    assert plain is not None
    assert packed is not None
    assert plain.body == want.body
    assert (zlib.decompress(packed.body, 31) if packed.gzipped else packed.body) == want.body
    assert door(Question("/metadata", b"limit=x", b"", False)) is None
