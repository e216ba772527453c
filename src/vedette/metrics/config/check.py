"""What can be said about a configuration without running it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vedette.config.document import Document, Location
from vedette.config.problems import ConfigError, Problem, Severity
from vedette.config.relabel import RelabelConfig
from vedette.metrics.config.config import Config
from vedette.metrics.config.load import config_of
from vedette.metrics.config.protocols import PROTOBUF
from vedette.metrics.config.scrape import ScrapeConfig
from vedette.metrics.config.sd import BUILT
from vedette.model.labels import quote


def check_config(document: Document, env: Mapping[str, str] | None = None) -> list[Problem]:
    """Every problem of a prometheus.yml: what keeps it from loading, or else warnings about what it does in vain."""
    try:
        config = config_of(document, env)
    except ConfigError as error:
        return error.problems
    return [*_idle_rules(document, config), *unsupported(config, document)]


def unsupported(config: Config, document: Document | None = None) -> list[Problem]:
    """What `config` asks for that isn't built. A role doesn't start with an error among them."""
    where = document or Document(str(config.path), "", None)
    problems = []
    for index, job in enumerate(config.jobs):
        inside = index < len(config.scrape_configs)
        loc: Location = ("scrape_configs", index) if inside else ()
        place = where if inside else Document(str(job.base_dir), "", None)
        problems += _unsupported_kinds(place, loc, job.kinds(), f"job {quote(job.job_name)}")
        problems += _unsupported_formats(place, loc, job)
    for index, group in enumerate(config.alerting.alertmanagers):
        loc = ("alerting", "alertmanagers", index)
        problems += _unsupported_kinds(where, loc, group.kinds(), "alertmanagers")
        if group.sigv4 is not None:
            problems.append(where.problem((*loc, "sigv4"), "signing requests with sigv4 is not supported"))
    return [*problems, *_unsupported_parts(where, config)]


def _unsupported_parts(document: Document, config: Config) -> list[Problem]:
    """Whole parts of the file that nothing acts on yet: an error where data would be missing, else a warning."""
    tsdb = config.storage.tsdb
    asked: list[tuple[Location, bool, str, str, Severity]] = [
        (("remote_write",), bool(config.remote_write), "sending by remote_write is not supported",
         "remove it; another server can read this one through /federate", "error"),
        (("remote_read",), bool(config.remote_read), "reading by remote_read is not supported", "remove it", "error"),
        (("storage", "tsdb", "out_of_order_time_window"), bool(tsdb.out_of_order_time_window),
         "samples out of order are not accepted, whatever the window", "remove it", "error"),
        (("storage", "tsdb", "chunk_encoding"), tsdb.chunk_encoding.floats != "xor",
         f"chunks are written as xor, not {tsdb.chunk_encoding.floats}", "remove it", "warning"),
        (("storage", "exemplars"), "exemplars" in config.storage.model_fields_set, "exemplars are not kept", "remove it", "warning"),
        (("tracing",), config.tracing is not None, "the server does not send traces of itself", "remove it", "warning"),
        (("otlp",), "otlp" in config.model_fields_set, "metrics by OTLP are not received", "remove it", "warning"),
    ]  # fmt: skip
    return [
        document.problem(loc, message, hint, severity)
        for loc, given, message, hint, severity in asked
        if given
    ]


def _unsupported_kinds(document: Document, loc: Location, kinds: Iterable[str], who: str) -> list[Problem]:
    return [
        document.problem(
            (*loc, kind),
            f"{who}: {kind} is not supported",
            "let a program write the targets to a file and read it with file_sd_configs",
        )
        for kind in kinds
        if kind not in BUILT
    ]


def _unsupported_formats(document: Document, loc: Location, job: ScrapeConfig) -> list[Problem]:
    problems = []
    for key in ("scrape_native_histograms", "convert_classic_histograms_to_nhcb"):
        if getattr(job, key):
            message = f"job {quote(job.job_name)}: {key} is not supported; native histograms can't be stored"
            problems.append(document.problem((*loc, key), message, "remove it"))
    if job.scrape_protocols == (PROTOBUF,) or job.fallback_scrape_protocol == PROTOBUF:
        message = f"job {quote(job.job_name)}: pages in {PROTOBUF} can't be read"
        problems.append(document.problem((*loc, "scrape_protocols"), message, "allow a text format too"))
    return problems


def _idle_rules(document: Document, config: Config) -> list[Problem]:
    problems = []
    for index, job in enumerate(config.scrape_configs):
        for position, rule in enumerate(job.relabel_configs):
            if reason := _idle(job, rule, position):
                loc: Location = ("scrape_configs", index, "relabel_configs", position)
                problems.append(document.problem(loc, reason, "remove the rule", "warning"))
        for position, rule in enumerate(job.metric_relabel_configs):
            if rule.does_nothing:
                loc = ("scrape_configs", index, "metric_relabel_configs", position)
                reason = f"copies {quote(rule.target_label)} onto itself: changes nothing"
                problems.append(document.problem(loc, reason, "remove the rule", "warning"))
    return problems


def _idle(job: ScrapeConfig, rule: RelabelConfig, position: int) -> str:
    """Why a target rule can't change anything, or ''."""
    if rule.does_nothing:
        return f"copies {quote(rule.target_label)} onto itself: changes nothing"
    if rule.action != "replace":
        return ""
    if (
        rule.target_label == "instance"
        and rule.source_labels == ("__address__",)
        and rule.regex == "(.*)"
        and rule.replacement in ("$1", "${1}")
        and not any(
            r.target_label in ("instance", "__address__") for r in job.relabel_configs[position + 1 :]
        )
    ):
        return "sets instance to the target's address, which is its value anyway: changes nothing"
    untouched = not any(r.target_label == rule.target_label for r in job.relabel_configs[:position])
    untouched = untouched and not any(rule.target_label in group.labels for group in job.static_configs)
    if rule.target_label == "__scheme__" and untouched and job.kinds() == ["static_configs"]:
        constant = rule.replacement if "$" not in rule.replacement else ""
        if constant and constant == job.scheme and rule.regex == "(.*)":
            return f"sets __scheme__ to {constant}, which it is already: changes nothing"
    return ""
