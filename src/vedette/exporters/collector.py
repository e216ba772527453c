"""Running collectors: each is timed, and one that fails costs its own metrics and nobody else's.

A collector is a function that adds to a `Page`. It reports nothing to find by `NoData`; any other `Exception` is
a failure of this scrape. Both leave ``..._scrape_collector_success`` at 0, as in the originals.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from vedette.config.log import get_logger
from vedette.exporters.page import Family, Page

Collect = Callable[[Page], None]

log = get_logger("exporters")


class NoData(Exception):
    """This machine has nothing for the collector: the kernel feature or the device is absent."""


class SelfReport:
    """``<namespace>_scrape_collector_duration_seconds`` and ``..._success``, by collector."""

    def __init__(self, namespace: str, program: str) -> None:
        self.duration = Family(
            f"{namespace}_scrape_collector_duration_seconds",
            "gauge",
            f"{program}: Duration of a collector scrape.",
            ("collector",),
        )
        self.success = Family(
            f"{namespace}_scrape_collector_success",
            "gauge",
            f"{program}: Whether a collector succeeded.",
            ("collector",),
        )

    def add(self, page: Page, collector: str, seconds: float, success: bool) -> None:
        page.add(self.duration, seconds, collector)
        page.add(self.success, int(success), collector)


class CollectorRunner:
    """Runs named collectors into a page. Remembers who failed, so that a lasting failure is logged once."""

    def __init__(self, collectors: Mapping[str, Collect], report: SelfReport) -> None:
        self.collectors = dict(collectors)
        self._report = report
        self._failing: dict[str, str] = {}

    def run(self, page: Page, names: list[str] | None = None) -> None:
        """Runs the collectors `names` (all of them when None) one after the other."""
        for name in self.collectors if names is None else names:
            started = time.perf_counter()
            success = self._run_one(name, page)
            self._report.add(page, name, time.perf_counter() - started, success)

    def _run_one(self, name: str, page: Page) -> bool:
        try:
            self.collectors[name](page)
        except NoData as nothing:
            log.debug("collector has no data", collector=name, reason=str(nothing))
            return False
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            if self._failing.get(name) != reason:
                log.warning("collector failed", collector=name, error=reason)
                self._failing[name] = reason
            return False
        self._failing.pop(name, None)
        return True
