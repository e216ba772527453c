"""The HTTP API: Grafana's paths and shapes, one family a file."""
