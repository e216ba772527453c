"""Relabelling, as scraping, the notifier and remote write use it. The language itself is `vedette.config.relabel`."""

from vedette.config.relabel import Action, RelabelConfig, process, run

__all__ = ["Action", "RelabelConfig", "process", "run"]
