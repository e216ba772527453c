"""What a receiver's entry becomes: something that can be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import aiohttp
import orjson

from vedette.alerts.notify.errors import Failure, NotifyError, failure_of
from vedette.alerts.notify.message import Message
from vedette.client import HttpClient, HttpConfig
from vedette.config.model import Secret
from vedette.template import TemplateError, TemplateSet

NO_MEMORY: Mapping[str, str] = {}


class Integration(Protocol):
    """`kind` names it in metrics and the log, `index` tells those of one receiver apart."""

    kind: str
    index: int
    send_resolved: bool

    async def notify(self, message: Message) -> Mapping[str, str]:
        """Tells, and returns what it wants to be reminded of next time. Raises `NotifyError`."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: Any) -> None: ...


@dataclass(frozen=True)
class Tools:
    """What every integration is made with."""

    templates: TemplateSet
    base_dir: Path
    user_agent: str


class HttpIntegration:
    """Base of integrations that post to a web service."""

    kind = ""

    def __init__(self, index: int, send_resolved: bool, http: HttpConfig | None, tools: Tools) -> None:
        self.index, self.send_resolved, self.tools = index, send_resolved, tools
        self._client = HttpClient(http, base_dir=tools.base_dir, user_agent=tools.user_agent)

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    def secret(self, value: Secret | str, file: str) -> str:
        """The value itself, or what its file holds now. Raises `NotifyError`."""
        if not file:
            return value.reveal() if isinstance(value, Secret) else value
        try:
            return (self.tools.base_dir / file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise NotifyError(f"could not read {file}: {error.strerror}", retry=False) from None

    async def post(
        self,
        url: str,
        body: object,
        *,
        timeout_ms: int = 0,
        headers: Mapping[str, str] | None = None,
        retry_on: tuple[int, ...] = (),
    ) -> bytes:
        """Posts JSON; the answer's body. 5xx and `retry_on` may be tried again. Raises `NotifyError`."""
        data = orjson.dumps(body) + b"\n"
        sent = {"Content-Type": "application/json", **(headers or {})}
        try:
            async with self._client.request(
                "POST", url, data=data, headers=sent, timeout_s=timeout_ms / 1000 if timeout_ms else 300.0
            ) as response:
                answer = await response.read()
                status = response.status
        except TimeoutError:
            raise NotifyError("the request timed out", retry=True, failure=Failure.DEADLINE) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NotifyError(str(error) or type(error).__name__, retry=True) from None
        if 200 <= status < 300:
            return answer
        detail = answer[:512].decode("utf-8", "replace").strip()
        raise NotifyError(
            f"unexpected status code {status}" + (f": {detail}" if detail else ""),
            retry=status >= 500 or status in retry_on,
            failure=failure_of(status),
        )


def unrenderable(error: TemplateError) -> NotifyError:
    """A template that fails will fail again."""
    return NotifyError(str(error), retry=False, failure=Failure.CLIENT)
