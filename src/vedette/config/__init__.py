"""Configuration files as people write them: YAML with positions, environment, durations, every fault at its line."""
