"""The process that stays: runs a plan's processes under the supervisor and shows them.

    python -m vedette.stack.watch PLAN

It imports little on purpose: it lives as long as the stack does.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from pathlib import Path

from rich.console import Console

from vedette.config.log import setup_logging
from vedette.stack.plan import Plan, read_plan
from vedette.stack.screen import Screen
from vedette.stack.supervisor import Supervisor


def main() -> int:
    place = Path(sys.argv[1])
    plan = read_plan(place.read_bytes())
    place.unlink()
    console = Console()
    # On a terminal the table says it already.
    setup_logging("critical" if console.is_terminal else plan.log_level)
    asyncio.run(stay(plan, console))
    return 0


async def stay(plan: Plan, console: Console) -> None:
    """Until SIGINT or SIGTERM; SIGHUP makes every process reload."""
    changed, stop = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    supervisor = Supervisor(plan.processes, Path(plan.log_dir), changed.set)
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, supervisor.reload)
    started = time.monotonic()
    took: float | None = None
    with Screen(console, title=plan.title, notes=plan.notes) as screen:
        supervisor.start()
        stopping = asyncio.create_task(stop.wait())
        while not stop.is_set():
            if supervisor.ready and took is None:
                took = time.monotonic() - started
                _open(plan.open_url)
            seconds = took if took is not None and supervisor.ready else time.monotonic() - started
            screen.show(supervisor.processes, ready=supervisor.ready, seconds=seconds)
            changed.clear()
            waiting = asyncio.create_task(changed.wait())
            # A new drawing at each change; while starting also each second, for the clock.
            await asyncio.wait(
                {waiting, stopping},
                timeout=None if took is not None else 1.0,
                return_when=asyncio.FIRST_COMPLETED,
            )
            waiting.cancel()
        await supervisor.stop()
        screen.show(supervisor.processes, ready=False, seconds=time.monotonic() - started)


def _open(url: str) -> None:
    if url:
        import webbrowser

        webbrowser.open(url)


if __name__ == "__main__":
    sys.exit(main())
