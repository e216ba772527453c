"""The HTTP API of a Prometheus-like server, asked from a terminal."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlencode

import aiohttp
import orjson

from vedette.client import HttpClient, HttpConfig, HttpSettings
from vedette.metrics.terminal.failures import AskFailed, QueryRefused

DEFAULT_SERVER = "http://127.0.0.1:9090"
TIMEOUT_S = 120.0
_FORM = "application/x-www-form-urlencoded"
# A server that takes no forms says one of these.
_GET_INSTEAD = (405, 501)

Params = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    data: Any  # of the envelope, as JSON
    warnings: tuple[str, ...] = ()
    infos: tuple[str, ...] = ()


class Door:
    """One server. Use as an async context manager; every method raises `AskFailed`."""

    def __init__(
        self,
        server: str = DEFAULT_SERVER,
        *,
        http_config: Path | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.server = server_url(server)
        self._headers = dict(headers or {})
        settings, base = _settings(http_config)
        self._client = HttpClient(settings, base_dir=base)

    async def __aenter__(self) -> Self:
        try:
            await self._client.__aenter__()
        except (OSError, ssl.SSLError) as error:
            raise AskFailed(f"the TLS files of the HTTP configuration can't be used: {error}") from None
        return self

    async def __aexit__(self, *exc: Any) -> None:
        await self._client.__aexit__(*exc)

    async def query(self, expr: str, time: str, **more: str) -> Answer:
        return await self.post("/api/v1/query", [("query", expr), ("time", time), *more.items()])

    async def query_range(self, expr: str, start: str, end: str, step: str, **more: str) -> Answer:
        asked = [("query", expr), ("start", start), ("end", end), ("step", step), *more.items()]
        return await self.post("/api/v1/query_range", asked)

    async def series(self, matchers: Sequence[str], start: str, end: str) -> Answer:
        return await self.post("/api/v1/series", [*_matches(matchers), ("start", start), ("end", end)])

    async def label_names(self, matchers: Sequence[str], start: str, end: str) -> Answer:
        return await self.post("/api/v1/labels", [*_matches(matchers), ("start", start), ("end", end)])

    async def label_values(self, name: str, matchers: Sequence[str], start: str, end: str) -> Answer:
        path = f"/api/v1/label/{quote(_path_name(name), safe='')}/values"
        return await self.get(path, [*_matches(matchers), ("start", start), ("end", end)])

    async def post(self, path: str, params: Params) -> Answer:
        """Asks with a form; with a query string where the server takes no form."""
        status, body = await self._ask("POST", path, params)
        if status in _GET_INSTEAD:
            return await self.get(path, params)
        return self._read(status, body)

    async def get(self, path: str, params: Params) -> Answer:
        return self._read(*await self._ask("GET", path, params))

    async def _ask(self, method: str, path: str, params: Params) -> tuple[int, bytes]:
        url, headers, data = self.server + path, dict(self._headers), None
        encoded = urlencode(params, errors="surrogateescape")
        if method == "POST":
            data, headers["Content-Type"] = encoded.encode(), _FORM
        else:
            url += f"?{encoded}"
        try:
            async with self._client.request(
                method, url, data=data, headers=headers, timeout_s=TIMEOUT_S
            ) as response:
                return response.status, await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise AskFailed(self._unreachable(error)) from None

    def _unreachable(self, error: Exception) -> str:
        where = f"{self.server} can't be asked"
        match error:
            case aiohttp.ClientConnectorCertificateError():
                return f"{where}: {error.certificate_error}; name its CA in --http.config.file (tls_config.ca_file)"
            case aiohttp.ClientConnectorDNSError():
                return f"{where}: there is no host {error.host}"
            case aiohttp.ClientConnectorError():
                reason = (error.os_error.strerror or str(error.os_error)).removeprefix("Connect call failed ")
                refused = isinstance(error.os_error, ConnectionRefusedError)
                hint = "; start one with `vedette up`, or name another with --server" if refused else ""
                return f"{where}: {'nobody listens there' if refused else reason}{hint}"
            case aiohttp.InvalidURL():
                return f"{self.server} is no address of a server; write http://host:port"
            case TimeoutError():
                return f"{where}: no answer within {TIMEOUT_S:.0f} s"
        return f"{where}: {error or type(error).__name__}"

    def _read(self, status: int, body: bytes) -> Answer:
        try:
            envelope = orjson.loads(body)
        except orjson.JSONDecodeError:
            envelope = None
        if not isinstance(envelope, dict) or "status" not in envelope:
            if status in (401, 403):
                raise AskFailed(
                    f"{self.server} wants to know who asks (HTTP {status}); say it in --http.config.file"
                )
            said = body.decode("utf-8", "replace").strip().split("\n")[0][:200]
            raise AskFailed(f"{self.server} does not answer as a Prometheus API: HTTP {status}: {said}")
        if envelope["status"] != "success":
            raise QueryRefused(str(envelope.get("errorType", "")), str(envelope.get("error", "")))
        return Answer(
            envelope.get("data"), tuple(envelope.get("warnings") or ()), tuple(envelope.get("infos") or ())
        )


def server_url(text: str) -> str:
    """``localhost:9090`` or a URL, with or without a path, as a URL without a slash at its end."""
    url = text if "://" in text else f"http://{text}"
    return url.rstrip("/")


def _settings(path: Path | None) -> tuple[HttpSettings | None, Path]:
    if path is None:
        return None, Path()
    from vedette.config.document import read_document
    from vedette.config.model import validate
    from vedette.config.problems import ConfigError

    try:
        return validate(read_document(path), HttpConfig), path.parent
    except ConfigError as error:
        raise AskFailed(str(error)) from None


def _matches(matchers: Sequence[str]) -> list[tuple[str, str]]:
    return [("match[]", matcher) for matcher in matchers]


def _path_name(name: str) -> str:
    """A label name as it stands in a path: names that are no identifiers are escaped as the originals do."""
    if name.replace("_", "a").isascii() and name.replace("_", "a").isalnum() and not name[:1].isdigit():
        return name
    escaped = "".join(
        char if char.isascii() and char.isalnum() else "__" if char == "_" else f"_{ord(char):x}_"
        for char in name
    )
    return f"U__{escaped}"
