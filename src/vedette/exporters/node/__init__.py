"""The machine's own metrics, under node_exporter's names. One module per collector in `collectors/`."""
