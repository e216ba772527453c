"""Telling one integration, again and again while it may help and the time allows."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vedette.alerts.clock import SECOND_NS, Clock
from vedette.alerts.notify.errors import Failure, NotifyError
from vedette.alerts.notify.integration import Integration
from vedette.alerts.notify.message import Message

FIRST_DELAY_S = 0.5
GROWTH = 1.5
JITTER = 0.5  # of the delay, either way
MAX_DELAY_S = 60.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """How telling ended. `error` None means that it arrived; `took_s` is the last attempt's time."""

    attempts: int
    took_s: float
    memory: Mapping[str, str]
    error: NotifyError | None = None


def delay_before(attempt: int, chance: float) -> float:
    """Seconds to wait before attempt 2, 3...; `chance` in [0, 1) spreads the senders."""
    middle = min(FIRST_DELAY_S * GROWTH ** (attempt - 2), MAX_DELAY_S)
    return middle * (1 - JITTER + 2 * JITTER * chance)


async def deliver(
    integration: Integration,
    message: Message,
    *,
    clock: Clock,
    deadline: int,
    on_attempt: Callable[[float, bool], None],
    chance: Callable[[], float] = random.random,
) -> Delivery:
    """`deadline` is in nanoseconds; `on_attempt` hears (seconds, arrived) of each attempt."""
    attempt = 0
    while True:
        attempt += 1
        started = clock.now()
        try:
            async with asyncio.timeout(max(0.05, (deadline - started) / SECOND_NS)):
                memory = await integration.notify(message)
        except NotifyError as caught:
            error = caught
        except TimeoutError:
            error = NotifyError(
                "no answer within the time of the notification", retry=False, failure=Failure.DEADLINE
            )
        else:
            took = (clock.now() - started) / SECOND_NS
            on_attempt(took, True)
            return Delivery(attempt, took, memory)
        took = (clock.now() - started) / SECOND_NS
        on_attempt(took, False)
        again = clock.now() + int(delay_before(attempt + 1, chance()) * SECOND_NS)
        if not error.retry or again >= deadline:
            return Delivery(attempt, took, {}, error)
        await clock.sleep_until(again)
