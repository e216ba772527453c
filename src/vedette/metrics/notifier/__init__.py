"""Alerts on their way to Alertmanagers: one queue, one sender for each of them."""
