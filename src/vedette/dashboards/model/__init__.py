"""Grafana dashboard documents, as people have them, turned into the one shape the UI draws."""

from vedette.dashboards.model.dashboard import Dashboard, DocumentError, read_dashboard

__all__ = ["Dashboard", "DocumentError", "read_dashboard"]
