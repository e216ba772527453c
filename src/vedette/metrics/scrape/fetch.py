"""One request to a target: what is asked for, and how much of an answer is taken."""

from __future__ import annotations

import os
import socket
import zlib
from dataclasses import dataclass

import aiohttp

from vedette import __version__
from vedette.client import HttpClient
from vedette.metrics.config.protocols import accept_header
from vedette.metrics.config.scrape import ScrapeConfig
from vedette.metrics.scrape.target import Target

# A page beyond this is refused even without body_size_limit: it would take the role's memory before it ended.
MOST_BYTES = 256 << 20

USER_AGENT = f"Prometheus/{__version__} (Vedette)"
BODY_SIZE_LIMIT = "body size limit exceeded"


class ScrapeError(Exception):
    """A scrape that failed. `str()` is what users see as the target's last error."""


class BodyTooLarge(ScrapeError):
    def __init__(self) -> None:
        super().__init__(BODY_SIZE_LIMIT)


@dataclass(frozen=True, slots=True)
class Fetched:
    body: bytes  # as it was sent
    content_type: str
    gzipped: bool


def request_headers(config: ScrapeConfig, timeout_ms: int) -> dict[str, str]:
    return {
        "Accept": accept_header(config.scrape_protocols or (), config.metric_name_escaping_scheme),
        "Accept-Encoding": "gzip" if config.enable_compression else "identity",
        "X-Prometheus-Scrape-Timeout-Seconds": f"{timeout_ms / 1000:g}",
    }


async def fetch(client: HttpClient, target: Target, headers: dict[str, str], limit: int) -> Fetched:
    """The target's page. `limit` is in bytes, 0 none. Raises `ScrapeError`."""
    limit = min(limit or MOST_BYTES, MOST_BYTES)
    try:
        async with client.request(
            "GET", target.url, headers=headers, timeout_s=target.timeout / 1000, decompress=False
        ) as response:
            if response.status != 200:
                raise ScrapeError(f"server returned HTTP status {response.status} {response.reason}".rstrip())
            encoding = response.headers.get("Content-Encoding", "").strip().lower()
            parts, size = [], 0
            async for part in response.content.iter_any():
                size += len(part)
                if size > limit:
                    response.close()
                    raise BodyTooLarge
                parts.append(part)
            return Fetched(b"".join(parts), response.headers.get("Content-Type", ""), encoding == "gzip")
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise ScrapeError(f'Get "{target.url}": {_reason(error)}') from None


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "context deadline exceeded"
    if isinstance(error, (aiohttp.ClientConnectorDNSError, socket.gaierror)):
        host = getattr(error, "host", "")
        return f"dial tcp: lookup {host}: no such host"
    if isinstance(error, aiohttp.ClientConnectorError):
        failed = error.os_error
        why = (os.strerror(failed.errno) if failed.errno else str(failed)).lower()
        return f"dial tcp {error.host}:{error.port}: connect: {why}"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "EOF"
    return str(error) or type(error).__name__


def unpack(fetched: Fetched, limit: int) -> bytes:
    """The page itself. Raises `ScrapeError`; never makes more than `limit` bytes of a small body."""
    if not fetched.gzipped:
        return fetched.body
    limit = min(limit or MOST_BYTES, MOST_BYTES)
    rest, out, size = fetched.body, [], 0
    try:
        while rest:
            unzip = zlib.decompressobj(zlib.MAX_WBITS | 16)
            part = unzip.decompress(rest, limit - size + 1)
            size += len(part)
            if size > limit:
                raise BodyTooLarge
            out.append(part)
            if not unzip.eof:
                raise ScrapeError("unexpected EOF")
            rest = unzip.unused_data
    except zlib.error as error:
        raise ScrapeError(f"gzip: {error}") from None
    return b"".join(out)
