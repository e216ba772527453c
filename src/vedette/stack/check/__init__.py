"""`vedette check`: every fault of every file of a project, all at once, without starting anything."""

from vedette.stack.check.run import check_project

__all__ = ["check_project"]
