from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vedette.metrics.rules.schedule import Schedule

times = st.integers(0, 10**13)
intervals = st.integers(1, 10**8)


@given(now=times, interval=intervals, name=st.text())
def test_slots_enclose_now_and_are_one_interval_apart(now: int, interval: int, name: str) -> None:
    schedule = Schedule.for_group("rules.yml", name, interval)
    before, after = schedule.slot_before(now), schedule.slot_after(now)
    assert before <= now < after
    assert after - before == interval
    assert (before - schedule.offset) % interval == 0


def test_a_group_keeps_its_slot_and_groups_spread() -> None:
    offsets = [Schedule.for_group("rules.yml", f"group {i}", 60_000).offset for i in range(50)]
    assert offsets == [Schedule.for_group("rules.yml", f"group {i}", 60_000).offset for i in range(50)]
    assert len({offset // 6000 for offset in offsets}) >= 8  # of ten tenths of the interval


def test_missed_slots() -> None:
    schedule = Schedule(60_000, 0)
    assert [schedule.missed(60_000, now) for now in (60_000, 119_999, 120_000, 300_000)] == [0, 0, 1, 4]
