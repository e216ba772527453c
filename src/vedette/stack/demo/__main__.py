"""``python -m vedette.stack.demo``: the demo in the foreground, until it is told to end."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

from vedette.config.log import get_logger, setup_logging
from vedette.stack.demo.binaries import DemoPackageMissing
from vedette.stack.demo.house import DemoHouse
from vedette.stack.demo.layout import open_layout
from vedette.web.role import Listen, follow_supervisor

log = get_logger("stack.demo")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m vedette.stack.demo", description="the demo")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--api", default="127.0.0.1:8000")
    parser.add_argument("--database-port", type=int, default=5433)
    parser.add_argument("--cache-port", type=int, default=6380)
    parser.add_argument("--app-log-dir", type=Path)
    parser.add_argument("--requests-per-second", type=float, default=6.0)
    arguments = parser.parse_args()
    setup_logging()
    follow_supervisor()
    try:
        api = Listen.parse(arguments.api)
        house = DemoHouse(
            open_layout(
                arguments.data_dir,
                api_host=api.host,
                api_port=api.port,
                database_port=arguments.database_port,
                cache_port=arguments.cache_port,
                app_log_dir=arguments.app_log_dir,
            ),
            # In the environment, not in arguments: they hold passwords.
            postgres_dsn=os.environ.get("DATABASE_URL", ""),
            redis_url=os.environ.get("REDIS_URL", ""),
            requests_per_second=arguments.requests_per_second,
        )
    except (DemoPackageMissing, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    asyncio.run(run(house))
    return 0


async def run(house: DemoHouse) -> None:
    """Until SIGTERM or SIGINT. SIGHUP, which reloads a project, changes nothing here."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    async with house:
        await stop.wait()


if __name__ == "__main__":
    sys.exit(main())
