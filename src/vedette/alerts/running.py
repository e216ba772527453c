"""One configuration at work: its routes, receivers, templates and rules, from the moment it is entered."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from vedette.alerts.clock import Clock
from vedette.alerts.config import AlertsConfig
from vedette.alerts.dispatch import Dispatcher
from vedette.alerts.inhibition import Inhibitor
from vedette.alerts.metrics import AlertsMetrics
from vedette.alerts.notification_log import NotificationLog
from vedette.alerts.notify.integration import Integration, Tools
from vedette.alerts.notify.kinds import build, unsupported
from vedette.alerts.notify.templates import load_templates
from vedette.alerts.pipeline import Pipeline
from vedette.alerts.routing import build_routes
from vedette.alerts.silences import Silences
from vedette.alerts.state import StateFile
from vedette.alerts.store import AlertStore
from vedette.config.log import get_logger
from vedette.config.problems import ConfigError

log = get_logger("alerts")


@dataclass(frozen=True)
class Shared:
    """What outlives a configuration."""

    clock: Clock
    store: AlertStore
    state: StateFile
    silences: Silences
    log: NotificationLog
    metrics: AlertsMetrics
    external_url: str
    user_agent: str
    retention: int  # nanoseconds


class Running:
    """Raises `ConfigError` when made from a configuration that cannot do what it says."""

    def __init__(self, config: AlertsConfig, shared: Shared, *, start_delay: int = 0) -> None:
        problems = list(unsupported(config))
        if problems:
            raise ConfigError(problems)
        self.config, self.shared = config, shared
        self.templates = load_templates(config, now=shared.clock.now)
        self.root = build_routes(config.route)
        self.inhibitor = Inhibitor(config.settings.inhibit_rules, shared.store)
        tools = Tools(self.templates, config.base_dir, shared.user_agent)
        used = config.used_receivers()
        self.integrations: dict[str, list[Integration]] = {
            name: build(receiver, tools) for name, receiver in config.receivers.items() if name in used
        }
        pipeline = Pipeline(
            clock=shared.clock,
            inhibitor=self.inhibitor,
            silences=shared.silences,
            log=shared.log,
            state=shared.state,
            metrics=shared.metrics,
            templates=self.templates,
            intervals=config.intervals,
            integrations=self.integrations,
            external_url=shared.external_url,
            retention=shared.retention,
        )
        self.dispatcher = Dispatcher(
            self.root, pipeline, clock=shared.clock, metrics=shared.metrics, start_delay=start_delay
        )
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Opens every receiver's door, then takes up the alerts that are known."""
        async with contextlib.AsyncExitStack() as stack:
            for integrations in self.integrations.values():
                for integration in integrations:
                    await stack.enter_async_context(integration)
            await stack.enter_async_context(self.dispatcher)
            self.dispatcher.hear_all(self.shared.store)
            self._stack = stack.pop_all()
        metrics = self.shared.metrics
        metrics.receivers.set(len(self.config.receivers))
        metrics.integrations.set(sum(map(len, self.integrations.values())))
        metrics.inhibition_rules.set(len(self.inhibitor.rules))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()
