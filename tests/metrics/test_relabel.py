"""Relabelling, from the scripts in `relabel/` (its README says how they read)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from vedette.config.document import parse_document
from vedette.config.model import Strict, validate
from vedette.config.problems import ConfigError
from vedette.metrics.relabel import RelabelConfig, process
from vedette.model.labels import Labels

SCRIPTS = Path(__file__).parent / "relabel"


class Rules(Strict):
    rules: tuple[RelabelConfig, ...] = ()


@dataclass
class Case:
    name: str
    rules: str
    pairs: list[tuple[str, str | None]] = field(default_factory=list)
    refused: str = ""


def cases() -> list[Case]:
    found = []
    for script in sorted(SCRIPTS.glob("*.test")):
        for number, block in enumerate(re.split(r"\n\s*\n", script.read_text().strip())):
            lines = block.splitlines()
            title = lines[0][2:] if lines[0].startswith("#") else f"block {number}"
            case = Case(f"{script.stem}: {title}", "")
            for line in lines:
                word, _, rest = line.partition(" ")
                if word == "in":
                    given = rest.strip()
                elif word == "out":
                    case.pairs.append((given, rest.strip()))
                elif word == "dropped":
                    case.pairs.append((given, None))
                elif word == "refused":
                    case.refused = rest
                elif not line.startswith("#"):
                    case.rules += line + "\n"
            found.append(case)
    return found


def labels(text: str) -> Labels:
    return Labels((name, value.replace("\\n", "\n")) for name, value in re.findall(r'(\w+)="([^"]*)"', text))


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_script(case: Case) -> None:
    document = parse_document(case.rules, env={})
    if case.refused:
        with pytest.raises(ConfigError, match=re.escape(case.refused)):
            validate(document, Rules)
        return
    rules = validate(document, Rules).rules
    assert case.pairs
    for given, want in case.pairs:
        got = process(labels(given), rules)
        assert got == (None if want is None else labels(want)), given


def test_labels_given_are_never_changed() -> None:
    given = Labels.of(a="1")
    process(given, [RelabelConfig(target_label="a", replacement="2")])
    assert given == Labels.of(a="1")


@pytest.mark.parametrize(
    ("rule", "idle"),
    [
        (RelabelConfig(source_labels=("__address__",), target_label="__address__"), True),
        (RelabelConfig(source_labels=("a",), target_label="b"), False),
        (RelabelConfig(source_labels=("a",), target_label="a", replacement="http"), False),
        (RelabelConfig(source_labels=("a",), target_label="a", regex="(.*):.*"), False),
    ],
)
def test_knows_a_rule_that_does_nothing(rule: RelabelConfig, idle: bool) -> None:
    assert rule.does_nothing is idle
