"""Filters of lines and labels: one a file."""
