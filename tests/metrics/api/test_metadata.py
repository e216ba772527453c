"""The metadata doors: which parameter a refusal names."""

from __future__ import annotations

import pytest

from support.doors import Doors
from vedette.metrics.api import metadata


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
