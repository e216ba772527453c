"""Service discovery: from configuration to groups of targets, kept up to date."""

from vedette.metrics.discovery.group import Group
from vedette.metrics.discovery.manager import DiscoveryManager
from vedette.metrics.discovery.observed import DiscoveryMetrics

__all__ = ["DiscoveryManager", "DiscoveryMetrics", "Group"]
