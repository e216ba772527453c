"""The functions of LogQL's templates, by what they work on; `table.py` is the list."""
