"""A notification that did not arrive."""

from __future__ import annotations

import enum
import re


class Failure(enum.Enum):
    """Why, as `alertmanager_notifications_failed_total` counts it."""

    CLIENT = "clientError"
    SERVER = "serverError"
    AUTH = "authError"
    RATE_LIMITED = "rateLimited"
    CANCELED = "contextCanceled"
    DEADLINE = "contextDeadlineExceeded"
    OTHER = "other"


class NotifyError(Exception):
    """`retry` says that trying again may help."""

    def __init__(self, message: str, *, retry: bool, failure: Failure = Failure.OTHER) -> None:
        super().__init__(redacted(message))
        self.retry, self.failure = retry, failure


_URL = re.compile(r"(https?://)(?:[^/\s@]*@)?([^/\s'\"]+)/[^\s'\"]*")


def redacted(text: str) -> str:
    """`text` without the paths of addresses, which often are passwords."""
    return _URL.sub(r"\1\2/<redacted>", text)


def failure_of(status: int) -> Failure:
    if status in (401, 403):
        return Failure.AUTH
    if status == 429:
        return Failure.RATE_LIMITED
    return Failure.SERVER if status >= 500 else Failure.CLIENT
