"""Where lines are kept: a write-ahead log, heads in memory, and sealed blocks in files of a day.

A push is in the write-ahead log before it is acknowledged and can be queried at once. `FORMAT.md` describes the files.
"""
