"""PostgreSQL 13 to 18, under postgres_exporter 0.20's names. One module per collector in `collectors/`."""
