"""The demo: a real application with a real PostgreSQL and Valkey, gentle traffic, and conditions to break and mend."""
