"""Which route answers a request, as its template: ``/orders/{id}``, never ``/orders/7``.

The table is made from the application's routes (Starlette's or FastAPI's, routers and mounts included) and asked by
path. It doesn't rely on what a framework leaves behind in the scope: that lacks the prefixes of routers and mounts.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

UNMATCHED = "unmatched"

PARAMETER = re.compile(r"\{([a-zA-Z_]\w*)(?::(\w+))?\}")
# What a parameter may look like, by its convertor.
CONVERTORS = {"path": ".*", "int": "[0-9]+", "float": r"[0-9]+(?:\.[0-9]+)?", "uuid": "[0-9a-fA-F-]+"}
ONE_PART = "[^/]+"


@dataclass(frozen=True)
class KnownRoute:
    template: str
    methods: frozenset[str]  # empty: any, as of a mounted application
    success: str = "200"
    is_prefix: bool = False

    def pattern(self) -> re.Pattern[str]:
        text, position = "", 0
        for parameter in PARAMETER.finditer(self.template):
            text += re.escape(self.template[position : parameter.start()])
            text += CONVERTORS.get(parameter[2] or "", ONE_PART)
            position = parameter.end()
        text += re.escape(self.template[position:])
        return re.compile(text + ("(?:/.*)?" if self.is_prefix else ""), re.DOTALL)


class RouteTable:
    """Templates by path. Made when the application has all its routes."""

    def __init__(self, app: Any) -> None:
        self.routes = list(known_routes(getattr(app, "routes", None) or ()))
        self._patterns = [(route.pattern(), route) for route in self.routes]

    def endpoint(self, method: str, path: str) -> str:
        """The template for a request: of a route that takes the method if there is one, else of one that doesn't."""
        other_method = UNMATCHED
        for pattern, route in self._patterns:
            if pattern.fullmatch(path):
                if not route.methods or method in route.methods:
                    return route.template
                if other_method is UNMATCHED:
                    other_method = route.template
        return other_method


def known_routes(routes: Iterable[Any], prefix: str = "") -> Iterator[KnownRoute]:
    for route in _flattened(routes):
        path = getattr(route, "path", None)
        if path is None:
            continue
        inner = getattr(route, "routes", None)
        methods = frozenset(getattr(route, "methods", None) or ())
        if inner:
            yield from known_routes(inner, prefix + path)
        elif methods:
            yield KnownRoute(prefix + path, methods, str(getattr(route, "status_code", None) or 200))
        elif (
            getattr(route, "app", None) and getattr(route, "endpoint", None) is None
        ):  # a mounted application without routes
            yield KnownRoute(prefix + path, frozenset(), is_prefix=True)


def _flattened(routes: Iterable[Any]) -> Iterable[Any]:
    """Newer FastAPI keeps included routers whole, and has a function to see through them."""
    see_through = getattr(sys.modules.get("fastapi.routing"), "iter_route_contexts", None)
    return see_through(list(routes)) if see_through is not None else routes


def path_below(scope: Any) -> str:
    """The request's path without the prefix at which a proxy serves the application."""
    path, root = str(scope["path"]), str(scope.get("root_path") or "")
    if root and (path == root or path.startswith(root + "/")):
        return path[len(root) :] or "/"
    return path
