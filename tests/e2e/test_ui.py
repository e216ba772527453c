"""The web UI in a real browser, in front of made-up doors."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from support.made_up_doors import AlertsDoor, Seen, logs_door, metrics_door
from vedette.dashboards.service import DashboardsOptions, DashboardsRole
from vedette.dashboards.website import STATIC
from vedette.web.role import Listen, WebServer

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

DASHBOARD = {
    "dashboard": {
        "title": "Every panel",
        "time": {"from": "now-30m", "to": "now"},
        "templating": {
            "list": [{"name": "job", "type": "query", "query": "label_values(job)", "includeAll": True}]
        },
        "panels": [
            {
                "title": "Lines of $job",
                "targets": [{"expr": "rate(demo_value[$__rate_interval])", "legendFormat": "{{job}}"}],
            },
            {
                "title": "One number",
                "type": "stat",
                "targets": [{"expr": "demo_value", "legendFormat": "{{job}}"}],
            },
            {"title": "Dial", "type": "gauge", "targets": [{"expr": "demo_value"}]},
            {
                "title": "Rows",
                "type": "table",
                "targets": [{"expr": "demo_value", "format": "table", "instant": True}],
            },
            {
                "title": "Words",
                "type": "text",
                "options": {"content": "# Heading\n\n<img src=x onerror=alert(1)>of *$job*"},
            },
            {
                "title": "Log",
                "type": "logs",
                "datasource": {"type": "loki"},
                "targets": [{"expr": '{job="api"}'}],
            },
            {"title": "Broken", "targets": [{"expr": "sum(demo_value"}]},
            {"title": "Nothing", "targets": [{"expr": "empty"}]},
            {"title": "Strange", "type": "some-plugin-panel", "targets": [{"expr": "demo_value"}]},
        ],
    }
}


@dataclass
class Site:
    """Where the UI is, and what its doors were asked."""

    url: str
    seen: Seen
    alerts: AlertsDoor


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The role and its doors on a thread of their own, since the browser's driver blocks this one."""
    if not (STATIC / "index.html").is_file():
        pytest.skip("the web UI is not built: make setup")
    directory = tmp_path_factory.mktemp("site")
    (directory / "every.json").write_text(json.dumps(DASHBOARD))
    started = threading.Event()
    found: dict[str, Site] = {}
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        seen, alerts = Seen(), AlertsDoor()
        async with AsyncExitStack() as stack:
            urls = []
            for app in (metrics_door(seen), logs_door(seen), alerts.app()):
                server = await stack.enter_async_context(WebServer(app, Listen("127.0.0.1", 0), role="door"))
                urls.append(f"http://{server.address}")
            role = DashboardsRole(
                DashboardsOptions(
                    data_dir=directory / "data",
                    dashboard_dirs=(directory,),
                    listen=Listen("127.0.0.1", 0),
                    metrics_url=urls[0],
                    logs_url=urls[1],
                    alerts_url=urls[2],
                )
            )
            await stack.enter_async_context(role)
            server = await stack.enter_async_context(WebServer(role.app, role.listen, role="dashboards"))
            found["site"] = Site(f"http://{server.address}", seen, alerts)
            started.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert started.wait(20)
    yield found["site"]
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no chromium on this machine")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=CHROMIUM_ARGS)
        yield started
        started.close()


