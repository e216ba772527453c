"""``vedette exporter node|postgres|redis|containers``: one exporter alone, with the original's flags."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import typer

from vedette.cli.main import app

exporter = typer.Typer(no_args_is_help=True, help="One exporter alone, with the original's flags.")
app.add_typer(exporter, name="exporter")

# ``--collector.NAME`` is a flag for each collector there is: read by `chosen_collectors`.
COLLECTOR_FLAGS = {"allow_extra_args": True, "ignore_unknown_options": True}


def chosen_collectors(arguments: list[str], known: Collection[str], default: Iterable[str]) -> list[str]:
    """What ``--collector.NAME`` and ``--no-collector.NAME`` make of `default`. Anything else is refused."""
    chosen = set(default)
    for argument in arguments:
        off = argument.startswith("--no-collector.")
        name = argument.removeprefix("--no-collector." if off else "--collector.")
        if name == argument or name not in known:
            raise typer.BadParameter(f"{argument} is not known; collectors are {', '.join(sorted(known))}")
        if off:
            chosen.discard(name)
        else:
            chosen.add(name)
    return sorted(chosen)


from vedette.cli import (  # noqa: E402  (they register their commands on `exporter`)
    exporter_containers,
    exporter_node,
    exporter_postgres,
    exporter_redis,
)

__all__ = ["exporter_containers", "exporter_node", "exporter_postgres", "exporter_redis"]
