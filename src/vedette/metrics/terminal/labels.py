"""Label sets side by side: what all have, and what tells them apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vedette.model.labels import METRIC_NAME, is_legacy_label_name, is_legacy_metric_name, quote

LabelSet = Mapping[str, str]


def common(sets: Sequence[LabelSet]) -> dict[str, str]:
    """The labels that every set has with the same value."""
    if not sets:
        return {}
    found = dict(sets[0])
    for labels in sets[1:]:
        found = {name: value for name, value in found.items() if labels.get(name) == value}
    return found


def differing(sets: Sequence[LabelSet]) -> list[str]:
    """The names of the other labels, the metric's name first."""
    shared = common(sets)
    names = {name for labels in sets for name in labels if name not in shared}
    return sorted(names, key=lambda name: (name != METRIC_NAME, name))


def all_names(sets: Sequence[LabelSet]) -> list[str]:
    return sorted({name for labels in sets for name in labels}, key=lambda name: (name != METRIC_NAME, name))


def metric(labels: LabelSet) -> str:
    """``up{job="api"}``; ``{}`` for no labels. Names that are no identifiers are quoted."""
    name = labels.get(METRIC_NAME, "")
    pairs = [f"{_label(n)}={quote(v)}" for n, v in sorted(labels.items()) if n != METRIC_NAME]
    if name and not is_legacy_metric_name(name):
        name, pairs = "", [quote(name), *pairs]
    if name and not pairs:
        return name
    return f"{name}{{{', '.join(pairs)}}}"


def label_set(labels: LabelSet) -> str:
    """``{__name__="up", job="api"}``."""
    return "{" + ", ".join(f"{_label(n)}={quote(v)}" for n, v in sorted(labels.items())) + "}"


def _label(name: str) -> str:
    return name if is_legacy_label_name(name) else quote(name)
