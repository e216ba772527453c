"""Scraping: from targets to samples in the store."""

from vedette.metrics.scrape.manager import ScrapeManager
from vedette.metrics.scrape.snapshot import ActiveTarget, DroppedTarget, Metadata, Targets

__all__ = ["ActiveTarget", "DroppedTarget", "Metadata", "ScrapeManager", "Targets"]