@pytest.fixture(params=["light", "dark"])
def page(browser: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A fresh page in each theme; an error in its script fails the test."""
    context = browser.new_context(
        color_scheme=request.param, viewport={"width": 1400, "height": 1000}, base_url=site.url
    )
    made = context.new_page()
    errors: list[str] = []
    made.on("pageerror", lambda error: errors.append(str(error)))
    made.set_default_timeout(15_000)
    yield made
    context.close()
    assert errors == []


def panel(page: Page, title: str) -> Locator:
    return page.locator(f"section.panel[aria-label='{title}']")


def test_home_says_how_everything_is(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("status").first).to_contain_text("1 of 2 targets is down")
    expect(page.get_by_text("3.9.9-door")).to_be_visible()
    expect(page.locator(".card", has_text="Firing alerts")).to_contain_text("NodeDown")
    expect(page.locator(".card", has_text="Targets").last).to_contain_text("connection refused")
    page.get_by_role("link", name="Every panel").click()
    expect(page).to_have_url(re.compile("/d/every/every-panel"))


def test_a_dashboard_draws_every_panel(page: Page, site: Site) -> None:
    site.seen.requests.clear()
    page.goto("/d/every/every-panel")
    lines = panel(page, "Lines of All")
    expect(lines.locator("canvas")).to_be_visible()
    expect(lines.locator(".legend")).to_contain_text("node")
    expect(panel(page, "One number").locator(".tile")).to_have_count(2)
    expect(panel(page, "Dial").locator("svg[role=img]").first).to_be_visible()
    expect(panel(page, "Rows").get_by_role("cell", name="node:9100")).to_be_visible()
    words = panel(page, "Words")
    expect(words.locator("h1")).to_have_text("Heading")
    assert words.locator("img[onerror]").count() == 0
    # Below the fold nothing is asked until it comes into view.
    assert not any(form.get("query") == "sum(demo_value" for _, _, form in site.seen.requests)
    panel(page, "Strange").scroll_into_view_if_needed()
    expect(panel(page, "Log")).to_contain_text("database connection lost")
    expect(panel(page, "Broken")).to_contain_text("unclosed left parenthesis")
    expect(panel(page, "Nothing")).to_contain_text("No data")
    expect(panel(page, "Strange")).to_contain_text("some-plugin-panel")
    asked = [form["query"] for _, path, form in site.seen.requests if path.endswith("query_range")]
    assert "rate(demo_value[28s])" in asked  # four scrapes of seven seconds


def test_dragging_zooms_and_the_back_button_returns(page: Page) -> None:
    page.goto("/d/every/every-panel")
    over = page.locator(".u-over").first
    over.wait_for()
    box = over.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 260, box["y"] + 60, steps=8)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"from=\d{13}&to=\d{13}"))
    page.go_back()
    expect(page.locator(".time-button")).to_have_text("Last 30 minutes")


def test_time_variables_and_refresh_live_in_the_address(page: Page) -> None:
    page.goto("/d/every/every-panel")
    page.get_by_role("button", name="Time range").click()
    page.get_by_role("menuitem", name="Last 6 hours").click()
    expect(page).to_have_url(re.compile("from=now-6h&to=now"))
    page.locator(".variable").get_by_role("button").click()
    page.get_by_role("option", name="node").click()
    expect(page).to_have_url(re.compile("var-job=node"))
    expect(page.locator("section.panel").first).to_have_attribute("aria-label", "Lines of node")
    page.reload()
    expect(page.locator(".time-button")).to_have_text("Last 6 hours")
    expect(page.locator(".variable-text")).to_have_text("node")


def test_from_a_panel_to_explore_and_a_wrong_query_says_why(page: Page) -> None:
    page.goto("/d/every/every-panel")
    first = page.locator("section.panel").first
    first.hover()
    first.get_by_role("button", name="Panel menu").click()
    page.get_by_role("menuitem", name="Open in Explore").click()
    expect(page).to_have_url(re.compile(r"/explore/metrics\?q=rate"))
    expect(page.locator(".instant-row")).to_have_count(2)
    expect(page.get_by_text("a warning from the door")).to_be_visible()
    editor = page.locator(".cm-content")
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.type("sum((demo_value")
    page.keyboard.press("Escape")
    page.keyboard.press("Delete")
    page.keyboard.press("Delete")
    page.keyboard.press("Shift+Enter")
    expect(page.get_by_role("alert")).to_contain_text("unclosed left parenthesis")


def test_the_editor_completes_names(page: Page) -> None:
    page.goto("/explore/metrics")
    page.locator(".cm-content").click()
    page.keyboard.type("sum(http_r", delay=30)
    expect(page.locator(".cm-tooltip-autocomplete")).to_contain_text("http_requests_total")
    page.keyboard.press("Enter")
    expect(page.locator(".cm-content")).to_have_text("sum(http_requests_total)")


def test_logs_are_found_opened_and_narrowed(page: Page) -> None:
    page.goto("/explore/logs?q=%7Bjob%3D%22api%22%7D&from=now-15m&to=now")
    error = page.locator(".log-line.is-error").first
    error.click()
    details = page.locator(".log-details")
    expect(details).to_contain_text("database connection lost")
    expect(page.locator(".log-volume canvas")).to_be_visible()
    details.get_by_role("button", name="Only lines with this status").click()
    expect(page).to_have_url(re.compile("json"))
    expect(page.locator(".cm-content")).to_have_text('{job="api"} | json | status="500"')


def test_the_live_tail_brings_lines(page: Page) -> None:
    page.goto("/explore/logs?q=%7Bjob%3D%22api%22%7D")
    page.get_by_role("button", name="Live").click()
    expect(page.get_by_text("Live: new lines appear below.")).to_be_visible()
    expect(page.locator(".log-line").nth(3)).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Live: new lines appear below.")).to_have_count(0)


def test_an_alert_is_silenced_in_two_clicks_and_the_silence_expires(page: Page, site: Site) -> None:
    site.alerts.silences.clear()
    page.goto("/alerting")
    expect(page.locator(".alert-row")).to_contain_text("Firing")
    page.get_by_role("button", name="Silence", exact=True).click()
    page.get_by_role("button", name="2 hours").click()
    expect(page.locator(".alert-row")).to_contain_text("Silenced")
    (silence,) = site.alerts.silences
    assert {m["name"]: m["value"] for m in silence["matchers"]}["alertname"] == "NodeDown"
    page.get_by_role("button", name="Silences").click()
    page.get_by_role("button", name="Expire").click()
    expect(page.get_by_text("Nothing is silenced")).to_be_visible()
    assert silence["status"]["state"] == "expired"


def test_rules_show_their_state_and_last_error(page: Page) -> None:
    page.goto("/alerting?tab=rules")
    expect(page.locator(".rule", has_text="job:broken:sum")).to_contain_text(
        "many-to-many matching not allowed"
    )
    rule = page.locator(".rule", has_text="NodeDown")
    expect(rule).to_contain_text("Firing")
    rule.get_by_role("button").first.click()
    expect(rule).to_contain_text('up{job="node"} == 0')
    page.get_by_role("button", name="failing").click()
    expect(page.locator(".rule")).to_have_count(1)


def test_targets_show_why_they_are_down(page: Page) -> None:
    page.goto("/targets")
    expect(page.get_by_text("connection refused")).to_be_visible()
    page.get_by_role("button", name="down", exact=True).click()
    expect(page.locator(".card")).to_have_count(1)
    expect(page).to_have_url(re.compile("state=down"))


def test_keys_and_the_theme(page: Page) -> None:
    page.goto("/targets")
    page.locator("h1").wait_for()
    page.keyboard.press("g")
    page.keyboard.press("e")
    expect(page).to_have_url(re.compile("/explore/metrics"))
    page.goto("/alerting")
    before = page.evaluate("document.documentElement.dataset.theme")
    page.keyboard.press("T")
    assert page.evaluate("document.documentElement.dataset.theme") != before
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") != before
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Keyboard shortcuts")


def test_a_narrow_screen_has_one_column(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/d/every/every-panel")
    page.locator("section.panel").nth(1).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    lefts = page.locator("section.panel").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().left)"
    )
    assert len(set(lefts)) == 1


def test_unknown_dashboards_and_pages_say_so(page: Page) -> None:
    page.goto("/d/none")
    expect(page.get_by_role("alert")).to_contain_text("Dashboard not found")


def test_the_first_screen_is_small(site: Site) -> None:
    """The entry's script and style stay under 150 kB compressed: a page is there before anyone waits."""
    index = (STATIC / "index.html").read_text()
    entry = [
        Path(STATIC / name.lstrip("/"))
        for name in re.findall(r'(?:src|href)="(/assets/[^"]+\.(?:js|css))"', index)
    ]
    assert entry
    assert sum(len(gzip.compress(path.read_bytes())) for path in entry) < 150_000
