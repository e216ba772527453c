"""Names and images of containers, asked of Docker (or Podman) at its socket. Absent or forbidden, nobody minds."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterable
from pathlib import Path

import aiohttp
import orjson

from vedette.config.log import get_logger
from vedette.exporters.containers.usage import Identity

SOCKETS = (Path("/var/run/docker.sock"), Path("/run/podman/podman.sock"))
CONTAINER_ID = re.compile(r"[0-9a-f]{64}")
ASK_AGAIN_S = 30.0  # for a container that Docker doesn't know, such as another engine's

log = get_logger("exporters.containers")


def container_id(path: str) -> str | None:
    """The id in a group's last part: ``docker-<id>.scope``, ``<id>``, ``cri-containerd-<id>.scope``."""
    match = CONTAINER_ID.search(path.rsplit("/", 1)[-1])
    return match[0] if match else None


def parse_containers(body: bytes) -> dict[str, tuple[str, str]]:
    """Id -> (name, image), from ``GET /containers/json``."""
    return {
        item["Id"]: ((item.get("Names") or [""])[0].lstrip("/"), item.get("Image") or "")
        for item in orjson.loads(body)
    }


class ContainerNames:
    """Known containers. Asks again only when there is one that it hasn't heard of."""

    def __init__(self, socket: Path | None = None) -> None:
        self._sockets = (socket,) if socket else SOCKETS
        self._known: dict[str, tuple[str, str]] = {}
        self._asked = -ASK_AGAIN_S

    async def refresh(self, ids: Iterable[str], timeout_s: float = 2.0) -> None:
        """Asks for the containers among `ids` that have no name yet."""
        if all(id in self._known for id in ids) or time.monotonic() - self._asked < ASK_AGAIN_S:
            return
        self._asked = time.monotonic()
        for socket in self._sockets:
            if not socket.exists():
                continue
            try:
                async with asyncio.timeout(timeout_s):
                    self._known = await self._ask(socket)
                return
            except (OSError, TimeoutError, aiohttp.ClientError, ValueError, KeyError, TypeError) as error:
                log.debug("container names not available", socket=socket, error=error)

    async def _ask(self, socket: Path) -> dict[str, tuple[str, str]]:
        connector = aiohttp.UnixConnector(str(socket))
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.get("http://docker/containers/json") as answer,
        ):
            answer.raise_for_status()
            return parse_containers(await answer.read())

    def identity(self, path: str) -> Identity:
        id = container_id(path)
        if id is None:
            return Identity(path)
        name, image = self._known.get(id, ("", ""))
        return Identity(path, name or id[:12], image)
