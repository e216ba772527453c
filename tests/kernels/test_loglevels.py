"""Levels of lines by kernel, against `push.levels.level_of_line`."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.logs.batch import Batch
from vedette.logs.limits import LEVEL_FIELDS
from vedette.logs.push.levels import LEVELS, LevelReader, level_of_line

pieces = st.sampled_from(
    ["level", "LVL", "log.level", "=", ":", '"', "{", "}", "[", "]", ",", " ", "\t", "\\", "info", "WARN", "Error", "err", "dbg",
     "information", "fatal", "x", "_", "1", '{"level":"', '"}', '{"a":{"level":"warn"}}', "é", "\n", "null", "true", "-"]
)  # fmt: skip


@given(st.lists(st.lists(pieces, max_size=12).map("".join).map(str.encode), max_size=8))
@settings(max_examples=800, deadline=None)
def test_levels_agree(lines: list[bytes]) -> None:
    batch = Batch.of([(i, line, ()) for i, line in enumerate(lines)])
    found = [LEVELS[number] for number in LevelReader(LEVEL_FIELDS).read(batch).tolist()]
    assert found == [level_of_line(line, LEVEL_FIELDS) for line in lines]
