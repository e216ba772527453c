"""Alert scenarios as timetables, played on a virtual clock.

    config            the lines up to the next dashes are an alertmanager.yml; every webhook is a witness
    ---
    0s   fire  alertname=A job=x        an alert begins (or is repeated; `for 5m` tells its end)
    10s  resolve alertname=A job=x      its sender says that it ended
    20s  silence S alertname=A for 1h   a silence by the name S
    30s  expire S                       ends it
    40s  restart                        the process ends and begins again, with its state file
    50s  break w / mend w               receiver w answers with an error that may be tried again
    30s  told w: first notification: A{job="x"}        what must be told then; resolved alerts after a slash
    end 2h                              how long to watch

Every notification of the whole time must be in the timetable, and nothing else.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from support.virtual_clock import VirtualClock, settle
from vedette.alerts.alert import Alert
from vedette.alerts.matchers import parse_matchers
from vedette.alerts.notify import kinds
from vedette.alerts.notify.errors import NotifyError
from vedette.alerts.notify.message import Message, MessageAlerts
from vedette.alerts.service import AlertsOptions, AlertsRole
from vedette.alerts.silences import Silence
from vedette.model.labels import Labels
from vedette.model.time import format_duration, parse_duration

START = 1_767_268_800 * 10**9  # Thursday 2026-01-01 12:00 UTC
MS = 10**6


@dataclass
class Stage:
    """What the scenario has seen, and which receivers are broken."""

    clock: VirtualClock
    told: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)


class Witness:
    kind = "webhook"

    def __init__(self, settings: Any, index: int, stage: Stage) -> None:
        self.index, self.send_resolved, self.stage = index, settings.send_resolved, stage

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: Any) -> None: ...

    async def notify(self, message: Message) -> Mapping[str, str]:
        if message.receiver in self.stage.broken:
            raise NotifyError("broken", retry=True)
        at = format_duration((self.stage.clock.now() - START) // MS)
        parts = [" ".join(map(_named, part)) for part in _parts(message.data.alerts)]
        self.stage.told.append(
            f"{at} {message.receiver}: {message.reason.value}: {' / '.join(parts).strip()}"
        )
        return {}


def _parts(alerts: MessageAlerts) -> list[MessageAlerts]:
    firing, resolved = alerts.firing(), alerts.resolved()
    return [firing, resolved] if resolved else [firing]


def _named(alert: Any) -> str:
    labels = {name: value for name, value in alert.labels.items() if name != "alertname"}
    inside = ",".join(f'{name}="{value}"' for name, value in sorted(labels.items()))
    return (
        f"{alert.labels.get('alertname', '')}{{{inside}}}"
        if inside
        else str(alert.labels.get("alertname", ""))
    )


@dataclass(frozen=True)
class Scenario:
    config: str
    acts: list[tuple[int, str, list[str]]]
    want: list[str]
    end: int


def read_scenario(path: Path) -> Scenario:
    config, _, table = path.read_text().partition("\n---\n")
    acts: list[tuple[int, str, list[str]]] = []
    want: list[str] = []
    end = 0
    for line in table.splitlines():
        body = line.split("  #")[0].strip()
        if not body or body.startswith("#"):
            continue
        first, rest = body.split(None, 1)
        if first == "end":
            end = parse_duration(rest)
        elif rest.startswith("told "):
            want.append(f"{first} {rest.removeprefix('told ').strip()}")
        else:
            verb, *arguments = shlex.split(rest)
            acts.append((parse_duration(first), verb, arguments))
    return Scenario(config, sorted(acts, key=lambda act: act[0]), want, end)


async def play(scenario: Scenario, folder: Path, monkeypatch: Any) -> list[str]:
    """Every notification of the scenario, as the timetable writes them."""
    clock = VirtualClock(START)
    stage = Stage(clock)

    def witness(settings: Any, index: int, tools: Any) -> Witness:
        return Witness(settings, index, stage)

    monkeypatch.setitem(kinds.SENDABLE, "webhook", witness)
    monkeypatch.setattr("vedette.alerts.stages.send.JITTER", 0.0)
    file = folder / "alertmanager.yml"
    file.write_text(scenario.config)
    options = AlertsOptions(config_file=file, data_dir=folder / "data")
    play = _Play(AlertsRole(options, clock=clock), stage)
    await play.role.__aenter__()
    try:
        for at, verb, arguments in scenario.acts:
            await clock.advance_to(START + at * MS)
            await play.act(verb, arguments)
            await settle()
        await clock.advance_to(START + scenario.end * MS)
    finally:
        await play.role.__aexit__(None, None, None)
    return stage.told


class _Play:
    def __init__(self, role: AlertsRole, stage: Stage) -> None:
        self.role, self.stage = role, stage
        self.silences: dict[str, str] = {}
        self.begun: dict[Labels, int] = {}

    async def act(self, verb: str, arguments: list[str]) -> None:
        now = self.stage.clock.now()
        match verb:
            case "fire":
                labels, told = _labels(arguments)
                begun = self.begun.setdefault(labels, now)
                timeout = self.role.running.config.general.resolve_timeout * MS
                ends_at = now + (told * MS if told else timeout)
                self.role.store.put([Alert(labels, begun, ends_at, now, timeout=not told)], now)
            case "resolve":
                labels, _ = _labels(arguments)
                begun = self.begun.pop(labels, now)
                self.role.store.put([Alert(labels, begun, now, now)], now)
            case "silence":
                name, matcher, _, length = arguments
                silence = Silence(
                    "", tuple(parse_matchers(matcher)), now, now + parse_duration(length) * MS, "me", "c"
                )
                self.silences[name] = self.role.shared.silences.set(silence)
            case "expire":
                self.role.shared.silences.expire(self.silences[arguments[0]])
            case "break":
                self.stage.broken.add(arguments[0])
            case "mend":
                self.stage.broken.discard(arguments[0])
            case "reload":
                await self.role.reload()
            case "restart":
                options, clock = self.role.options, self.stage.clock
                await self.role.__aexit__(None, None, None)
                self.role = AlertsRole(options, clock=clock)
                await self.role.__aenter__()
            case _:
                raise AssertionError(f"no act {verb}")


def _labels(arguments: list[str]) -> tuple[Labels, int]:
    length = 0
    if "for" in arguments:
        at = arguments.index("for")
        length, arguments = parse_duration(arguments[at + 1]), arguments[:at]
    return Labels(argument.split("=", 1) for argument in arguments), length  # type: ignore[misc]
