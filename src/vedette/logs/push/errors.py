"""Refusals of a push.

PushError        the whole request: `status` and the text
"""

from __future__ import annotations


class PushError(Exception):
    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
