"""The parts of the metrics role at work, from an open store to the doors."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

from prometheus_client import CollectorRegistry
from starlette.routing import Route

from vedette.config.problems import ConfigError, Problem
from vedette.metrics.api.pace import Pace
from vedette.metrics.api.query import Answers
from vedette.metrics.api.runner import QueryRunner
from vedette.metrics.api.workers import Workers
from vedette.metrics.config import Config
from vedette.metrics.contract import StorageError
from vedette.metrics.discovery import DiscoveryMetrics
from vedette.metrics.doors import make_doors, make_prompt_doors, now_ms
from vedette.metrics.loaded import Loaded
from vedette.metrics.notifier.discovered import DiscoveredAlertmanagers
from vedette.metrics.notifier.notifier import Notifier
from vedette.metrics.notifier.observed import NotifierMetrics
from vedette.metrics.observed import ConfigMetrics
from vedette.metrics.options import MetricsOptions
from vedette.metrics.promql.engine import Engine
from vedette.metrics.promql.run.batches import DEFAULT_BATCHING, Batching
from vedette.metrics.queries.active import ActiveQueries
from vedette.metrics.queries.log import QueryLog
from vedette.metrics.queries.observed import QueryMetrics
from vedette.metrics.queries.watch import QueryWatch
from vedette.metrics.rules.clock import SystemClock
from vedette.metrics.rules.group import GroupContext
from vedette.metrics.rules.manager import RuleManager
from vedette.metrics.rules.observed import RuleMetrics
from vedette.metrics.rules.query import RuleQuery
from vedette.metrics.rules.templating import AlertTexts
from vedette.metrics.scrape import ScrapeManager
from vedette.metrics.tsdb.database import Database
from vedette.metrics.tsdb.options import TsdbOptions
from vedette.model.labels import Labels
from vedette.model.time import DAY
from vedette.web.prompt import PromptDoor

# Rule groups that may be evaluated at once.
RULE_THREADS = 4
UPKEEP_SECONDS = 60.0
PER_STEP_STATS = "promql-per-step-stats"


def open_store(options: MetricsOptions, config: Config, registry: CollectorRegistry) -> Database:
    """The store of the data directory, its log replayed. Raises `ConfigError`."""
    try:
        return Database.open(options.data_dir, store_options(options, config), registry)
    except StorageError as error:
        raise ConfigError([Problem(str(options.data_dir), 0, 0, "", str(error))]) from None


def store_options(options: MetricsOptions, config: Config) -> TsdbOptions:
    """Flags win over the file; without either, 15 days."""
    retention = config.storage.tsdb.retention
    size = options.retention_bytes if options.retention_bytes is not None else retention.size
    time_ = options.retention_ms if options.retention_ms is not None else retention.time
    return TsdbOptions(
        retention_time=time_ or (0 if size else 15 * DAY),
        retention_size=size,
        min_block=options.min_block,
        max_block=options.max_block,
        wal_compression=options.wal_compression,
        lock_file=options.lock_file,
    )


def _engine(options: MetricsOptions, store: Database, batching: Batching) -> Engine:
    return Engine(
        store,
        lookback_ms=options.lookback,
        max_samples=options.query_max_samples,
        timeout_s=options.query_timeout / 1000,
        enable_features=options.features,
        batching=batching,
    )


class Running:
    """Made and stopped in the event loop that serves the role."""

    def __init__(
        self,
        options: MetricsOptions,
        store: Database,
        registry: CollectorRegistry,
        config_metrics: ConfigMetrics,
    ) -> None:
        self.options = options
        self.store = store
        self.registry = registry
        self.config_metrics = config_metrics
        self.started_s = time.time()
        self.loaded: Loaded | None = None
        self.workers = Workers(options.query_concurrency)
        self.engine = _engine(options, store, DEFAULT_BATCHING)
        # Rules have threads of their own all the way down, and never wait for what people ask.
        self._rule_engine = _engine(options, store, Batching(pool="rules-promql"))
        metrics = QueryMetrics(registry, options.query_concurrency)
        self.query_log = QueryLog(metrics)
        self._active_queries = ActiveQueries(options.data_dir, options.query_concurrency)
        self.query_watch = QueryWatch(
            metrics, self._active_queries, self.query_log, slow_s=options.slow_query_ms / 1000
        )
        self.runner = QueryRunner(self.workers, metrics, timeout_s=options.query_timeout / 1000)
        per_step = PER_STEP_STATS in options.features
        self.answers = Answers(self.engine, self.query_watch, Pace(), per_step=per_step)
        self._rule_threads = ThreadPoolExecutor(RULE_THREADS, thread_name_prefix="rules")
        self.notifier = Notifier(
            NotifierMetrics(registry),
            capacity=options.notification_queue,
            batch=options.notification_batch,
        )
        discovery_metrics = DiscoveryMetrics(registry)
        self.alertmanagers = DiscoveredAlertmanagers(self.notifier, discovery_metrics)
        self.scraping = ScrapeManager(
            store,
            registry=registry,
            discovery_metrics=discovery_metrics,
            listen_address=str(options.listen),
            external_url=options.address,
        )
        self._rule_metrics = RuleMetrics(registry)
        self._upkeep: asyncio.Task[None] | None = None
        self.rules = RuleManager(self._rule_context(), clock=SystemClock(), executor=self._rule_threads)

    def _rule_context(self) -> GroupContext:
        options = self.options
        query = RuleQuery(self._rule_engine, self.query_watch)
        return GroupContext(
            storage=self.store,
            query=query,
            query_for=query.of_group,
            expand=AlertTexts(lambda: self.external_labels, options.address),
            notify=self.notifier.notify,
            observer=self._rule_metrics,
            external_url=options.address,
            resend_delay=options.alert_resend_delay,
            outage_tolerance=options.alert_outage_tolerance,
            grace_period=options.alert_grace_period,
        )

    @property
    def external_labels(self) -> Labels:
        return Labels() if self.loaded is None else self.loaded.config.external_labels

    def doors(self) -> list[Route]:
        return make_doors(self)

    def prompt_doors(self) -> dict[str, PromptDoor]:
        return make_prompt_doors(self)

    async def start(self, loaded: Loaded) -> None:
        """Raises `ConfigError`."""
        await self.apply(loaded)
        self._upkeep = asyncio.create_task(self._keep_up(), name="store upkeep")

    async def _keep_up(self) -> None:
        while True:
            await asyncio.sleep(UPKEEP_SECONDS)
            # Its own thread: a compaction may take minutes and must not keep rules or queries waiting.
            await asyncio.to_thread(self.store.maintain, now_ms())

    async def apply(self, loaded: Loaded) -> None:
        """What was read counts from now on. Raises `ConfigError` for certificates that can't be used, with
        everything as it was; all else was checked before."""
        config = loaded.config
        await self.scraping.apply(config)
        self.loaded = loaded
        self.store.options = store_options(self.options, config)
        self.query_log.use(config.global_.query_log_file)
        for engine in (self.engine, self._rule_engine):
            engine.default_step_ms = config.global_.evaluation_interval
        await self.alertmanagers.apply(config.alerting, config.external_labels)
        self._rule_metrics.describe(loaded.groups)
        await self.rules.apply(loaded.groups)

    async def stop(self) -> None:
        """Ends what produces samples and alerts first, then lets those out, then closes the store."""
        if self._upkeep is not None:
            self._upkeep.cancel()
        await asyncio.gather(self.rules.stop(), self.scraping.__aexit__(None, None, None))
        await self.alertmanagers.stop()
        await self.notifier.stop()
        self._rule_threads.shutdown(wait=True)
        await asyncio.to_thread(self.workers.close)
        await asyncio.to_thread(self.store.close)
        self.query_log.use("")
        self._active_queries.close()
