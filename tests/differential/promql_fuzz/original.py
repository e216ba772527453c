"""Debian's Prometheus as the one who answers: started over an empty directory, filled by remote write."""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import cramjam
import orjson

from vedette.model.histogram import FloatHistogram

from .data import Series
from .question import Answer, Question, label_set
from .wire import write_request

# What this release says with other words.
RENAMED = {"double_exponential_smoothing": "holt_winters"}


@contextlib.contextmanager
def original(series: Sequence[Series]) -> Iterator[Original]:
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        config = Path(folder, "prometheus.yml")
        config.write_text("global: {evaluation_interval: 1m}\n")
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        program = subprocess.Popen(
            [
                "prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}/data",
                f"--web.listen-address=127.0.0.1:{port}", "--web.enable-remote-write-receiver",
                "--storage.tsdb.retention.time=100y", "--log.level=error", "--query.max-concurrency=2",
            ],
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            with asyncio.Runner() as runner:
                yield Original(f"http://127.0.0.1:{port}", runner, series)
        finally:
            program.terminate()
            program.wait(10)


class Original:
    def __init__(self, base: str, runner: asyncio.Runner, series: Sequence[Series]) -> None:
        self.base = base
        self._runner = runner
        runner.run(self._fill(series))

    def ask(self, questions: Sequence[Question]) -> list[Answer]:
        return self._runner.run(self._ask(questions))

    async def _fill(self, series: Sequence[Series]) -> None:
        body = bytes(cramjam.snappy.compress_raw(write_request(series)))
        headers = {"Content-Encoding": "snappy", "Content-Type": "application/x-protobuf"}
        until = time.monotonic() + 20
        async with aiohttp.ClientSession() as session:
            while True:
                try:
                    async with session.get(f"{self.base}/-/ready") as answer:
                        if answer.status == 200:
                            break
                except OSError:
                    pass
                if time.monotonic() > until:
                    raise RuntimeError("the original does not start")
                await asyncio.sleep(0.05)
            async with session.post(f"{self.base}/api/v1/write", data=body, headers=headers) as answer:
                if answer.status != 204:
                    raise RuntimeError(f"the original refuses the samples: {await answer.text()}")

    async def _ask(self, questions: Sequence[Question]) -> list[Answer]:
        connector = aiohttp.TCPConnector(limit=4)
        async with aiohttp.ClientSession(connector=connector) as session:
            return await asyncio.gather(*(self._one(session, q) for q in questions))

    async def _one(self, session: aiohttp.ClientSession, question: Question) -> Answer:
        query = question.query
        for ours, theirs in RENAMED.items():
            query = query.replace(ours, theirs)
        if question.step:
            path, form = "query_range", _seconds(start=question.start, end=question.end, step=question.step)
        else:
            path, form = "query", _seconds(time=question.start)
        async with session.post(f"{self.base}/api/v1/{path}", data={"query": query, **form}) as answer:
            return _answer(orjson.loads(await answer.read()))


def _seconds(**times: int) -> dict[str, str]:
    return {name: f"{value / 1000:.3f}" for name, value in times.items()}


def _answer(body: Any) -> Answer:
    if body["status"] != "success":
        return Answer(error=body["error"])
    kind, result = body["data"]["resultType"], body["data"]["result"]
    answer = Answer(kind)
    if kind == "string":
        answer.text = result[1]
    elif kind == "scalar":
        answer.rows.append(((), [_point(result)]))
    for row in result if kind in ("vector", "matrix") else ():
        points = [row["value"]] if kind == "vector" else row["values"]
        answer.rows.append((label_set(row["metric"]), [_point(p) for p in points]))
    return answer


def _point(pair: Any) -> tuple[int, float | FloatHistogram]:
    value = pair[1]
    return round(pair[0] * 1000), math.nan if value == "NaN" else float(value)
