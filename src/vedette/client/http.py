"""One HTTP client: authentication, TLS, proxies and host aliases, over one connection pool."""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from vedette import __version__
from vedette.client.aliases import lookup, rewrite
from vedette.client.config import HttpSettings, OAuth2


class _AliasResolver(AbstractResolver):
    """The system's resolver, with host aliases before it."""

    def __init__(self) -> None:
        self._system = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = lookup(host, port)
        return await self._system.resolve(found.host, found.port, family)

    async def close(self) -> None:
        await self._system.close()


class HttpClient:
    """A session made from `config`. Files of secrets are read anew when they change.

    Use as an async context manager. `base_dir` is what relative paths in the configuration start from.
    """

    def __init__(
        self,
        config: HttpSettings | None = None,
        *,
        base_dir: Path = Path(),
        user_agent: str = f"Vedette/{__version__}",
        connections: int = 100,
    ) -> None:
        self.config = config or HttpSettings()
        self._base = base_dir
        self._agent = user_agent
        self._limit = connections
        self._session: aiohttp.ClientSession | None = None
        self._token = ""
        self._token_until = 0.0
        self._token_lock = asyncio.Lock()

    async def __aenter__(self) -> Self:
        tls: ssl.SSLContext | bool = True
        if self.config.tls_config is not None:
            tls = self.config.tls_config.context(self._base)
        connector = aiohttp.TCPConnector(
            ssl=tls, resolver=_AliasResolver(), limit=self._limit, ttl_dns_cache=30
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            headers={"User-Agent": self._agent},
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def request(
        self,
        method: str,
        url: str,
        *,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 10.0,
        decompress: bool = True,
    ) -> _Request:
        """``async with client.request("GET", url) as response``: an `aiohttp.ClientResponse`.

        Raises `aiohttp.ClientError` and `TimeoutError`. With `decompress` False the body comes as it was sent.
        """
        return _Request(self, method, url, data, dict(headers or {}), timeout_s, decompress)

    async def headers(self) -> dict[str, str]:
        """What the configuration adds to each request. Raises `OSError` when a file of secrets can't be read."""
        made: dict[str, str] = {}
        for name, header in self.config.http_headers.items():
            parts = [
                *header.values,
                *(s.reveal() for s in header.secrets),
                *(self._read(f) for f in header.files),
            ]
            made[name] = ", ".join(parts)
        authorization = await self._authorization()
        if authorization:
            made["Authorization"] = authorization
        return made

    async def _authorization(self) -> str:
        config = self.config
        if config.basic_auth is not None:
            auth = config.basic_auth
            user = self._read(auth.username_file) if auth.username_file else auth.username
            password = self._read(auth.password_file) if auth.password_file else auth.password.reveal()
            return _basic(user, password)
        if config.authorization is not None:
            given = config.authorization
            secret = (
                self._read(given.credentials_file) if given.credentials_file else given.credentials.reveal()
            )
            return f"{given.type.strip() or 'Bearer'} {secret}"
        if config.bearer_token_file:
            return f"Bearer {self._read(config.bearer_token_file)}"
        if config.bearer_token:
            return f"Bearer {config.bearer_token.reveal()}"
        if config.oauth2 is not None:
            return f"Bearer {await self._oauth2_token(config.oauth2)}"
        return ""

    async def _oauth2_token(self, config: OAuth2) -> str:
        async with self._token_lock:
            if self._token and time.monotonic() < self._token_until:
                return self._token
            secret = (
                self._read(config.client_secret_file)
                if config.client_secret_file
                else config.client_secret.reveal()
            )
            form = {"grant_type": "client_credentials", **config.endpoint_params}
            if config.scopes:
                form["scope"] = " ".join(config.scopes)
            tls = config.tls_config.context(self._base) if config.tls_config else True
            assert self._session is not None
            async with self._session.post(
                config.token_url,
                data=form,
                headers={"Authorization": _basic(config.client_id, secret)},
                ssl=tls,
            ) as answer:
                answer.raise_for_status()
                token = await answer.json(content_type=None)
            self._token = str(token["access_token"])
            self._token_until = time.monotonic() + float(token.get("expires_in", 3600)) - 10
            return self._token

    def _read(self, path: str) -> str:
        return (self._base / path).read_text(encoding="utf-8").strip()

    def _proxy(self, url: str) -> str | None:
        config, parts = self.config, urlsplit(url)
        host = parts.hostname or ""
        if config.proxy_from_environment:
            if proxy_bypass(host):
                return None
            return getproxies_environment().get(parts.scheme)
        if not config.proxy_url or (config.no_proxy and _bypasses(host, config.no_proxy)):
            return None
        return config.proxy_url


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _bypasses(host: str, no_proxy: str) -> bool:
    return any(
        item == "*" or host == item.lstrip(".") or host.endswith(f".{item.lstrip('.')}")
        for item in (part.strip() for part in no_proxy.split(","))
        if item
    )


class _Request:
    """The request under way; what `HttpClient.request` gives to ``async with``."""

    def __init__(
        self,
        client: HttpClient,
        method: str,
        url: str,
        data: Any,
        headers: dict[str, str],
        timeout_s: float,
        decompress: bool,
    ) -> None:
        self._client, self._method, self._url, self._data = client, method, url, data
        self._headers, self._timeout, self._decompress = headers, timeout_s, decompress
        self._response: aiohttp.ClientResponse | None = None

    async def __aenter__(self) -> aiohttp.ClientResponse:
        client = self._client
        assert client._session is not None, "HttpClient is not entered"
        own = await client.headers()
        config = client.config
        options: dict[str, Any] = {}
        if config.tls_config is not None and config.tls_config.server_name:
            options["server_hostname"] = config.tls_config.server_name
        self._response = await client._session.request(
            self._method,
            rewrite(self._url),
            data=self._data,
            headers={**own, **self._headers},
            allow_redirects=config.follow_redirects,
            proxy=client._proxy(self._url),
            timeout=aiohttp.ClientTimeout(total=self._timeout),
            auto_decompress=self._decompress,
            **options,
        )
        return self._response

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._response is not None:
            self._response.release()
