"""Receivers: one module a kind, each with the keys of one entry of its list.

An entry falls back to ``global`` in `with_defaults`, which raises `ValueError` when something needed is nowhere.
"""
