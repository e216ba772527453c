"""Redis, Valkey and what speaks like them, under redis_exporter 1.88's names. One module per part of a reply in `collectors/`."""
