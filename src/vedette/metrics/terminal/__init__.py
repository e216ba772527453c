"""What `vedette query` shows: asking any Prometheus API from a terminal, and printing what it answers."""
