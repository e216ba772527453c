"""Serving: the doors of every role. Applications, errors in the original's shape, own metrics, lifetimes."""
