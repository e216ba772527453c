"""Random queries over random data, answered twice and compared: see `run`."""
