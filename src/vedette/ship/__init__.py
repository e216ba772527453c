"""The shipper: follows files, puts their lines through stages and pushes them (stands for Promtail)."""
