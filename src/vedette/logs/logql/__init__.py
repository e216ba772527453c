"""LogQL: `syntax/` (text to frozen nodes and back), `plan.py` (what can be decided before reading), `run/`."""
