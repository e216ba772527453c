"""A configuration as text for people and for the API: defaults written out, secrets hidden."""

from __future__ import annotations

from typing import Any

import yaml

from vedette.config.document import Document
from vedette.metrics.config.config import Config
from vedette.model.time import format_duration

_SECRETS = frozenset(
    [
        "password",
        "credentials",
        "client_secret",
        "bearer_token",
        "token",
        "secret_key",
        "auth_token",
        "application_secret",
        "consumer_key",
        "application_credential_secret",
        "key_passphrase",
        "service_account_key",
        "private_key",
        "secrets",
        "key",
        "client_certificate_key",
        "proxy_connect_header",
    ]
)


class _Plain(yaml.Dumper):
    """Scalars without quotes where the text allows it: their types were the file's affair."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 (the base class declares it so)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_none(dumper: yaml.Dumper, _: None) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", "", style="")


_Plain.add_representer(type(None), _represent_none)


def config_text(document: Document, config: Config) -> str:
    data = dict(document.data or {})
    given = data.get("global") or {}
    scope = config.global_
    defaults: dict[str, Any] = {
        "scrape_interval": format_duration(scope.scrape_interval),
        "scrape_timeout": format_duration(scope.scrape_timeout),
        "evaluation_interval": format_duration(scope.evaluation_interval),
        "metric_name_validation_scheme": scope.metric_name_validation_scheme,
    }
    data["global"] = {**defaults, **{k: v for k, v in given.items() if v is not None}}
    if config.external_labels:
        data["global"]["external_labels"] = config.external_labels.to_dict()
    ordered = {"global": data.pop("global"), **data}
    return yaml.dump(_hidden(ordered), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=10_000)


def _hidden(value: Any, *, secret: bool = False) -> Any:
    if isinstance(value, dict):
        return {k: _hidden(v, secret=secret or k in _SECRETS) for k, v in value.items()}
    if isinstance(value, list):
        return [_hidden(item, secret=secret) for item in value]
    return "<secret>" if secret and value else value
