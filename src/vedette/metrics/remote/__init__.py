"""Samples over the network: remote write."""
