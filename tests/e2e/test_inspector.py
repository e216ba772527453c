"""Explore in front of a real metrics role: the query inspector, and places in queries that were refused."""

from __future__ import annotations

import asyncio
import re
import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest
from playwright.sync_api import Browser, Page, expect

from support.metrics_server import metrics_server
from vedette.dashboards.service import DashboardsOptions, DashboardsRole
from vedette.dashboards.website import STATIC
from vedette.web.role import Listen, WebServer

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

RATIO = 'sum by (endpoint) (rate(http_requests_total{status="500"}[5m])) / sum by (endpoint) (rate(http_requests_total[5m]))'


@pytest.fixture(scope="module")
def explore(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The dashboards role on a thread of its own, in front of a metrics role with data."""
    if not (STATIC / "index.html").is_file():
        pytest.skip("the web UI is not built: make setup")
    loop, stop, started = asyncio.new_event_loop(), asyncio.Event(), threading.Event()
    found: list[str] = []
    with metrics_server(tmp_path_factory.mktemp("metrics")) as metrics:

        async def serve() -> None:
            role = DashboardsRole(
                DashboardsOptions(
                    data_dir=tmp_path_factory.mktemp("dashboards"),
                    dashboard_dirs=(),
                    listen=Listen("127.0.0.1", 0),
                    metrics_url=metrics.url,
                )
            )
            async with AsyncExitStack() as stack:
                await stack.enter_async_context(role)
                server = await stack.enter_async_context(WebServer(role.app, role.listen, role="dashboards"))
                found.append(f"http://{server.address}")
                started.set()
                await stop.wait()

        thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
        thread.start()
        assert started.wait(20)
        yield found[0]
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)


@pytest.fixture(params=["light", "dark"])
def page(chromium: Browser, explore: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = chromium.new_context(
        color_scheme=request.param, viewport={"width": 1400, "height": 1000}, base_url=explore
    )
    made = context.new_page()
    errors: list[str] = []
    made.on("pageerror", lambda error: errors.append(str(error)))
    made.set_default_timeout(15_000)
    yield made
    context.close()
    assert errors == []


def ask(page: Page, query: str, **more: str) -> None:
    page.goto(
        "/explore/metrics?" + urllib.parse.urlencode({"q": query, "from": "now-30m", "to": "now", **more})
    )


def test_the_inspector_shows_what_each_operator_did(page: Page) -> None:
    ask(page, RATIO)
    expect(page.locator(".legend").first).to_be_visible()
    expect(page.get_by_label("Query inspector")).to_have_count(0)
    page.get_by_role("button", name="Inspector").click()
    expect(page).to_have_url(re.compile("inspect=1"))
    inspector = page.get_by_label("Query inspector")
    expect(inspector).to_contain_text("samples read")
    rows = inspector.locator(".inspector-row")
    expect(rows).to_have_count(7)
    expect(rows.nth(0)).to_contain_text("join /")
    expect(rows.nth(3)).to_contain_text('read http_requests_total{status="500"}[5m]')
    # Half of the series have this status.
    few, all_of_them = (rows.nth(row).get_by_role("cell").nth(5).inner_text() for row in (3, 6))
    assert int(all_of_them) == 2 * int(few) > 100
    expect(rows.nth(4).get_by_role("cell").nth(4)).to_have_text("6 → 3")
    widths = rows.locator(".is-total").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().width)"
    )
    assert widths[0] == max(widths) > 20
    # The plan's own words are beneath each operator.
    rows.nth(6).get_by_role("button").click()
    expect(inspector.locator(".inspector-details")).to_contain_text(
        'index: __name__="http_requests_total": one value'
    )
    page.reload()
    expect(rows).to_have_count(7)
    page.get_by_role("button", name="Inspector").click()
    expect(inspector).to_have_count(0)


def test_each_query_has_its_own_tree(page: Page) -> None:
    page.goto("/explore/metrics?from=now-30m&to=now&inspect=1&q=wave&q=sum(gap)")
    queries = page.get_by_label("Query inspector").locator(".inspector-query")
    expect(queries).to_have_count(2)
    expect(queries.nth(0).locator(".inspector-row")).to_have_count(1)
    expect(queries.nth(1)).to_contain_text("aggregate sum")


def test_a_refused_query_is_marked_at_the_place(page: Page) -> None:
    ask(page, "sum(rate(wave[5m])) by by", inspect="1")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("unexpected")
    expect(alert.locator("mark")).to_have_text("by")
    expect(page.get_by_label("Query inspector")).to_have_count(0)


def test_warnings_and_infos_are_told_apart_and_placed(page: Page) -> None:
    ask(page, "quantile(2, rate(wave[5m]))")
    warning, info = page.locator(".note.is-warning"), page.locator(".note.is-info")
    expect(warning).to_contain_text("quantile value should be between 0 and 1, got 2")
    expect(warning.locator("mark")).to_have_text("2")
    expect(info).to_contain_text("metric might not be a counter")
    expect(info.locator("mark")).to_have_text("wave")
