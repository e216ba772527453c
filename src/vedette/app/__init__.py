"""What an application imports: health, metrics, access logs and error reporting in one line.

    from fastapi import FastAPI
    from vedette.app import database_timer, instrument

    app = FastAPI()
    instrument(app, service="automation-orchestrator", version="1.0.0", database=pool, redis=client,
               log_file="/app/logs/automation-orchestrator.log")

adds ``/health``, ``/health/detailed``, ``/metrics``, the metrics that the guide's alerts and dashboards read, one JSON
line a request, and Sentry, New Relic and Datadog where their environment variables are set. It imports nothing of
Vedette's servers.
"""

from vedette.app.context import add_database_seconds, current_request, database_timer
from vedette.app.instrument import instrument
from vedette.app.logs import setup_json_logging

__all__ = [
    "add_database_seconds",
    "current_request",
    "database_timer",
    "instrument",
    "setup_json_logging",
]
