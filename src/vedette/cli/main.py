"""The `vedette` command. One module per subcommand; each is imported only when it is asked for."""

from __future__ import annotations

import importlib

import typer

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


# Subcommands, by the module of vedette.cli that registers them on `app`.
COMMANDS: tuple[str, ...] = (
    "dashboards",
    "exporter",
    "logs",
    "ship",
)


def main() -> None:
    for name in COMMANDS:
        importlib.import_module(f"vedette.cli.{name}")
    app(prog_name="vedette")


if __name__ == "__main__":
    main()
