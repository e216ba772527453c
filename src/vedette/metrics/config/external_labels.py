"""``global.external_labels`` have a dollar language of their own: ``$NAME``, ``${NAME}`` and ``$$``, in values."""

from __future__ import annotations

import re
from collections.abc import Mapping

import yaml

from vedette.config.document import Document
from vedette.config.environment import UndefinedVariable, expand
from vedette.config.log import get_logger
from vedette.model.labels import Labels

_log = get_logger("metrics.config")
_BARE = re.compile(r"\$\$|\$([A-Za-z_][A-Za-z0-9_]*)")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def external_labels(document: Document, env: Mapping[str, str]) -> Labels:
    """The labels of `document`, which was read with `env`. A bare ``$NAME`` without a value is empty, and logged."""
    given = ((document.data or {}).get("global") or {}).get("external_labels") or {}
    # The document has already turned `$$` into `$`: read the values as they stand in the file.
    raw = _raw_values(document.text) if "$" in document.text else {}
    return Labels((name, _expand(raw.get(name, value or ""), env)) for name, value in given.items())


def _expand(value: str, env: Mapping[str, str]) -> str:
    parts = re.split(r"(\$\$)", value)
    return "".join("$" if part == "$$" else _expand_part(part, env) for part in parts)


def _expand_part(part: str, env: Mapping[str, str]) -> str:
    try:
        braced = expand(part, env, keep_double_dollar=True)
    except UndefinedVariable:
        braced = part  # the document has said so already

    def bare(found: re.Match[str]) -> str:
        name = found[1]
        if not env.get(name):
            _log.warning("Empty environment variable", name=name)
        return env.get(name, "")

    return _BARE.sub(bare, braced) if "${" not in part else braced


def _raw_values(text: str) -> dict[str, str]:
    loader = _LOADER(text)
    try:
        node = loader.get_single_node() if "\n---" not in text else loader.get_node()
    finally:
        loader.dispose()
    for key in ("global", "external_labels"):
        found = [v for k, v in node.value if k.value == key] if isinstance(node, yaml.MappingNode) else []
        if not found:
            return {}
        node = found[0]
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {k.value: v.value for k, v in node.value if isinstance(v, yaml.ScalarNode)}
