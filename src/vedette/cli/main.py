"""The `vedette` command. One module per subcommand."""

from __future__ import annotations

import importlib
import pkgutil

import typer

import vedette.cli
from vedette import __version__

app = typer.Typer(
    name="vedette",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_show_locals=False,
    help="Metrics, alerts, logs, dashboards, exporters and instrumentation in one command.",
)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(f"vedette {__version__}")


@app.callback()
def _root() -> None: ...


def commands() -> list[str]:
    """The modules of this package that register a subcommand on `app`: one word each."""
    beside = {"main", "options"}
    names = (module.name for module in pkgutil.iter_modules(vedette.cli.__path__))
    return sorted(name for name in names if name not in beside and "_" not in name)


def main() -> None:
    for name in commands():
        importlib.import_module(f"vedette.cli.{name}")
    app(prog_name="vedette")


if __name__ == "__main__":
    main()
