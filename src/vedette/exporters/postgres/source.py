"""Where the PostgreSQL is: data source names from the environment, files and probes. Secrets never leave here as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote


class SourceError(ValueError):
    """A data source name that can't be read. `str()` is for the user and holds nothing of the name itself."""


@dataclass(frozen=True)
class Source:
    """libpq parameters of one server. Prints as its address only."""

    parameters: Mapping[str, str] = field(repr=False)

    @property
    def address(self) -> str:
        """``host:port``, as the ``server`` label has it."""
        host = self.parameters.get("host") or self.parameters.get("hostaddr") or "localhost"
        return f"{host}:{self.parameters.get('port') or '5432'}"

    def __str__(self) -> str:
        return self.address


def parse_source(name: str, **more: str) -> Source:
    """A source from ``postgresql://...`` or ``host=... user=...``. Raises `SourceError`."""
    # Here, because an exporter without a server has no use for the driver.
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        parameters = conninfo_to_dict(name.strip())
    except ProgrammingError:
        raise SourceError(
            "the data source name is not valid; write postgresql://user:password@host:5432/database?sslmode=disable, "
            "with special characters percent-encoded"
        ) from None
    return Source({key: str(value) for key, value in {**parameters, **more}.items() if value is not None})


def source_from_environment(env: Mapping[str, str]) -> Source | None:
    """What ``DATA_SOURCE_NAME``, or ``DATA_SOURCE_URI`` with ``_USER`` and ``_PASS``, say; None when unset.

    ``DATA_SOURCE_URI``, ``_USER`` and ``_PASS`` may stand in files named by ``..._FILE``. Raises `SourceError`.
    """
    name = env.get("DATA_SOURCE_NAME")
    if name:
        if "," in name and name.count("://") > 1:
            raise SourceError(
                "DATA_SOURCE_NAME names several servers; keep one here and scrape the others through /probe"
            )
        return parse_source(name)
    uri = _value(env, "DATA_SOURCE_URI")
    if not uri:
        return None
    user, password = _value(env, "DATA_SOURCE_USER"), _value(env, "DATA_SOURCE_PASS")
    return source_of_uri(uri, user, password)


def source_of_uri(uri: str, user: str | None = None, password: str | None = None) -> Source:
    """``host:port/database?sslmode=disable`` with credentials put in. Raises `SourceError`."""
    if "://" in uri or "=" in uri.split("?")[0]:
        more = {key: value for key, value in (("user", user), ("password", password)) if value}
        return parse_source(uri, **more)
    credentials = quote(user, safe="") if user else ""
    if password:
        credentials += ":" + quote(password, safe="")
    return parse_source(f"postgresql://{credentials + '@' if credentials else ''}{uri}")


def _value(env: Mapping[str, str], name: str) -> str | None:
    file = env.get(f"{name}_FILE")
    if not file:
        return env.get(name)
    try:
        return Path(file).read_text().strip()
    except OSError as error:
        raise SourceError(f"{name}_FILE: {file}: {error.strerror}") from None
