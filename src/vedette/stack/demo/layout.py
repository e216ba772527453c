"""The demo's files below a data directory, its addresses, and its credentials: made once, kept in a file of ours alone."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

DATABASE = "orchestrator"


@dataclass(frozen=True)
class DemoLayout:
    """Everything of the demo that has a place. Ports may be 0 only where the part chooses one by itself."""

    data_dir: Path  # of the project; the demo's own things are in its ``demo/``
    host: str = "127.0.0.1"  # of database and cache: loopback, whatever the API's is
    api_host: str = "127.0.0.1"
    api_port: int = 8000
    database_port: int = 5433
    cache_port: int = 6380
    app_log_dir: Path | None = None  # default: ``data_dir/app-logs``
    passwords: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def root(self) -> Path:
        return self.data_dir / "demo"

    @property
    def control_file(self) -> Path:
        """Where the demo's control door is, and the token that opens it."""
        return self.root / "control.json"

    @property
    def conditions_file(self) -> Path:
        """What is broken in the API, read by the application itself."""
        return self.root / "conditions.json"

    @property
    def app_log(self) -> Path:
        return (self.app_log_dir or self.data_dir / "app-logs") / "automation-orchestrator.log"

    def log_of(self, part: str) -> Path:
        return self.root / "logs" / f"{part}.log"

    def postgres_dsn(self, user: str = "exporter") -> str:
        """Of the role `exporter` (pg_monitor), `app` (owns the database) or `postgres` (superuser)."""
        return f"postgresql://{user}:{self.passwords[user]}@{self.host}:{self.database_port}/{DATABASE}?sslmode=disable"

    @property
    def redis_address(self) -> str:
        return f"redis://{self.host}:{self.cache_port}"

    @property
    def redis_password(self) -> str:
        return self.passwords["redis"]

    @property
    def redis_url(self) -> str:
        return f"redis://:{self.redis_password}@{self.host}:{self.cache_port}/0"


USERS = ("postgres", "app", "exporter", "redis")


def open_layout(
    data_dir: Path,
    *,
    api_host: str = "127.0.0.1",
    api_port: int = 8000,
    database_port: int = 5433,
    cache_port: int = 6380,
    app_log_dir: Path | None = None,
) -> DemoLayout:
    """The layout below `data_dir`; makes the directory and the passwords if this is the first time."""
    data_dir = data_dir.resolve()
    (data_dir / "demo").mkdir(parents=True, exist_ok=True)
    return DemoLayout(
        data_dir,
        api_host=api_host,
        api_port=api_port,
        database_port=database_port,
        cache_port=cache_port,
        app_log_dir=app_log_dir,
        passwords=_passwords(data_dir / "demo" / "passwords.json"),
    )


def _passwords(file: Path) -> dict[str, str]:
    try:
        known: dict[str, str] = json.loads(file.read_text())
    except FileNotFoundError:
        known = {}
    missing = {user: secrets.token_urlsafe(18) for user in USERS if user not in known}
    if missing:
        known |= missing
        part = file.with_suffix(".part")
        write_private(part, json.dumps(known))
        part.replace(file)
    return known


def write_private(file: Path, text: str) -> None:
    """A file that its owner alone may read."""
    file.unlink(missing_ok=True)
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
