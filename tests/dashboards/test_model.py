"""Documents as people have them become documents that can be drawn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.shared import shared_path
from vedette.dashboards.model import DocumentError, read_dashboard
from vedette.dashboards.model.identity import slug, uid_from, valid_uid
from vedette.dashboards.model.sources import DataSource, looks_like_logql
from vedette.dashboards.model.units import guess_unit

SOURCES = [
    DataSource("metrics", "Metrics", "prometheus", "http://m", is_default=True),
    DataSource("logs", "Logs", "loki", "http://l"),
]


def read(document: Any, name: str = "some-file") -> dict[str, Any]:
    return read_dashboard(document, name=name, sources=SOURCES).document


def panel(**content: Any) -> dict[str, Any]:
    """The one panel of a dashboard with `content`."""
    return read({"title": "t", "panels": [content]})["panels"][0]


@pytest.mark.parametrize(
    ("file", "title", "units"),
    [
        ("api-overview", "Automation Orchestrator - API Overview", ["reqps", "percent", "s", None]),
        ("database", "Automation Orchestrator - Database", ["percentunit", "s", "percentunit", "gbytes"]),
    ],
)
def test_the_guides_dashboards_as_given(file: str, title: str, units: list[str | None]) -> None:
    raw = json.loads(shared_path(f"guide/dashboards/{file}.json").read_text())
    dashboard = read_dashboard(raw, name=file, sources=SOURCES)
    assert (dashboard.uid, dashboard.title) == (file, title)
    panels = dashboard.document["panels"]
    assert [p["type"] for p in panels] == ["timeseries"] * 4
    assert [(p["gridPos"]["x"], p["gridPos"]["y"]) for p in panels] == [(0, 0), (12, 0), (0, 8), (12, 8)]
    assert {p["gridPos"]["w"] for p in panels} == {12}
    assert len({p["id"] for p in panels}) == 4
    assert [p["fieldConfig"]["defaults"].get("unit") for p in panels] == units
    for one in panels:
        assert one["datasource"] == {"type": "prometheus", "uid": "metrics"}
        assert [t["refId"] for t in one["targets"]] == ["A"]
        assert one["targets"][0]["datasource"] == {"type": "prometheus", "uid": "metrics"}


@pytest.mark.parametrize(
    "path", sorted(Path(__file__).parents[3].glob("shared/reference/dashboards/*.json")), ids=lambda p: p.stem
)
def test_public_dashboards_are_complete_after_reading(path: Path) -> None:
    dashboard = read_dashboard(json.loads(path.read_text()), name=path.stem, sources=SOURCES)
    seen = []

    def check(panels: list[dict[str, Any]]) -> None:
        for one in panels:
            seen.append(one["id"])
            assert one["type"] not in ("graph", "singlestat", "table-old", "")
            assert {"x", "y", "w", "h"} <= one["gridPos"].keys()
            assert isinstance(one["fieldConfig"]["defaults"], dict)
            for target in one.get("targets", []):
                assert target["refId"] and target["datasource"].get("uid") is not None
            check(one.get("panels", []))

    check(dashboard.document["panels"])
    assert seen and len(seen) == len(set(seen))
    assert valid_uid(dashboard.uid)


def test_reading_leaves_the_given_document_alone_and_keeps_unknown_keys() -> None:
    given = {"title": "t", "future": {"a": 1}, "panels": [{"type": "stat", "x-own": True}]}
    before = json.dumps(given)
    read_back = read(given)
    assert json.dumps(given) == before
    assert read_back["future"] == {"a": 1}
    assert read_back["panels"][0]["x-own"] is True


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ([], "a list"),
        (None, "null"),
        ("text", "a string"),
        ({"a": 1}, "neither `panels` nor a `dashboard` object"),
        ({"kind": "Dashboard", "spec": {"elements": {}, "layout": {}}}, "v2 schema"),
    ],
)
def test_what_is_no_dashboard_is_refused_with_what_it_is(raw: object, message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        read(raw)


@pytest.mark.parametrize(
    ("given", "refresh"),
    [({}, "10s"), ({"schemaVersion": 39}, ""), ({"refresh": "1m"}, "1m"), ({"refresh": False}, "")],
)
def test_only_a_hand_written_dashboard_gets_a_refresh(given: dict[str, Any], refresh: str) -> None:
    assert read({"title": "t", "panels": [], **given})["refresh"] == refresh


def test_resource_form_is_unwrapped() -> None:
    raw = {"kind": "Dashboard", "metadata": {"name": "from-metadata"}, "spec": {"title": "T", "panels": []}}
    assert read(raw)["uid"] == "from-metadata"


def test_a_missing_title_comes_from_the_file_and_is_said() -> None:
    dashboard = read_dashboard({"panels": []}, name="node_exporter-full", sources=SOURCES)
    assert dashboard.title == "Node exporter full"
    assert any("title" in note for note in dashboard.notes)


@pytest.mark.parametrize("uid", ["a b", "ü", "x" * 41, "", 7])
def test_uids_that_grafana_would_refuse_are_replaced(uid: object) -> None:
    assert read({"title": "t", "uid": uid, "panels": []}, name="My file")["uid"] == "my-file"


def test_long_names_make_short_distinct_uids() -> None:
    first, second = uid_from("n" * 60 + "1"), uid_from("n" * 60 + "2")
    assert first != second
    assert valid_uid(first) and valid_uid(second)


def test_slugs() -> None:
    assert slug("API Overview (p95) – Café") == "api-overview-p95-cafe"
    assert slug("***") == "dashboard"


def test_panels_without_a_place_stand_below_those_with_one() -> None:
    placed = read(
        {
            "title": "t",
            "panels": [
                {"type": "stat", "title": "free"},
                {"type": "timeseries", "title": "fixed", "gridPos": {"x": 0, "y": 0, "w": 24, "h": 5}},
                {"type": "stat", "title": "free too"},
            ],
        }
    )["panels"]
    assert [(p["title"], p["gridPos"]["x"], p["gridPos"]["y"]) for p in placed] == [
        ("fixed", 0, 0),
        ("free", 0, 5),
        ("free too", 6, 5),
    ]


def test_old_rows_become_a_grid() -> None:
    panels = read(
        {
            "title": "t",
            "rows": [
                {"height": "250px", "panels": [{"type": "graph", "span": 6}, {"type": "graph", "span": 6}]},
                {"collapse": True, "title": "More", "panels": [{"type": "singlestat", "span": 12}]},
            ],
        }
    )["panels"]
    assert [(p["type"], p["gridPos"]["x"], p["gridPos"]["w"]) for p in panels if p["type"] != "row"] == [
        ("timeseries", 0, 12),
        ("timeseries", 12, 12),
    ]
    folded = [p for p in panels if p["type"] == "row" and p["collapsed"]]
    assert folded[0]["title"] == "More"
    assert folded[0]["panels"][0]["type"] == "stat"


def test_graph_becomes_timeseries() -> None:
    made = panel(
        type="graph",
        bars=False,
        fill=2,
        linewidth=3,
        stack=True,
        yaxes=[{"format": "bytes", "min": "0", "max": None}, {"format": "short"}],
        seriesOverrides=[{"alias": "/out/", "transform": "negative-Y"}, {"alias": "errors", "yaxis": 2}],
        aliasColors={"ok": "green"},
        legend={
            "show": True,
            "values": True,
            "current": True,
            "avg": True,
            "alignAsTable": True,
            "rightSide": True,
        },
        thresholds=[{"op": "gt", "value": 90, "colorMode": "critical", "fill": True}],
        targets=[{"expr": "x"}],
    )
    defaults = made["fieldConfig"]["defaults"]
    assert made["type"] == "timeseries"
    assert (defaults["unit"], defaults["min"], defaults.get("max")) == ("bytes", 0, None)
    assert (defaults["custom"]["fillOpacity"], defaults["custom"]["lineWidth"]) == (20, 3)
    assert defaults["custom"]["stacking"]["mode"] == "normal"
    assert made["options"]["legend"] == {
        "showLegend": True,
        "displayMode": "table",
        "placement": "right",
        "calcs": ["mean", "lastNotNull"],
    }
    overrides = {
        o["matcher"]["options"]: [p["id"] for p in o["properties"]] for o in made["fieldConfig"]["overrides"]
    }
    assert overrides == {
        "ok": ["color"],
        "/out/": ["custom.transform"],
        "errors": ["custom.axisPlacement", "unit"],
    }
    assert defaults["thresholds"]["steps"][-1] == {"color": "red", "value": 90.0}


def test_singlestat_becomes_stat_or_gauge() -> None:
    stat = panel(
        type="singlestat",
        format="percent",
        valueName="current",
        thresholds="70,90",
        colors=["green", "yellow", "red"],
        colorBackground=True,
        sparkline={"show": True},
        valueMaps=[{"op": "=", "value": "null", "text": "N/A"}, {"value": "0", "text": "down"}],
        targets=[{"expr": "up"}],
    )
    assert stat["type"] == "stat"
    assert stat["options"]["reduceOptions"]["calcs"] == ["lastNotNull"]
    assert (stat["options"]["colorMode"], stat["options"]["graphMode"]) == ("background", "area")
    assert [s["value"] for s in stat["fieldConfig"]["defaults"]["thresholds"]["steps"]] == [None, 70.0, 90.0]
    assert [m["type"] for m in stat["fieldConfig"]["defaults"]["mappings"]] == ["special", "value"]
    gauge = panel(
        type="singlestat", gauge={"show": True, "minValue": 0, "maxValue": 10}, targets=[{"expr": "up"}]
    )
    assert (gauge["type"], gauge["fieldConfig"]["defaults"]["max"]) == ("gauge", 10)


def test_old_table_styles_become_overrides() -> None:
    made = panel(
        type="table",
        styles=[
            {"pattern": "/.*/", "type": "number", "unit": "short", "decimals": 2},
            {"pattern": "Time", "type": "hidden"},
            {
                "pattern": "Value #A",
                "alias": "Pods",
                "colorMode": "cell",
                "thresholds": ["1", "2"],
                "type": "number",
            },
        ],
        targets=[{"expr": "x"}],
    )
    assert made["fieldConfig"]["defaults"]["unit"] == "short"
    by_name = {
        o["matcher"]["options"]: {p["id"] for p in o["properties"]} for o in made["fieldConfig"]["overrides"]
    }
    assert by_name["Time"] == {"custom.hidden"}
    assert by_name["Value #A"] == {"displayName", "custom.cellOptions", "thresholds"}


@pytest.mark.parametrize(
    ("reference", "expr", "wanted"),
    [
        (None, "up", {"type": "prometheus", "uid": "metrics"}),
        (None, '{job="a"} |= "x"', {"type": "loki", "uid": "logs"}),
        (None, 'sum(rate({job="a"} | json [1m]))', {"type": "loki", "uid": "logs"}),
        ("Logs", "up", {"type": "loki", "uid": "logs"}),
        ("Prometheus", "up", {"type": "prometheus", "uid": "metrics"}),
        ({"type": "loki", "uid": "gone"}, "up", {"type": "loki", "uid": "logs"}),
        ("${DS_PROMETHEUS}", "up", {"type": "prometheus", "uid": "metrics"}),
        ({"uid": "-- Mixed --"}, "up", {"type": "datasource", "uid": "-- Mixed --"}),
        ({"type": "elasticsearch", "uid": "es"}, "up", {"type": "elasticsearch", "uid": "es"}),
    ],
)
def test_which_source_is_meant(reference: object, expr: str, wanted: dict[str, str]) -> None:
    made = panel(type="timeseries", datasource=reference, targets=[{"expr": expr}])
    assert made["datasource"] == wanted


def test_a_variable_that_exists_stays_and_an_input_is_resolved_by_its_kind() -> None:
    document = read(
        {
            "title": "t",
            "__inputs": [{"name": "DS_X", "type": "datasource", "pluginId": "loki"}],
            "templating": {"list": [{"name": "datasource", "type": "datasource", "query": "prometheus"}]},
            "panels": [
                {"type": "logs", "datasource": "${DS_X}", "targets": [{"expr": "up"}]},
                {"type": "stat", "datasource": {"uid": "$datasource"}, "targets": [{"expr": "up"}]},
            ],
        }
    )
    assert [p["datasource"] for p in document["panels"]] == [
        {"type": "loki", "uid": "logs"},
        {"uid": "$datasource"},
    ]


def test_letters_are_given_once() -> None:
    made = panel(type="stat", targets=[{"expr": "a"}, {"expr": "b", "refId": "A"}, {"expr": "c"}])
    assert [t["refId"] for t in made["targets"]] == ["B", "A", "C"]


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ({"content": "# hi"}, "text"),
        ({"panels": []}, "row"),
        ({"targets": [{"expr": '{job="x"}'}]}, "logs"),
        ({"targets": [{"expr": 'sum(count_over_time({job="x"} |= "e" [1m]))'}]}, "timeseries"),
        ({"targets": [{"expr": "up"}]}, "timeseries"),
    ],
)
def test_the_type_of_a_panel_that_names_none(content: dict[str, Any], wanted: str) -> None:
    assert panel(**content)["type"] == wanted


@pytest.mark.parametrize(
    ("title", "expr", "unit"),
    [
        ("Errors (%)", "a", "percent"),
        ("Traffic", "rate(http_requests_total[5m])", "reqps"),
        ("Network", "rate(node_network_receive_bytes_total[5m])", "Bps"),
        ("Memory", "process_resident_memory_bytes", "bytes"),
        ("Disk used", "node_filesystem_avail_bytes / node_filesystem_size_bytes", "percentunit"),
        ("Share", "a / b * 100", "percent"),
        ("Things", "things", ""),
    ],
)
def test_units_are_read_off_where_they_are_plain(title: str, expr: str, unit: str) -> None:
    assert guess_unit(title, expr) == unit


def test_a_saved_panel_keeps_having_no_unit() -> None:
    assert (
        "unit"
        not in panel(type="timeseries", title="Errors (%)", targets=[{"expr": "a"}])["fieldConfig"][
            "defaults"
        ]
    )


@pytest.mark.parametrize("expr", ["up", '{__name__="up"}', 'up{job="a"} or vector(0)', "a | b"])
def test_promql_is_not_taken_for_logql(expr: str) -> None:
    assert not looks_like_logql(expr)
