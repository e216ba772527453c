"""Sentry, New Relic and Datadog: switched on by their environment variables, silent without them.

    SENTRY_DSN (SENTRY_TRACES_SAMPLE_RATE, default 0.1; ENVIRONMENT)
    NEW_RELIC_CONFIG_FILE or NEW_RELIC_LICENSE_KEY
    DATADOG_API_KEY or DD_API_KEY (DD_SITE, DATADOG_HOST)

A variable that is set while its package is missing is told once, at level debug. A service that refuses its settings
never stops the application.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

log = logging.getLogger("vedette.app.vendors")


def start_sentry(env: Mapping[str, str], *, service: str, version: str) -> bool:
    """True if errors are now reported to Sentry."""
    dsn = env.get("SENTRY_DSN")
    if not dsn:
        return False
    try:
        import sentry_sdk
    except ImportError:
        log.debug("SENTRY_DSN is set, but sentry-sdk is not installed")
        return False
    try:
        sentry_sdk.init(
            dsn=dsn,
            traces_sample_rate=float(env.get("SENTRY_TRACES_SAMPLE_RATE") or 0.1),
            environment=env.get("SENTRY_ENVIRONMENT") or env.get("ENVIRONMENT"),
            release=env.get("SENTRY_RELEASE") or (f"{service}@{version}" if version else None),
        )
    except Exception as error:
        log.warning("Sentry is off: %s", type(error).__name__)  # its text may hold the DSN
        return False
    return True


def start_newrelic(env: Mapping[str, str], app: Any, *, service: str) -> Any:
    """`app`, watched by New Relic's agent where it is configured; else `app` as it came."""
    config_file = env.get("NEW_RELIC_CONFIG_FILE")
    if not config_file and not env.get("NEW_RELIC_LICENSE_KEY"):
        return app
    try:
        import newrelic.agent
    except ImportError:
        log.debug("New Relic is configured, but newrelic is not installed")
        return app
    try:
        newrelic.agent.initialize(config_file)
        return newrelic.agent.ASGIApplicationWrapper(app, name=None)
    except Exception as error:
        log.warning("New Relic is off: %s", error)
        return app
