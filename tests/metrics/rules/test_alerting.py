"""The life of an alert, as a timetable: what an evaluation returned, and what the alert is afterwards."""

from __future__ import annotations

import pytest

from vedette.metrics.rules.alerting import (
    RESOLVED_RETENTION,
    Alert,
    AlertState,
    Element,
    Remembered,
    advance,
    count_active,
    restored_active_at,
    worst_state,
)
from vedette.model.labels import Labels

A = Labels.of(alertname="A")
S = 1000
M = 60 * S


def run(timetable: list[tuple[int, bool]], *, hold: int = 0, keep: int = 0) -> list[str]:
    """The state after each evaluation; `-` when the alert is unknown."""
    alerts: dict[Labels, Alert] = {}
    states = []
    for now, there in timetable:
        elements = {A: Element(Labels(), 1.0)} if there else {}
        alerts = advance(alerts, elements, now=now, hold=hold, keep_firing=keep)
        states.append(str(alerts[A].state) if A in alerts else "-")
    return states


@pytest.mark.parametrize(
    ("hold", "keep", "seen", "want"),
    [
        pytest.param(0, 0, "1110", "firing firing firing inactive", id="without for it fires at once"),
        pytest.param(2, 0, "1111", "pending pending firing firing", id="fires when for has elapsed"),
        pytest.param(2, 0, "1101", "pending pending - pending", id="a gap starts the wait anew"),
        pytest.param(2, 0, "1110", "pending pending firing inactive", id="resolved when gone"),
        pytest.param(
            0, 2, "10000", "firing firing firing inactive inactive", id="keep_firing_for holds it two minutes"
        ),
        pytest.param(
            0,
            2,
            "1010100",
            "firing firing firing firing firing firing firing",
            id="coming back restarts the keeping",
        ),
        pytest.param(1, 5, "100", "pending - -", id="keep_firing_for is not for pending alerts"),
        pytest.param(
            1, 0, "11011", "pending firing inactive pending firing", id="a resolved alert starts again"
        ),
    ],
)
def test_states(hold: int, keep: int, seen: str, want: str) -> None:
    timetable = [(i * M, c == "1") for i, c in enumerate(seen)]
    assert run(timetable, hold=hold * M, keep=keep * M) == want.split()


def test_a_resolved_alert_is_remembered_a_quarter_of_an_hour() -> None:
    timetable = [(0, True), (M, False), (M + RESOLVED_RETENTION, False), (M + RESOLVED_RETENTION + 1, False)]
    assert run(timetable) == ["firing", "inactive", "inactive", "-"]


def test_value_and_annotations_follow_the_newest_evaluation_and_age_does_not() -> None:
    first = advance({}, {A: Element(Labels.of(x="1"), 1.0)}, now=0, hold=0, keep_firing=0)
    second = advance(first, {A: Element(Labels.of(x="2"), 2.0)}, now=M, hold=0, keep_firing=0)[A]
    assert (second.value, second.annotations, second.active_at, second.fired_at) == (
        2.0,
        Labels.of(x="2"),
        0,
        0,
    )


def test_worst_state_and_limit_count() -> None:
    def alert(name: str, state: AlertState) -> Alert:
        return Alert(Labels.of(alertname=name), Labels(), 1.0, state, active_at=0)

    alerts = {
        a.labels: a
        for a in (
            alert("a", AlertState.INACTIVE),
            alert("b", AlertState.PENDING),
            alert("c", AlertState.INACTIVE),
        )
    }
    assert worst_state(alerts) is AlertState.PENDING
    assert worst_state({}) is AlertState.INACTIVE
    assert count_active(alerts) == 1


class TestSending:
    DELAY = M

    def alert(self, **more: object) -> Alert:
        return Alert(A, Labels(), 1.0, AlertState.FIRING, active_at=0, fired_at=0, **more)  # type: ignore[arg-type]

    def test_news_go_out_at_once(self) -> None:
        assert self.alert().needs_sending(0, self.DELAY)

    def test_a_firing_alert_is_repeated_after_the_delay(self) -> None:
        sent = self.alert(last_sent_at=0)
        assert not sent.needs_sending(M, self.DELAY)
        assert sent.needs_sending(M + 1, self.DELAY)

    def test_its_end_goes_out_without_waiting(self) -> None:
        assert self.alert(last_sent_at=0, resolved_at=S).needs_sending(S, self.DELAY)
        assert not self.alert(last_sent_at=S, resolved_at=S).needs_sending(2 * S, self.DELAY)

    def test_pending_alerts_stay_here(self) -> None:
        pending = Alert(A, Labels(), 1.0, AlertState.PENDING, active_at=0)
        assert not pending.needs_sending(10 * M, self.DELAY)


@pytest.mark.parametrize(
    ("active", "last_seen", "now", "want"),
    [
        pytest.param(0, 40, 45, 5, id="the outage does not count"),
        pytest.param(0, 60, 90, 0, id="for had elapsed: fires at once"),
        pytest.param(0, 55, 58, 8, id="less than the grace left: fires at now + grace"),
    ],
)
def test_restored_age(active: int, last_seen: int, now: int, want: int) -> None:
    """`for: 60m`, grace 10m; minutes."""
    past = Remembered(time=last_seen * M, active_at=active * M)
    assert restored_active_at(past, now=now * M, hold=60 * M, grace=10 * M) == want * M
