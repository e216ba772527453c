"""Grafana's provisioning files: `datasources/*.yaml` and `dashboards/*.yaml` below one directory.

Keys of Grafana that mean nothing here (`orgId`, `version`, `editable`, ...) are accepted and left alone; a key that
Grafana does not know is refused by name, as in every other file.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from vedette.config.document import Document, read_document
from vedette.config.model import Secret, Strict, validate
from vedette.config.problems import ConfigError, Problem
from vedette.dashboards.library import Folder
from vedette.dashboards.model.identity import uid_from
from vedette.dashboards.model.sources import DataSource

SUPPORTED_SOURCES = ("prometheus", "loki", "alertmanager")


class SourceFile(Strict):
    """One entry of `datasources:`."""

    name: str
    type: str
    url: str = ""
    uid: str = ""
    access: str = "proxy"
    is_default: bool = Field(default=False, alias="isDefault")
    org_id: int | None = Field(default=None, alias="orgId")
    basic_auth: bool = Field(default=False, alias="basicAuth")
    basic_auth_user: str = Field(default="", alias="basicAuthUser")
    with_credentials: bool = Field(default=False, alias="withCredentials")
    user: str = ""
    database: str = ""
    json_data: dict[str, Any] | None = Field(default=None, alias="jsonData")
    secure_json_data: dict[str, Secret] | None = Field(default=None, alias="secureJsonData")
    version: int | None = None
    editable: bool = False
    correlations: list[Any] | None = None
    api_version: str | None = Field(default=None, alias="apiVersion")


class SourcesFile(Strict):
    """A file of `provisioning/datasources/`."""

    api_version: int = Field(default=1, alias="apiVersion")
    prune: bool = False
    delete_datasources: list[dict[str, Any]] | None = Field(default=None, alias="deleteDatasources")
    datasources: list[SourceFile] | None = None


class ProviderOptions(Strict):
    """Where a provider's files lie."""

    path: str = ""
    folders_from_files_structure: bool = Field(default=False, alias="foldersFromFilesStructure")


class Provider(Strict):
    """One entry of `providers:`."""

    name: str
    org_id: int | None = Field(default=None, alias="orgId")
    folder: str | None = ""
    folder_uid: str | None = Field(default=None, alias="folderUid")
    type: str = "file"
    disable_deletion: bool = Field(default=False, alias="disableDeletion")
    editable: bool = False
    update_interval_seconds: int = Field(default=10, alias="updateIntervalSeconds")
    allow_ui_updates: bool = Field(default=False, alias="allowUiUpdates")
    options: ProviderOptions = ProviderOptions()


class ProvidersFile(Strict):
    """A file of `provisioning/dashboards/`."""

    api_version: int = Field(default=1, alias="apiVersion")
    providers: list[Provider] | None = None


@dataclass(frozen=True)
class Provisioned:
    """What the files ask for; `notes` are sentences about what is accepted but has no effect."""

    sources: tuple[DataSource, ...] = ()
    folders: tuple[Folder, ...] = ()
    notes: tuple[str, ...] = ()


def read_provisioning(directory: Path, env: Mapping[str, str] | None = None) -> Provisioned:
    """Reads every file below `directory`; nothing there is nothing provisioned.

    :raises ConfigError: with every problem of every file.
    """
    problems: list[Problem] = []
    sources: list[DataSource] = []
    folders: list[Folder] = []
    notes: list[str] = []
    for path in _yaml_files(directory / "datasources"):
        try:
            document = read_document(path, env)
            parsed = validate(document, SourcesFile)
        except ConfigError as error:
            problems += error.problems
            continue
        for index, item in enumerate(parsed.datasources or ()):
            if item.type not in SUPPORTED_SOURCES:
                notes.append(
                    f"{path}: data source {item.name!r}: type {item.type!r} is not spoken here; its panels show a notice"
                )
                continue
            if not item.url.startswith(("http://", "https://")):
                problems.append(
                    document.problem(
                        ("datasources", index, "url"),
                        f'"{item.url}" is no address of a server',
                        "write it with its scheme, such as http://prometheus:9090",
                    )
                )
                continue
            sources.append(_source(item))
        problems += _clashes(document, sources)
    for path in _yaml_files(directory / "dashboards"):
        try:
            document = read_document(path, env)
            provided = validate(document, ProvidersFile)
        except ConfigError as error:
            problems += error.problems
            continue
        for index, provider in enumerate(provided.providers or ()):
            if provider.type != "file" or not provider.options.path:
                problems.append(
                    document.problem(
                        ("providers", index, "options", "path"),
                        f'provider "{provider.name}" names no directory',
                        "set options.path to the directory with the JSON files",
                    )
                )
                continue
            folders += _folders(provider, path.parent)
    if problems:
        raise ConfigError(problems)
    return Provisioned(tuple(sources), tuple(folders), tuple(notes))


def _yaml_files(directory: Path) -> list[Path]:
    if not directory.is_dir():
        return []
    return sorted(p for p in directory.iterdir() if p.suffix in (".yaml", ".yml") and p.is_file())


def _source(item: SourceFile) -> DataSource:
    secure = item.secure_json_data or {}
    headers: dict[str, str] = {}
    json_data = item.json_data or {}
    for key, value in json_data.items():
        if key.startswith("httpHeaderName"):
            secret = secure.get(key.replace("Name", "Value"))
            if secret is not None:
                headers[str(value)] = secret.reveal()
    if item.basic_auth and "basicAuthPassword" in secure:
        headers["Authorization"] = _basic(item.basic_auth_user, secure["basicAuthPassword"])
    return DataSource(
        uid=item.uid or uid_from(item.name),
        name=item.name,
        type=item.type,
        url=item.url.rstrip("/"),
        is_default=item.is_default,
        json_data=json_data,
        headers=headers,
    )


def _basic(user: str, password: Secret) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password.reveal()}".encode()).decode()


def _clashes(document: Document, sources: list[DataSource]) -> list[Problem]:
    defaults = [s.name for s in sources if s.is_default]
    if len(defaults) > 1:
        return [
            document.problem(
                ("datasources",),
                f"only one data source may be the default, these are: {', '.join(defaults)}",
                "keep isDefault on one of them",
            )
        ]
    return []


def _folders(provider: Provider, base: Path) -> list[Folder]:
    root = Path(provider.options.path)
    root = root if root.is_absolute() else base / root
    if not provider.options.folders_from_files_structure or not root.is_dir():
        return [Folder(root, provider.folder or "")]
    found = [Folder(root, "", recursive=False)]
    found += [Folder(child, child.name) for child in sorted(root.iterdir()) if child.is_dir()]
    return found
