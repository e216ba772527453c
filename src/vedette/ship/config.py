"""``promtail-config.yml``: the original's keys, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from vedette.client import HttpSettings
from vedette.config.document import Document, Location
from vedette.config.model import ByteSize, GoDuration, Strict, validate
from vedette.config.problems import ConfigError, Problem, Severity
from vedette.config.relabel import RelabelConfig
from vedette.ship.stages import Pipeline, StageError, build_stage

SECOND = 10**9

# Sources of entries that are not built; each is refused by name.
OTHER_SOURCES = frozenset(
    [
        "docker_sd_configs",
        "journal",
        "syslog",
        "loki_push_api",
        "kubernetes_sd_configs",
        "kafka",
        "windows_events",
        "gelf",
        "gcplog",
        "cloudflare",
        "heroku_drain",
        "azure_event_hubs",
        "consul_sd_configs",
        "consulagent_sd_configs",
        "dns_sd_configs",
        "ec2_sd_configs",
        "http_sd_configs",
        "gce_sd_configs",
        "azure_sd_configs",
        "openstack_sd_configs",
        "file_sd_configs",
    ]
)


class ServerConfig(Strict):
    disable: bool = False
    http_listen_address: str = ""
    http_listen_port: int = 80
    grpc_listen_address: str = ""
    grpc_listen_port: int = 9095
    log_level: str = "info"
    log_format: str = "logfmt"
    external_url: str = ""
    health_check_target: bool = True
    profiling_enabled: bool = False
    enable_runtime_reload: bool = False
    register_instrumentation: bool = True
    graceful_shutdown_timeout: GoDuration = 30 * SECOND


class PositionsConfig(Strict):
    filename: str = "/var/log/positions.yaml"
    sync_period: GoDuration = 10 * SECOND
    ignore_invalid_yaml: bool = False


class BackoffConfig(Strict):
    min_period: GoDuration = SECOND // 2
    max_period: GoDuration = 300 * SECOND
    max_retries: int = 10


class ClientConfig(HttpSettings):
    url: str
    name: str = ""
    headers: Mapping[str, str] = Field(default_factory=dict)
    tenant_id: str = ""
    timeout: GoDuration = 10 * SECOND
    batchwait: GoDuration = SECOND
    batchsize: ByteSize = 1 << 20
    backoff_config: BackoffConfig = BackoffConfig()
    drop_rate_limited_batches: bool = False
    external_labels: Mapping[str, str] = Field(default_factory=dict)


class StaticConfig(Strict):
    targets: list[str] = Field(default_factory=list)
    labels: Mapping[str, str] = Field(default_factory=dict)


class ScrapeConfig(Strict):
    job_name: str
    static_configs: list[StaticConfig] = Field(default_factory=list)
    pipeline_stages: list[Mapping[str, Any]] = Field(default_factory=list)
    relabel_configs: list[RelabelConfig] = Field(default_factory=list)
    encoding: str = ""


class LimitsConfig(Strict):
    readline_rate: float = 10000
    readline_burst: int = 10000
    readline_rate_enabled: bool = False
    readline_rate_drop: bool = True
    max_streams: int = 0
    max_line_size: ByteSize = 0
    max_line_size_truncate: bool = False


class TargetConfig(Strict):
    sync_period: GoDuration = 10 * SECOND
    stdin: bool = False


class FileWatchConfig(Strict):
    min_poll_frequency: GoDuration = SECOND // 4
    max_poll_frequency: GoDuration = SECOND // 4


class GlobalConfig(Strict):
    file_watch_config: FileWatchConfig = FileWatchConfig()


class OptionsConfig(Strict):
    stream_lag_labels: str = ""


class ShipConfig(Strict):
    """The whole file."""

    global_: GlobalConfig = Field(GlobalConfig(), alias="global")
    server: ServerConfig = ServerConfig()
    positions: PositionsConfig = PositionsConfig()
    client: ClientConfig | None = None
    clients: list[ClientConfig] = Field(default_factory=list)
    scrape_configs: list[ScrapeConfig] = Field(default_factory=list)
    limits_config: LimitsConfig = LimitsConfig()
    target_config: TargetConfig = TargetConfig()
    options: OptionsConfig = OptionsConfig()
    tracing: Mapping[str, Any] = Field(default_factory=dict)

    @property
    def all_clients(self) -> list[ClientConfig]:
        return [*([self.client] if self.client else []), *self.clients]


def load(document: Document) -> ShipConfig:
    """The configuration in `document`. Raises `ConfigError` with every fault."""
    problems = [p for p in check_config(document) if p.severity == "error"]
    if problems:
        raise ConfigError(problems)
    return validate(document, ShipConfig)


def build_pipeline(config: ScrapeConfig) -> Pipeline:
    """The stages of a job. Raises `StageError`."""
    return Pipeline([build_stage(*next(iter(stage.items()))) for stage in config.pipeline_stages])


def check_config(document: Document) -> list[Problem]:
    """Every fault of a Promtail file, and what will surprise its reader, without running anything."""
    problems = _refused_sources(document)
    refused = {(p.line, p.where) for p in problems}
    try:
        config = validate(document, ShipConfig)
    except ConfigError as error:
        problems += [p for p in error.problems if (p.line, p.where) not in refused]
        return problems
    problems += _check_jobs(document, config)
    problems += _without_effect(document, config)
    if not config.all_clients:
        problems.append(
            document.problem(
                (), "no client is configured", "add clients: [{url: http://loki:3100/loki/api/v1/push}]"
            )
        )
    if config.positions.filename.startswith("/tmp/"):
        problems.append(
            document.problem(
                ("positions", "filename"),
                "positions under /tmp are lost with the container or at a restart, and everything is sent again",
                "name a path that lasts, such as /var/lib/promtail/positions.yaml",
                "warning",
            )
        )
    return problems


def _refused_sources(document: Document) -> list[Problem]:
    problems = []
    data = document.data if isinstance(document.data, dict) else {}
    jobs = data.get("scrape_configs")
    for index, job in enumerate(jobs if isinstance(jobs, list) else []):
        for key in job if isinstance(job, dict) else ():
            if key in OTHER_SOURCES:
                loc = ("scrape_configs", index, key)
                problems.append(
                    document.problem(loc, f"{key} is not supported", "use static_configs with __path__")
                )
    return problems


def _without_effect(document: Document, config: ShipConfig) -> list[Problem]:
    """Keys of the original that nothing acts on yet: an error where lines would be treated otherwise than asked."""
    limits = config.limits_config
    asked: list[tuple[Location, bool, str, Severity]] = [
        (
            ("limits_config", "readline_rate_enabled"),
            limits.readline_rate_enabled,
            "lines are not rate-limited",
            "error",
        ),
        (("limits_config", "max_streams"), limits.max_streams > 0, "streams are not limited", "error"),
        (("limits_config", "max_line_size"), limits.max_line_size > 0, "long lines are sent whole", "error"),
        (("target_config", "stdin"), config.target_config.stdin, "standard input is not read", "error"),
        (("options",), bool(config.options.stream_lag_labels), "stream lag is not measured", "warning"),
        (("tracing",), bool(config.tracing), "the shipper does not send traces of itself", "warning"),
    ]
    return [
        document.problem(loc, message, "remove it", severity)
        for loc, given, message, severity in asked
        if given
    ]


def _check_jobs(document: Document, config: ShipConfig) -> list[Problem]:
    problems: list[Problem] = []
    seen: set[str] = set()
    for index, job in enumerate(config.scrape_configs):
        loc: Location = ("scrape_configs", index)
        if job.job_name in seen:
            problems.append(
                document.problem((*loc, "job_name"), f'job_name "{job.job_name}" stands here twice')
            )
        seen.add(job.job_name)
        for number, static in enumerate(job.static_configs):
            if "__path__" not in static.labels and not job.relabel_configs:
                where = (*loc, "static_configs", number, "labels")
                problems.append(
                    document.problem(
                        where, "no path for target", "add the label __path__ with a glob of files"
                    )
                )
        problems += _check_stages(document, job, (*loc, "pipeline_stages"))
    return problems


def _check_stages(document: Document, job: ScrapeConfig, loc: Location) -> list[Problem]:
    problems: list[Problem] = []
    for number, stage in enumerate(job.pipeline_stages):
        if len(stage) != 1:
            problems.append(
                document.problem((*loc, number), "a stage is one key", "put a dash before each stage")
            )
            continue
        name, config = next(iter(stage.items()))
        try:
            build_stage(name, config)
        except StageError as error:
            where = (*loc, number, name, error.key) if error.key else (*loc, number, name)
            problems.append(document.problem(where, str(error), error.hint))
    return problems + _docker_surprises(document, job, loc)


def _docker_surprises(document: Document, job: ScrapeConfig, loc: Location) -> list[Problem]:
    """Docker's own files, read by hand: their time and their newlines are easily forgotten."""
    docker = any(static.labels.get("__path__", "").endswith("-json.log") for static in job.static_configs)
    names = [next(iter(stage)) for stage in job.pipeline_stages if len(stage) == 1]
    if not docker or "docker" in names or "json" not in names:
        return []
    problems = []
    if "timestamp" not in names:
        problems.append(
            document.problem(
                loc,
                "Docker's time is not used: lines get the time they are read",
                "extract it (time: time) and add a stage timestamp: {source: time, format: RFC3339Nano}, or use docker: {}",
                "warning",
            )
        )
    if "template" not in names and "replace" not in names:
        problems.append(
            document.problem(
                loc,
                "Docker's newline stays at the end of each line",
                """add a stage template: {source: output, template: '{{ TrimRight .Value "\\n" }}'} before output""",
                "warning",
            )
        )
    return problems
