"""API v2, as `amtool`, Prometheus and Grafana speak it. One module a resource."""
