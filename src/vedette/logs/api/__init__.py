"""The door on :3100: Loki's HTTP API. One file a family of endpoints; `routes.py` is the list."""
