"""The dashboards role: Grafana's files and API, and the web UI."""
