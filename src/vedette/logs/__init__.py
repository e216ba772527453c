"""The logs role: stands for Loki. Push in, LogQL out, blocks of compressed lines between.

`push/` turns bodies into entries, `store/` keeps them, `logql/` answers questions, `api/` is the door on :3100.
"""
