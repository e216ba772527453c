"""``--config.file``: credentials for ``/probe``, so that they don't stand in the address.

auth_modules:
  production:
    type: userpass
    userpass:
      username: exporter
      password: ${PG_PASSWORD}
    options:
      sslmode: disable
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field

from vedette.config.document import read_document
from vedette.config.model import Secret, Strict, validate
from vedette.exporters.postgres.source import Source, source_of_uri


class UserPass(Strict):
    username: str
    password: Secret = Secret("")


class AuthModule(Strict):
    type: Literal["userpass"]
    userpass: UserPass
    options: dict[str, str] = Field(default_factory=dict)

    def source(self, target: str) -> Source:
        """`target` with this module's credentials and options. Raises `SourceError`."""
        bare = target.partition("://")[2] or target
        bare = bare.rpartition("@")[2]  # credentials come from here, never from who asks
        source = source_of_uri(bare, self.userpass.username, self.userpass.password.reveal())
        return Source({**source.parameters, **self.options})


class PostgresExporterFile(Strict):
    auth_modules: dict[str, AuthModule] = Field(default_factory=dict)


AuthModules = Mapping[str, AuthModule]


def read_auth_modules(path: Path | None) -> AuthModules:
    """The file's modules by name; none without a file. Raises `ConfigError`."""
    if path is None:
        return {}
    return validate(read_document(path), PostgresExporterFile).auth_modules
