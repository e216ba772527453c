"""LogQL text to frozen nodes. Every node prints back as a query that parses to an equal node."""

from vedette.logs.logql.syntax.errors import LogQLError, NotSupported
from vedette.logs.logql.syntax.parser import parse_labels, parse_query, parse_selector

__all__ = ["LogQLError", "NotSupported", "parse_labels", "parse_query", "parse_selector"]
