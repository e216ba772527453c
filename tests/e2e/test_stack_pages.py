"""The running stack in a real browser: the guide's panels have data, and every page shows what it is for."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from support.stack import Stack, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

DRAWN = {
    "api-overview": ("Requests Per Second", "Error Rate (%)", "Response Time (p95)"),
    "database": ("Query Duration (mean of the slowest)", "Cache Hit Ratio", "Database Size"),
}
# Pixels that have a colour: axes, grid and words are grey, series are not.
COLOURED = """canvas => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let found = 0;
    for (let at = 0; at < data.length; at += 4)
        if (data[at + 3] > 128 && Math.max(data[at], data[at + 1], data[at + 2]) - Math.min(data[at], data[at + 1], data[at + 2]) > 60) found++;
    return found;
}"""


def panel(page: Page, title: str) -> Locator:
    return page.locator(f"section.panel[aria-label='{title}']")


@pytest.fixture(autouse=True)
def scraped(stack: Stack) -> None:
    """Every rate has a value: what the panels ask for needs two scrapes and some visits."""
    for expr in (
        'sum(rate(http_requests_total{job="automation-orchestrator"}[15s])) > 0',
        'histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{endpoint!~"/metrics|/health.*"}[15s]))) > 0',
        "rate(pg_stat_statements_calls_total[15s]) > 0",
        "rate(pg_stat_database_blks_hit[15s]) > 0",
    ):
        eventually(lambda e=expr: stack.query(e), what=expr)


@pytest.mark.parametrize("uid", list(DRAWN))
def test_every_panel_of_the_guide_has_data(site: Page, uid: str) -> None:
    site.goto(f"/d/{uid}?from=now-2m&to=now")
    expect(site.locator("section.panel")).to_have_count(4)
    for title in DRAWN[uid]:
        one = panel(site, title)
        expect(one.locator(".legend-text").first).to_be_visible()
        eventually(lambda p=one: p.locator("canvas").evaluate(COLOURED) > 20, what=f"a line in {title}")
    if uid == "api-overview":
        expect(panel(site, "Active Requests").locator(".tile-value")).to_have_text(re.compile(r"^\d+$"))
    else:
        dial = panel(site, "Database Connections").locator("svg[role=img]")
        expect(dial.locator("text")).to_have_text(re.compile(r"^[1-9]\d*(\.\d+)?%$"))
        expect(panel(site, "Database Size").locator(".legend")).to_contain_text("orchestrator")
    expect(site.get_by_text("No data")).to_have_count(0)
    expect(site.get_by_role("alert")).to_have_count(0)


def test_home_shows_every_role_and_target(site: Page, stack: Stack) -> None:
    eventually(lambda: len(stack.query("up == 1")) == 10)
    site.goto("/")
    expect(site.get_by_role("status").first).to_have_text("All 9 roles are ready and 10 targets are up.")
    expect(site.locator(".card", has_text="Roles").locator(".pill.is-ok")).to_have_count(9)
    expect(site.get_by_role("link", name="Automation Orchestrator - API Overview")).to_be_visible()
    site.get_by_role("link", name="Automation Orchestrator - Database").click()
    expect(site).to_have_url(re.compile("/d/database"))
    expect(panel(site, "Database Size").locator("canvas")).to_be_visible()


def test_explore_runs_a_query_that_was_typed(site: Page) -> None:
    site.goto("/explore/metrics")
    site.locator(".cm-content").click()
    site.keyboard.type('sum by (endpoint) (rate(http_requests_total{job="automation-orchestrator"}[1m]))')
    site.keyboard.press("Escape")
    # What the editor closed by itself after the end.
    site.keyboard.press("Shift+Control+End")
    site.keyboard.press("Delete")
    site.keyboard.press("Shift+Enter")
    expect(site.locator(".legend-text", has_text="/fast").first).to_be_visible()
    expect(site.locator(".instant-row", has_text="/fast")).to_be_visible()
    eventually(lambda: site.locator(".explore-graph canvas").evaluate(COLOURED) > 20, what="lines")


def test_explore_shows_log_lines_as_they_come(site: Page, stack: Stack) -> None:
    query = "%7Bjob%3D%22automation-orchestrator%22%7D"
    site.goto(f"/explore/logs?q={query}&from=now-5m&to=now")
    expect(site.locator(".log-line").first).to_contain_text("automation-orchestrator")
    expect(site.locator(".log-volume canvas")).to_be_visible()
    site.get_by_role("button", name="Live").click()
    expect(site.get_by_text("Live: new lines appear below.")).to_be_visible()
    stack.ask("api", "/no-such-page/for-the-live-tail")
    expect(site.locator(".log-line", has_text="/no-such-page/for-the-live-tail").first).to_be_visible()


def test_targets_and_rules_of_the_guide(site: Page, stack: Stack) -> None:
    site.goto("/targets")
    expect(site.locator(".card")).to_have_count(10)
    expect(site.locator("tbody .pill.is-ok")).to_have_count(10)
    expect(site.get_by_role("cell", name="http://postgres-exporter:9187/metrics")).to_be_visible()
    site.goto("/alerting?tab=rules")
    expect(site.locator(".rule")).to_have_count(20)
    rule = site.locator(".rule", has_text="APIDown")
    rule.get_by_role("button").first.click()
    expect(rule).to_contain_text('up{job="automation-orchestrator"} == 0')


def test_an_alert_that_fires_is_on_home_and_on_alerts(site: Page, stack: Stack) -> None:
    stack.demo("break", "redis")
    try:
        eventually(
            lambda: any(
                alert["labels"]["alertname"] == "RedisDown" for alert in stack.get("alerts", "/api/v2/alerts")
            ),
            what="RedisDown",
        )
        site.goto("/alerting")
        group = site.locator(".card", has_text="RedisDown")
        expect(group.locator(".alert-row")).to_contain_text("Redis is down")
        expect(group.locator(".alert-row")).to_contain_text("pagerduty")
        expect(group.locator(".pill.is-bad").first).to_have_text("Firing")
        site.goto("/")
        expect(site.locator(".card", has_text="Firing alerts")).to_contain_text("RedisDown")
    finally:
        stack.demo("mend", "redis")
