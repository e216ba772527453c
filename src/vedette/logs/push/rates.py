"""How much may be pushed per second: token buckets for everything and for each stream."""

from __future__ import annotations

from vedette.logs.limits import PushLimits
from vedette.logs.push.accept import Accepted
from vedette.logs.push.errors import PushError
from vedette.logs.push.replies import TENANT
from vedette.model.labels import Labels


class Bucket:
    """Fills at `rate` a second up to `burst`. Not thread-safe: a lost update only forgives a few bytes."""

    __slots__ = ("_at", "_burst", "_level", "_rate")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate, self._burst = rate, burst
        self._level, self._at = burst, now

    def take(self, amount: float, now: float) -> bool:
        level = min(self._burst, self._level + (now - self._at) * self._rate)
        self._at = now
        if amount > level:
            self._level = level
            return False
        self._level = level - amount
        return True


class RateLimiter:
    _REMEMBERED = 50_000

    def __init__(self, limits: PushLimits) -> None:
        self._limits = limits
        self._all = Bucket(limits.rate_bytes, limits.burst_bytes, 0.0)
        self._streams: dict[Labels, Bucket] = {}

    def check(self, accepted: Accepted, now: float) -> None:
        """Takes what `accepted` holds out of the buckets. Raises `PushError` (429): the request is not stored."""
        limits = self._limits
        size = sum(item.batch.line_bytes for item in accepted.pushed)
        lines = sum(len(item.batch) for item in accepted.pushed)
        if limits.rate_bytes and not self._all.take(size, now):
            raise PushError(
                f"ingestion rate limit exceeded for user {TENANT} (limit: {limits.rate_bytes} bytes/sec) while attempting to "
                f"ingest '{lines}' lines totaling '{size}' bytes, reduce log volume or contact your Loki administrator to "
                "see if the limit can be increased",
                429,
            )
        if not limits.stream_rate_bytes:
            return
        if len(self._streams) > self._REMEMBERED:
            self._streams.clear()
        for item, text in zip(accepted.pushed, accepted.texts, strict=True):
            bucket = self._streams.get(item.labels)
            if bucket is None:
                bucket = Bucket(limits.stream_rate_bytes, limits.stream_burst_bytes, now)
                self._streams[item.labels] = bucket
            if not bucket.take(item.batch.line_bytes, now):
                raise PushError(
                    f"Per stream rate limit exceeded (limit: {_size(limits.stream_rate_bytes)}/sec) while attempting to "
                    f"ingest for stream '{text}' totaling {_size(item.batch.line_bytes)}, consider splitting a stream via "
                    "additional labels or contact your Loki administrator to see if the limit can be increased",
                    429,
                )


def _size(count: int) -> str:
    for unit in ("B", "KB", "MB"):
        if count < 1024:
            return f"{count}{unit}"
        count //= 1024
    return f"{count}GB"
