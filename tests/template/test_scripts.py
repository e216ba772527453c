"""The language, case by case: `cases/*.txt`."""

from __future__ import annotations

from pathlib import Path

import pytest

from template.script import Case, read_cases
from vedette.template import TemplateError, parse

CASES = [case for file in sorted(Path(__file__).parent.glob("cases/*.txt")) for case in read_cases(file)]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case: Case) -> None:
    if case.error is not None:
        with pytest.raises(TemplateError) as raised:
            _run(case)
        assert str(raised.value) == case.error
    else:
        assert case.want is not None, "a case needs => or !>"
        assert _run(case) == case.want


def _run(case: Case) -> str:
    template = parse(case.template, name=case.name, missing_key=case.missing_key)
    return template.execute(case.data, html=case.html)
