"""The metrics store: a head in memory behind a write-ahead log, and immutable blocks, in Prometheus's own formats.

Open one with `database.Database.open`. What the files hold, and what a crash leaves: FORMAT.md.
"""
