"""info(v, {selector}): the labels of info metrics of the same instance and job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedette.metrics.promql.syntax.nodes import Call, Selector, unwrap
from vedette.model.histogram import FloatHistogram
from vedette.model.labels import Matcher

from .values import NAME, Key, Labels, Refused, Row, Sample, key, only

if TYPE_CHECKING:
    from .evaluate import Evaluation

IDENTIFYING = ("instance", "job")


def info(ev: Evaluation, call: Call, times: list[int]) -> list[Row]:
    base = ev.rows(call.args[0], times)
    names = [Matcher(NAME, "=", "target_info")]
    data: list[Matcher] = []
    if len(call.args) > 1:
        selector = unwrap(call.args[1])
        assert isinstance(selector, Selector)
        data = [m for m in selector.matchers if m.name != NAME]
        names = [m for m in selector.matchers if m.name == NAME] or names
    already = {key(r.labels) for r in base if all(m.matches(r.labels.get(NAME, "")) for m in names)}
    wanted = {
        name: {r.labels[name] for r in base if r.labels.get(name) and key(r.labels) not in already}
        for name in IDENTIFYING
    }
    wanted = {name: values for name, values in wanted.items() if values}
    series = [
        (labels, samples)
        for labels, samples in (ev.stored([*names, *data]) if wanted else [])
        if all(labels.get(name, "") in values for name, values in wanted.items())
    ]
    found = [Row(dict(labels)) for labels, _ in series]
    for row, (_, samples) in zip(found, series, strict=True):
        for time in times:
            sample = ev.newest(samples, time)
            if sample is not None:
                if isinstance(sample[1], FloatHistogram):
                    raise Refused("this should be an info metric, with float samples")
                row.points[time] = float(sample[0])

    def step(_: int, vectors: list[list[Sample]]) -> list[Sample]:
        partners = _newest(vectors[1])
        out = []
        for sample in vectors[0]:
            if key(sample.labels) in already:
                out.append(sample)
                continue
            labels = _enriched(sample.labels, partners, data)
            if labels is not None:
                out.append(Sample(labels, sample.value, sample.drop))
        return out

    return ev.per_step(times, [base, [r for r in found if r.points]], step)


def _identity(labels: Labels) -> Key:
    return key(only(labels, *IDENTIFYING))


def _newest(infos: list[Sample]) -> dict[tuple[str, Key], Sample]:
    """By info metric and identity, that of the newest sample."""
    found: dict[tuple[str, Key], Sample] = {}
    for sample in infos:
        name = (sample.labels.get(NAME, ""), _identity(sample.labels))
        known = found.get(name)
        if known is not None and known.float == sample.float:
            raise Refused("found duplicate series for info metric")
        if known is None or known.float < sample.float:
            found[name] = sample
    return found


def _enriched(labels: Labels, partners: dict[tuple[str, Key], Sample], data: list[Matcher]) -> Labels | None:
    chosen = {m.name for m in data}
    added: Labels = {}
    matched = False
    for (_, identity), partner in partners.items():
        if identity != _identity(labels):
            continue
        matched = True
        for name, value in partner.labels.items():
            if name == NAME or (chosen and name not in chosen):
                continue
            if added.get(name, value) != value:
                raise Refused(f"conflicting label: {name}")
            if name not in labels:
                added[name] = value
    if not matched and not all(m.matches("") for m in data):
        return None
    return {**labels, **added}
