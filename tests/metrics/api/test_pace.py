from __future__ import annotations

import threading
import time

import pytest

from vedette.metrics.api.pace import Pace


def test_only_what_was_quick_before_is_prompt() -> None:
    pace = Pace(limit_s=0.01)
    assert not pace.is_prompt("never asked")
    with pace.measured("quick"):
        pass
    with pytest.raises(ValueError, match="refused"), pace.measured("refused"):
        raise ValueError("refused")
    pace.remember("slow", 0.5)
    assert pace.is_prompt("quick")
    assert pace.is_prompt("refused")
    assert not pace.is_prompt("slow")


def test_the_last_time_counts() -> None:
    pace = Pace(limit_s=0.01)
    pace.remember("a", 0.001)
    pace.remember("a", 0.1)
    assert not pace.is_prompt("a")
    pace.remember("a", 0.001)
    assert pace.is_prompt("a")


def test_work_counts_in_whichever_thread_and_waiting_does_not() -> None:
    def work() -> None:
        end = time.thread_time() + 0.05
        while time.thread_time() < end:
            pass

    pace = Pace(limit_s=0.03)
    with pace.measured("waited"):
        time.sleep(0.1)
    with pace.measured("worked"):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert pace.is_prompt("waited")
    assert not pace.is_prompt("worked")


def test_the_oldest_are_forgotten() -> None:
    pace = Pace(most=2)
    for name in "abc":
        pace.remember(name, 0.0)
    assert [pace.is_prompt(name) for name in "abc"] == [False, True, True]
