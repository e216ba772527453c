"""One collector a module, each ending in its `COLLECTOR`."""
