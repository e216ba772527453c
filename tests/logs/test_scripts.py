"""The scripts of `scripts/*.test`. Each is asked twice: of lines in memory, and of lines in sealed blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from support.loki import T0, at
from vedette.logs.push.labels import label_text
from vedette.model.labels import Labels

SCRIPTS = {
    path.stem: path.read_text("utf-8") for path in sorted((Path(__file__).parent / "scripts").glob("*.test"))
}
_STEP = re.compile(r"(load|clear|fail|eval labels|eval at|eval)(?: +(.*))?$")


@dataclass
class Step:
    kind: str
    text: str
    line: int
    body: list[str] = field(default_factory=list)


def steps(text: str) -> list[Step]:
    out: list[Step] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("  "):
            out[-1].body.append(line[2:])
            continue
        found = _STEP.match(line)
        assert found, f"line {number}: {line}"
        out.append(Step(found[1], found[2] or "", number))
    return out


@pytest.mark.parametrize("sealed", [False, True], ids=["head", "blocks"])
@pytest.mark.parametrize("script", SCRIPTS)
async def test_script(door, script: str, sealed: bool) -> None:
    for step in steps(SCRIPTS[script]):
        where = f"{script}.test:{step.line}"
        if step.kind == "load":
            labels = dict(re.findall(r'(\w+)="([^"]*)"', step.text))
            values = [[at(float(w[1:])), rest] for w, _, rest in (line.partition(" ") for line in step.body)]
            assert await door.push((labels, values)) == (204, ""), where
            if sealed:
                assert (await door.session.post(door.url + "/flush")).status == 204
        elif step.kind == "fail":
            status, text = await door.get(
                "/loki/api/v1/query_range", query=step.text, start=str(T0), end=at(60)
            )
            assert status == 400 and step.body[0] in text, (where, text)
        else:
            want = [] if step.body == ["(none)"] else step.body
            assert await _asked(door, step) == want, where


async def _asked(door, step: Step) -> list[str]:
    if step.kind == "eval":
        backward = await door.lines(step.text, direction="backward")
        lines = await door.lines(step.text)
        assert backward[::-1] == lines
        return lines
    if step.kind == "eval at":
        seconds, _, query = step.text.partition(" ")
        status, body = await door.get("/loki/api/v1/query", query=query, time=at(float(seconds)))
        assert status == 200, body
        return [f"{label_text(Labels(s['metric']))} {s['value'][1]}" for s in body["data"]["result"]]
    params = {"query": step.text, "start": str(T0), "end": at(7200), "direction": "forward"}
    headers = {"X-Loki-Response-Encoding-Flags": "categorize-labels"}
    async with door.session.get(
        door.url + "/loki/api/v1/query_range", params=params, headers=headers
    ) as answer:
        body = await answer.json()
    entries = [
        (int(when), extra.get("parsed", {})) for s in body["data"]["result"] for when, _, extra in s["values"]
    ]
    entries.sort(key=lambda entry: entry[0])
    return [
        "{" + ", ".join(f"{k}={_quoted(v)}" for k, v in sorted(parsed.items())) + "}" for _, parsed in entries
    ]


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
