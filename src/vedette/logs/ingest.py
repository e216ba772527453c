"""Taking in a push: from the bytes of a request to lines in the store."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from vedette.config.log import get_logger
from vedette.logs.api.metrics import LogsMetrics
from vedette.logs.limits import PushLimits
from vedette.logs.push import json_body, protobuf
from vedette.logs.push.accept import Accepted, Acceptor
from vedette.logs.push.entries import PushedStream
from vedette.logs.push.errors import PushError
from vedette.logs.push.rates import RateLimiter
from vedette.logs.push.replies import TENANT, faults_text, too_far_behind_text
from vedette.logs.store.store import LogStore
from vedette.logs.tailing import Tails

log = get_logger("logs.push")


@dataclass(frozen=True, slots=True)
class PushRequest:
    """`content_type` and `encoding` as the headers say; `legacy` for the older address."""

    body: bytes
    content_type: str
    encoding: str
    legacy: bool = False


class Ingester:
    """One per role; `limits` are replaced as a whole on reload. May be called from any thread."""

    def __init__(
        self,
        store: LogStore,
        limits: PushLimits,
        tails: Tails,
        metrics: LogsMetrics,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._store, self._tails, self._metrics, self._clock = store, tails, metrics, clock
        self.limits = limits
        self._acceptor = Acceptor(limits)
        self._rates = RateLimiter(limits)

    def set_limits(self, limits: PushLimits) -> None:
        self.limits = limits
        self._acceptor = Acceptor(limits)
        self._rates = RateLimiter(limits)

    def push(self, request: PushRequest) -> None:
        """Returns when everything sent is kept. Raises `PushError`: for all of it, or naming the part that is not."""
        accepted = self._acceptor.accept(_read(request, self.limits), self._clock())
        self._metrics.received(accepted)
        if accepted.pushed:
            self._rates.check(accepted, time.monotonic())
            self._check_streams(accepted)
        behind = self._store.append(accepted.pushed) if accepted.pushed else []
        for item in behind:
            self._metrics.discarded("too_far_behind", len(item.rows))
        if accepted.pushed:
            self._tails.publish(accepted.pushed)
        if behind and not accepted.faults:
            raise PushError(too_far_behind_text(behind))
        if accepted.faults:
            raise PushError(faults_text(accepted.faults))

    def _check_streams(self, accepted: Accepted) -> None:
        limit = self.limits.max_streams
        if not limit or self._store.stream_count + len(accepted.pushed) <= limit:
            return
        fresh = [item for item in accepted.pushed if not self._store.has_stream(item.labels)]
        room = limit - self._store.stream_count
        if len(fresh) <= room:
            return
        refused = fresh[max(room, 0) :]
        gone = {id(item) for item in refused}
        accepted.pushed = [item for item in accepted.pushed if id(item) not in gone]
        count = sum(len(item.batch) for item in refused)
        self._metrics.discarded("stream_limit", count)
        if accepted.pushed:
            self._store.append(accepted.pushed)
        raise PushError(
            f"maximum active stream limit exceeded when trying to create stream {accepted.texts[0]}, reduce the number of "
            f"active streams (reduce labels or reduce label values), or contact your Loki administrator to see if the "
            f"limit can be increased, user: '{TENANT}' (limit: {limit})",
            429,
        )


def _read(request: PushRequest, limits: PushLimits) -> list[PushedStream]:
    kind = _media_type(request.content_type)
    body = request.body
    if kind == "application/json":
        body = _decoded(body, request.encoding, limits.max_body_bytes)
        return json_body.parse_legacy(body) if request.legacy else json_body.parse(body)
    if request.encoding not in ("", "snappy"):
        raise PushError(f'Content-Encoding "{request.encoding}" not supported')
    return protobuf.parse(protobuf.decompress(body, limits.max_body_bytes))


def _media_type(header: str) -> str:
    """The lower-case media type without its parameters. Raises `PushError`."""
    text = header.split(";")[0].strip().lower()
    if not text:
        raise PushError("mime: no media type")
    major, slash, minor = text.partition("/")
    token = "!#$%&'*+-.^_`|~"
    if slash and not (minor and all(c.isalnum() or c in token for c in minor)):
        raise PushError(
            "mime: expected token after slash" if not minor or minor[0] not in token else "mime: bad type"
        )
    return f"{major}{slash}{minor}"


def _decoded(body: bytes, encoding: str, limit: int) -> bytes:
    if encoding == "":
        return body
    if encoding not in ("gzip", "deflate"):
        raise PushError(f'Content-Encoding "{encoding}" not supported')
    # gzip has a header of its own; deflate comes bare or, from some clients, with zlib's.
    windows = (31,) if encoding == "gzip" else (-15, 15)
    for window in windows:
        unzip = zlib.decompressobj(window)
        try:
            out = unzip.decompress(body, limit + 1)
        except zlib.error:
            continue
        if len(out) > limit:
            raise PushError(f"request body too large: limit: {limit} bytes", 413)
        if not unzip.eof:
            raise PushError("unexpected EOF")
        return out
    raise PushError("gzip: invalid header" if encoding == "gzip" else "flate: corrupt input before offset 1")
