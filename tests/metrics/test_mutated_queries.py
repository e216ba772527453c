"""Whatever is asked, the API answers or refuses: never a failure of its own, never late."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import numpy as np
import orjson
import pytest

from support.asgi import ask
from support.promql_mutations import Mutator
from support.shared import SHARED
from vedette.metrics.promql.script.commands import Load, Question, parse_script
from vedette.metrics.promql.script.load import load
from vedette.metrics.promql.script.memory import MemoryStorage
from vedette.metrics.promql.syntax.parser import ALL_FEATURES
from vedette.metrics.service import MetricsOptions, MetricsRole
from vedette.model.histogram import FloatHistogram
from vedette.web.prompt import MAX_FORM_BYTES
from vedette.web.prompt import Question as Prompt
from vedette.web.role import Listen

OWN = Path(__file__).parent / "promql" / "scripts"
# The longest that one request may take, in seconds; most take a millisecond.
PATIENCE = 5.0
MOST_SAMPLES = 40
# What may be asked beside a query. Some of it is refused too.
EXTRAS: list[dict[str, object]] = [
    {},
    {},
    {},
    {"explain": 1},
    {"trace": 1},
    {"stats": "all"},
    {"limit": 2},
    {"lookback_delta": "1s"},
    {"lookback_delta": "10000y"},
    {"timeout": "10s"},
    # A subquery of seconds over years is work without end.
    {"step": "1y", "end": "2500-01-01T00:00:00Z", "timeout": "500ms"},
    {"start": -1e11, "end": 1e11, "step": 1e8, "timeout": "500ms"},
    {"time": "-292273086-05-16T16:47:06Z"},
    {"time": 9223372036854775.807},
]


def scripts() -> list[Path]:
    return sorted([*OWN.glob("*.test"), *(SHARED / "conformance" / "promql").glob("*.test")])


@cache
def questions() -> list[Question]:
    found = [command for path in scripts() for command in parse_script(path.read_text())]
    return [command for command in found if isinstance(command, Question)]


@cache
def everything() -> MemoryStorage:
    """What all scripts load, of each series the first samples."""
    store = MemoryStorage()
    for path in scripts():
        for command in parse_script(path.read_text()):
            if isinstance(command, Load):
                part = MemoryStorage()
                load(part, command)
                for labels, series in part.series.items():
                    if labels not in store.series:
                        for when, value in zip(series.times[:MOST_SAMPLES], series.values, strict=False):
                            store.add(labels, when, value, series.starts.get(when, 0))
    return store


class Doors:
    """The whole role: what answers small questions at once, and behind it the application."""

    def __init__(self, role: MetricsRole) -> None:
        self.role = role

    async def ask(self, path: str, **params: object) -> tuple[int, Any]:
        pairs = {k: str(v).encode("utf-8", "surrogateescape") for k, v in params.items()}
        encoded = "&".join([f"{k}={quote_from_bytes(v)}" for k, v in pairs.items()]).encode()
        found = self.role._prompt.find(path.encode())
        if found is not None and len(encoded) < MAX_FORM_BYTES:
            reply = self.role._prompt.ask(*found, Prompt(path, encoded, b"", False))
            if reply is not None:
                return reply.status, _read(reply.body)
        headers = {"content-type": "application/x-www-form-urlencoded"}
        request = ask(self.role.app, path, method="POST", headers=headers, body=encoded)
        answer = await asyncio.wait_for(request, PATIENCE)
        return answer.status_code, _read(answer.body)


def _read(body: bytes) -> Any:
    """Of what is nested too deeply to be read, the beginning."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if "depth limit" not in str(error):
            raise
        return orjson.loads(body[: body.index(b',"data"')] + b"}")


@contextlib.asynccontextmanager
async def running(folder: Path) -> AsyncIterator[MetricsRole]:
    config = folder / "prometheus.yml"
    config.write_text("scrape_configs: []\n")
    options = MetricsOptions(
        config_file=config, data_dir=folder / "data", listen=Listen(port=0), features=ALL_FEATURES
    )
    async with MetricsRole(options) as role:
        yield role


@contextlib.asynccontextmanager
async def doors_of_scripts(folder: Path) -> AsyncIterator[Doors]:
    """Over what scripts load, histograms and start timestamps with it."""
    async with running(folder) as role:
        assert role._running is not None
        role._running.engine.storage = everything()
        yield Doors(role)


