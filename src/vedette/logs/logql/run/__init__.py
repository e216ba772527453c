"""Running queries. `entry.py` says what a stage means, for one line; the rest is how to do that for millions."""
