"""Exporters: what a machine, a PostgreSQL, a Redis and the containers say about themselves, as Prometheus text."""