@contextlib.asynccontextmanager
async def doors_of_a_store(folder: Path) -> AsyncIterator[Doors]:
    """Over a store on disk."""
    async with running(folder) as role:
        assert role._running is not None
        appender = role._running.store.appender()
        for labels, series in everything().series.items():
            floats = [
                (t, v)
                for t, v in zip(series.times, series.values, strict=True)
                if not isinstance(v, FloatHistogram)
            ]
            if floats:
                refs = np.full(len(floats), appender.series(labels), dtype=np.int64)
                times = np.array([t for t, _ in floats], dtype=np.int64)
                appender.append(refs, times, np.array([v for _, v in floats], dtype=np.float64))
        appender.commit()
        yield Doors(role)


async def ask_all(doors: Doors, count: int, seed: int, caplog: pytest.LogCaptureFixture) -> None:
    asked = questions()
    mutator = Mutator([question.query for question in asked], seed)
    answered = 0
    for i in range(count):
        query, model = mutator.query(), mutator.random.choice(asked)
        extra = mutator.random.choice(EXTRAS)
        when = {"time": model.end / 1000} | extra
        span = {"start": model.start / 1000, "end": model.end / 1000 + 60, "step": 17} | extra
        for path, params in (
            ("query", when) if i % 2 else ("query_range", span),
            ("format_query", {}) if i % 4 < 2 else ("parse_query", {}),
        ):
            started = time.monotonic()
            said = f"seed {seed}, {path} {params} {query[:2000]!r}"
            try:
                status, body = await doors.ask(f"/api/v1/{path}", query=query, **params)
            except Exception as error:
                raise AssertionError(f"{said}: {error!r}") from error
            timed_out = status == 503 and body.get("errorType") == "timeout" and "timeout" in params
            assert timed_out or status in (200, 400, 422), f"{said}: {status} {body}"
            assert body["status"] == ("success" if status == 200 else "error"), said
            assert time.monotonic() - started < PATIENCE, said
            assert not [r for r in caplog.records if r.levelno >= logging.ERROR], said
            answered += status == 200
    # Most are refused, but there is something to answer.
    assert answered > count / 5


async def test_some_mutated_queries(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with doors_of_scripts(tmp_path) as doors:
        await ask_all(doors, 500, 1, caplog)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 3])
async def test_mutated_queries_over_scripts(
    seed: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with doors_of_scripts(tmp_path) as doors:
        await ask_all(doors, 2_500, seed, caplog)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [4, 5])
async def test_mutated_queries_over_a_store(
    seed: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with doors_of_a_store(tmp_path) as doors:
        await ask_all(doors, 2_500, seed, caplog)


@pytest.mark.parametrize(
    "query",
    [
        "(" * 10_000 + "1" + ")" * 10_000,
        "(" * 10_000,
        "-" * 5_000 + "1",
        "1" + " + 1" * 3_000,
        " or ".join(["up"] * 3_000),
        "sum(" * 3_000 + "up" + ")" * 3_000,
        "abs(" * 3_000 + "up",
        "up" + "[5m:]" * 5_000,
        "up" + " offset 5m" * 3_000,
        f"up[{'(' * 10_000}5m{')' * 10_000}]",
        f"up[5m{' + 5m' * 5_000}]",
        f"up[{'-' * 5_000}5m]",
        f"up[5m{' ^ 1' * 5_000}]",
        "{" + "a='b'," * 5_000 + "}",
        "up{a=~'" + "(" * 5_000 + "'}",
        "9" * 100_000,
        "0x" + "f" * 100_000,
        "0" + "7" * 100_000,
        "up[" + "9" * 100_000 + "s]",
        "up[" + "1s" * 50_000 + "]",
        '"' + "\\n" * 100_000,
        "a" * 500_000,
        "# " * 50_000,
        " " * 100_000,
        "sum by (" + "a," * 20_000 + ") (up)",
        "label_join(up" + ", 'a'" * 5_000 + ")",
    ],
    ids=lambda query: f"{query[:12]}…{len(query)}",
)
async def test_of_what_is_too_much_the_answer_comes_soon(
    query: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with doors_of_scripts(tmp_path) as doors:
        for path in ("query", "format_query", "parse_query"):
            started = time.monotonic()
            status, body = await doors.ask(f"/api/v1/{path}", query=query)
            assert status in (200, 400, 422), (status, body)
            assert time.monotonic() - started < PATIENCE / 2
            assert not [r for r in caplog.records if r.levelno >= logging.ERROR]
