"""One collector a module: `read` (files to text), `parse` (text to values), `describe` (values to the page)."""
