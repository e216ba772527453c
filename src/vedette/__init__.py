"""Vedette: the monitoring stack in one package."""

__version__ = "0.1.0"
