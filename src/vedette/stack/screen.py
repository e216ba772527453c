"""The start-up screen: each role, its address and state, as it changes."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from vedette import __version__
from vedette.stack.supervisor import Door, Process, State

_COLOURS = {
    State.STARTING: "yellow",
    State.READY: "green",
    State.UNREADY: "yellow",
    State.CRASHED: "red",
    State.STOPPED: "dim",
}
_MARKS = {
    State.STARTING: "…",
    State.READY: "●",
    State.UNREADY: "○",
    State.CRASHED: "✗",
    State.STOPPED: "·",
}


class Screen:
    """A live table on a terminal; elsewhere a line for each change."""

    def __init__(self, console: Console, *, title: str, notes: Sequence[str] = ()) -> None:
        self.console = console
        self._title = title
        self._notes = list(notes)
        self._live: Live | None = None
        self._said: dict[str, State] = {}
        self._all_ready = False

    def __enter__(self) -> Screen:
        if self.console.is_terminal:
            self._live = Live(Text(""), console=self.console, auto_refresh=False, transient=False)
            self._live.__enter__()
        else:
            self.console.print(self._title, highlight=False)
        return self

    def __exit__(self, *exc: object) -> None:
        if self._live is not None:
            self._live.__exit__(None, None, None)

    def show(self, processes: Sequence[Process], *, ready: bool, seconds: float) -> None:
        """Draws the present state; `seconds` since the start."""
        if self._live is not None:
            self._live.update(self._table(processes, ready, seconds), refresh=True)
            return
        for process in processes:
            for door in process.spec.doors:
                if self._said.get(door.role) is not door.state:
                    self._said[door.role] = door.state
                    line = _line(door, process)
                    # Its last words once, not for each of its doors.
                    if door.state is State.CRASHED and door is process.spec.doors[0] and process.tail:
                        line += f", after: {process.tail[-1]}"
                    self.console.print(line, highlight=False, soft_wrap=True)
        if ready and not self._all_ready:
            self.console.print(f"all ready after {seconds:.1f} s", highlight=False)
            for note in self._notes:
                self.console.print(note, highlight=False, soft_wrap=True)
        self._all_ready = ready

    def _table(self, processes: Sequence[Process], ready: bool, seconds: float) -> RenderableType:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for column in ("", "role", "address", "stands for", "state"):
            table.add_column(column)
        for process in processes:
            for door in process.spec.doors:
                colour = _COLOURS[door.state]
                state = _state(door, process)
                mark = Text(_MARKS[door.state], style=colour)
                table.add_row(
                    mark,
                    door.role,
                    f"http://{door.address}",
                    Text(door.original, style="dim"),
                    Text(state, style=colour),
                )
        head = Text(f"vedette {__version__}  ", style="bold")
        head.append(self._title, style="dim")
        if ready:
            foot = Text(f"ready after {seconds:.1f} s; Ctrl-C stops everything", style="green")
        else:
            foot = Text(f"starting, {seconds:.0f} s", style="yellow")
        notes = [Text(note) for note in self._notes] if ready else []
        return Group(head, table, foot, *notes)


def _state(door: Door, process: Process) -> str:
    """The state in words, with how the process ended or how often it was started."""
    if door.state is State.CRASHED and process.last_exit:
        return f"{door.state}: {process.last_exit}"
    if process.restarts and door.state is not State.STOPPED:
        return f"{door.state} (started {process.restarts + 1} times)"
    return str(door.state)


def _line(door: Door, process: Process) -> str:
    return f"{_MARKS[door.state]} {door.role:<11} http://{door.address}  {_state(door, process)}"
