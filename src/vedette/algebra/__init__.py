"""Labelled vectors and matrices: what PromQL and LogQL share once samples are in hand."""
