"""An alerts role behind a real door, for tests."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from vedette.alerts.service import AlertsOptions, AlertsRole
from vedette.web.role import Listen, WebServer


@contextlib.asynccontextmanager
async def served(config: str, folder: Path) -> AsyncIterator[tuple[AlertsRole, str]]:
    """The role and its address; `config` is the text of alertmanager.yml."""
    file = folder / "alertmanager.yml"
    file.write_text(config)
    options = AlertsOptions(
        config_file=file,
        data_dir=folder / "data",
        listen=Listen("127.0.0.1", 0),
        external_url="http://am.example",
    )
    role = AlertsRole(options)
    async with role, WebServer(role.app, role.listen, role="alerts") as server:
        yield role, f"http://{server.address}"
