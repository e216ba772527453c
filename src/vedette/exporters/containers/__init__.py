"""Containers, control groups (v2) and named processes, under cAdvisor's names."""
