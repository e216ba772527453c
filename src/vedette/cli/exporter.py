"""``vedette exporter node|postgres|redis|containers``: one exporter alone, with the original's flags."""

from __future__ import annotations

import typer

from vedette.cli.main import app

exporter = typer.Typer(no_args_is_help=True, help="One exporter alone, with the original's flags.")
app.add_typer(exporter, name="exporter")

from vedette.cli import exporter_node  # noqa: E402, F401  (registers its command on `exporter`)
