"""From files to a `Config` ready for use."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping
from pathlib import Path

from vedette.config.document import Document, Location, read_document
from vedette.config.model import validate
from vedette.config.problems import ConfigError, Problem
from vedette.config.relabel import RelabelConfig, faults
from vedette.metrics.config.config import Config
from vedette.metrics.config.external_labels import external_labels
from vedette.metrics.config.global_ import GlobalConfig
from vedette.metrics.config.otlp import UTF8_STRATEGIES
from vedette.metrics.config.scrape import ScrapeConfig, ScrapeConfigFile
from vedette.metrics.config.sd import Discovery
from vedette.metrics.config.text import config_text
from vedette.model.labels import quote


def load_config(path: str | Path, env: Mapping[str, str] | None = None) -> Config:
    """Reads prometheus.yml and the job files it names. `env` None means the process's environment.

    Raises `ConfigError` with every problem of all of them.
    """
    environment = os.environ if env is None else env
    return config_of(read_document(path, environment), environment)


def config_of(document: Document, env: Mapping[str, str] | None = None) -> Config:
    """The `Config` of a document that was read. Raises `ConfigError`."""
    environment = os.environ if env is None else env
    written = validate(document, Config)
    path = Path(document.path)
    base = path.parent
    problems: list[Problem] = []
    log_files = {
        name: str(base / value)
        for name in ("query_log_file", "scrape_failure_log_file")
        if (value := getattr(written.global_, name))
    }
    defaults = written.global_.model_copy(update=log_files)
    jobs = _Jobs(defaults, problems)
    main_jobs = jobs.take(document, written.scrape_configs, base)
    for index, pattern in enumerate(written.scrape_config_files):
        loc: Location = ("scrape_config_files", index)
        for name in _matching(base, pattern):
            jobs.take_file(Path(name), environment, document.problem(loc, ""))
    for index, group in enumerate(written.alerting.alertmanagers):
        _note_addresses(document, ("alerting", "alertmanagers", index), group, problems)
    _check_duplicates(document, written, problems)
    _check_legacy_names(document, written, problems)
    if problems:
        raise ConfigError(problems)
    alerting = written.alerting.model_copy(
        update={"alertmanagers": tuple(am.located(base) for am in written.alerting.alertmanagers)}
    )
    made = written.model_copy(
        update={
            "global_": defaults,
            "alerting": alerting,
            "rule_files": tuple(str(base / pattern) for pattern in written.rule_files),
            "scrape_config_files": tuple(str(base / pattern) for pattern in written.scrape_config_files),
            "scrape_configs": tuple(main_jobs),
            "remote_write": tuple(rw.located(base) for rw in written.remote_write),
            "remote_read": tuple(rr.located(base) for rr in written.remote_read),
        }
    )
    made._path = path
    made._jobs = tuple(jobs.taken)
    made._external_labels = external_labels(document, environment)
    made._text = config_text(document, made)
    return made


def _matching(base: Path, pattern: str) -> list[str]:
    full = str(base / pattern)
    return sorted(glob.glob(full)) if "*" in pattern else [full] if os.path.exists(full) else []


class _Jobs:
    """Collects jobs from several files under names that must not repeat."""

    def __init__(self, defaults: GlobalConfig, problems: list[Problem]) -> None:
        self._defaults = defaults
        self._problems = problems
        self._names: dict[str, str] = {}
        self.taken: list[ScrapeConfig] = []

    def take(
        self, document: Document, written: tuple[ScrapeConfig, ...], base: Path, *, where: str = ""
    ) -> list[ScrapeConfig]:
        """The jobs of one file, filled in; what is wrong with them is noted."""
        made = []
        for index, job in enumerate(written):
            loc: Location = ("scrape_configs", index)
            first = self._names.get(job.job_name)
            if first is not None:
                message = f"found multiple scrape configs with job name {quote(job.job_name)}"
                if where or first != "main config file":
                    message += f", first found in {first}"
                self._problems.append(document.problem((*loc, "job_name"), message, "give each its own name"))
                continue
            self._names[job.job_name] = where or "main config file"
            try:
                filled = job.inherit(self._defaults, base)
            except ValueError as error:
                message, _, hint = str(error).partition("; ")
                self._problems.append(document.problem(loc, message, hint))
                continue
            _note_addresses(document, loc, job, self._problems)
            legacy = filled.metric_name_validation_scheme == "legacy"
            for key in ("relabel_configs", "metric_relabel_configs"):
                _note_rules(document, (*loc, key), getattr(job, key), legacy, self._problems)
            made.append(filled)
        self.taken += made
        return made

    def take_file(self, path: Path, env: Mapping[str, str], named_at: Problem) -> None:
        try:
            document = read_document(path, env)
            file = validate(document, ScrapeConfigFile)
        except ConfigError as error:
            self._problems += error.problems
            return
        self.take(document, file.scrape_configs, path.parent, where=quote(str(path.absolute())))


def _check_duplicates(document: Document, config: Config, problems: list[Problem]) -> None:
    for key, what in (("remote_write", "remote write"), ("remote_read", "remote read")):
        seen: set[str] = set()
        for index, endpoint in enumerate(getattr(config, key)):
            if endpoint.name and endpoint.name in seen:
                message = f"found multiple {what} configs with job name {quote(endpoint.name)}"
                problems.append(document.problem((key, index, "name"), message, "give each its own name"))
            seen.add(endpoint.name)


def _check_legacy_names(document: Document, config: Config, problems: list[Problem]) -> None:
    if config.global_.metric_name_validation_scheme != "legacy":
        return
    strategy = config.otlp.translation_strategy
    if strategy in UTF8_STRATEGIES:
        message = f"OTLP translation strategy {quote(strategy)} is not allowed when UTF8 is disabled"
        problems.append(document.problem(("otlp", "translation_strategy"), message))
    alerting = config.alerting
    _note_rules(
        document, ("alerting", "alert_relabel_configs"), alerting.alert_relabel_configs, True, problems
    )
    for index, group in enumerate(alerting.alertmanagers):
        for key in ("relabel_configs", "alert_relabel_configs"):
            loc = ("alerting", "alertmanagers", index, key)
            _note_rules(document, loc, getattr(group, key), True, problems)
    for index, endpoint in enumerate(config.remote_write):
        place: Location = ("remote_write", index, "write_relabel_configs")
        _note_rules(document, place, endpoint.write_relabel_configs, True, problems)


def _note_addresses(document: Document, loc: Location, part: Discovery, problems: list[Problem]) -> None:
    hint = "write host:port, and the rest in scheme and metrics_path"
    for group, place, fault in part.bad_addresses():
        where = (*loc, "static_configs", group, "targets", place)
        problems.append(document.problem(where, fault, hint))


def _note_rules(
    document: Document,
    loc: Location,
    rules: tuple[RelabelConfig, ...],
    legacy: bool,
    problems: list[Problem],
) -> None:
    if legacy:
        for index, fault in faults(rules, legacy_names=True):
            problems.append(document.problem((*loc, index), fault))
