"""Silences: what people asked not to be told, from when to when.

pending before its start, active up to and including its end, expired after; kept until `retention` after its end.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from vedette.alerts.clock import Clock
from vedette.alerts.state import StateFile
from vedette.model.labels import Labels, Matcher, MatchOp, RegexError, is_label_name, quote

State = Literal["active", "pending", "expired"]


_ANCHORS = re.compile(r"`\^\(\?s?:(.*)\)\$`", re.DOTALL)


class SilenceError(ValueError):
    """A silence that is refused; `str()` is the original's sentence."""


class SilenceNotFound(SilenceError):
    """No silence has this id."""

    def __init__(self) -> None:
        super().__init__("silence not found")


@dataclass(frozen=True, slots=True)
class Silence:
    """Times are nanoseconds since the epoch. An empty `id` is one not stored yet."""

    id: str
    matchers: tuple[Matcher, ...]
    starts_at: int
    ends_at: int
    created_by: str
    comment: str
    updated_at: int = 0
    annotations: Mapping[str, str] = field(default_factory=dict)

    def state(self, now: int) -> State:
        if now < self.starts_at:
            return "pending"
        return "expired" if now > self.ends_at else "active"

    def mutes(self, labels: Labels) -> bool:
        return all(matcher.matches_labels(labels) for matcher in self.matchers)

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "matchers": [[m.name, m.op.value, m.value] for m in self.matchers],
            "startsAt": self.starts_at,
            "endsAt": self.ends_at,
            "updatedAt": self.updated_at,
            "createdBy": self.created_by,
            "comment": self.comment,
            "annotations": dict(self.annotations),
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Silence:
        return cls(
            id=body["id"],
            matchers=tuple(Matcher(*parts) for parts in body["matchers"]),
            starts_at=body["startsAt"],
            ends_at=body["endsAt"],
            created_by=body["createdBy"],
            comment=body["comment"],
            updated_at=body["updatedAt"],
            annotations=body.get("annotations", {}),
        )


def make_matchers(parts: Sequence[tuple[str, MatchOp, str]]) -> tuple[Matcher, ...]:
    """Raises `SilenceError`."""
    made: list[Matcher] = []
    for at, (name, op, value) in enumerate(parts):
        if not is_label_name(name):
            raise SilenceError(
                f"silence invalid: invalid label matcher {at}: invalid label name {quote(name)}"
            )
        try:
            made.append(Matcher(name, op, value))
        except RegexError as error:
            reason = _ANCHORS.sub(r"`\1`", str(error))
            raise SilenceError(
                f"silence invalid: invalid label matcher {at}: invalid regular expression {quote(value)}: {reason}"
            ) from None
    return tuple(made)


class Silences:
    """All silences, in memory and in the state file."""

    def __init__(
        self,
        state: StateFile,
        clock: Clock,
        *,
        retention: int,
        max_silences: int = 0,
        max_size_bytes: int = 0,
    ) -> None:
        self._state, self._clock, self._retention = state, clock, retention
        self._max_silences, self._max_size = max_silences, max_size_bytes
        self._all = {body["id"]: Silence.from_json(body) for body in state.rows("silences")}

    def __iter__(self) -> Any:
        return iter(tuple(self._all.values()))

    def get(self, silence_id: str) -> Silence:
        """Raises `SilenceNotFound`."""
        found = self._all.get(silence_id)
        if found is None:
            raise SilenceNotFound
        return found

    def silenced_by(self, labels: Labels, now: int) -> list[str]:
        """Ids of the active silences that mute `labels`."""
        return sorted(s.id for s in self._all.values() if s.state(now) == "active" and s.mutes(labels))

    def set(self, given: Silence) -> str:
        """Stores a new silence, or a changed one; the id it has now.

        A change that would rewrite the past expires the old silence and makes a new one. Raises `SilenceError`.
        """
        now = self._clock.now()
        _check(given)
        if given.id:
            old = self.get(given.id)
            if _can_update(old, given, now):
                self._put(replace(given, updated_at=now), now)
                return given.id
            if old.state(now) != "expired":
                self.expire(old.id)
        if self._max_silences and len(self._all) >= self._max_silences:
            raise SilenceError(
                f"exceeded maximum number of silences: {len(self._all)} (limit: {self._max_silences})"
            )
        made = replace(given, id=str(uuid.uuid4()), starts_at=max(given.starts_at, now), updated_at=now)
        self._put(made, now)
        return made.id

    def expire(self, silence_id: str) -> None:
        """Ends a silence now; one that has ended stays as it is. Raises `SilenceNotFound`."""
        silence, now = self.get(silence_id), self._clock.now()
        if silence.state(now) == "active":
            self._put(replace(silence, ends_at=now - 1, updated_at=now), now)
        elif silence.state(now) == "pending":
            self._put(replace(silence, starts_at=now - 1, ends_at=now - 1, updated_at=now), now)

    def forget_old(self, now: int) -> None:
        for silence in tuple(self._all.values()):
            if silence.ends_at + self._retention <= now:
                del self._all[silence.id]

    def counts(self, now: int) -> dict[str, int]:
        out = {"active": 0, "pending": 0, "expired": 0}
        for silence in self._all.values():
            out[silence.state(now)] += 1
        return out

    def _put(self, silence: Silence, now: int) -> None:
        body = silence.to_json()
        if self._max_size and len(str(body)) > self._max_size:
            raise SilenceError(
                f"silence exceeded maximum size: {len(str(body))} bytes (limit: {self._max_size} bytes)"
            )
        self._state.write("silences", silence.id, body, silence.ends_at + self._retention)
        self._all[silence.id] = silence


def _check(silence: Silence) -> None:
    if not silence.matchers:
        raise SilenceError("silence invalid: at least one matcher required")
    if all(matcher.matches("") for matcher in silence.matchers):
        raise SilenceError("silence invalid: at least one matcher must not match the empty string")
    if silence.ends_at < silence.starts_at:
        raise SilenceError("silence invalid: end time must not be before start time")


def _can_update(old: Silence, new: Silence, now: int) -> bool:
    if old.matchers != new.matchers:
        return False
    state = old.state(now)
    if state == "active":
        return new.starts_at // 10**6 == old.starts_at // 10**6 and new.ends_at >= now
    return state == "pending" and new.starts_at >= now
