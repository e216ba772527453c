"""Grafana's provisioning files are read as they are, and refused by line where they are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from vedette.config.problems import ConfigError
from vedette.dashboards.datasources import door_sources, merge
from vedette.dashboards.provisioning import read_provisioning

SOURCES = """
apiVersion: 1
deleteDatasources:
  - {name: Old, orgId: 1}
datasources:
  - name: Mimir
    type: prometheus
    access: proxy
    url: ${MIMIR_URL}
    isDefault: true
    jsonData:
      timeInterval: 30s
      httpMethod: POST
      httpHeaderName1: X-Scope-OrgID
    secureJsonData:
      httpHeaderValue1: tenant-1
  - name: Traces
    type: jaeger
    url: http://jaeger:16686
"""
DASHBOARDS = """
apiVersion: 1
providers:
  - name: default
    orgId: 1
    folder: Team
    type: file
    disableDeletion: false
    updateIntervalSeconds: 10
    options:
      path: files
"""


def write(tmp_path: Path, kind: str, text: str) -> None:
    (tmp_path / kind).mkdir(exist_ok=True)
    (tmp_path / kind / "some.yaml").write_text(text)


def test_sources_and_folders(tmp_path: Path) -> None:
    write(tmp_path, "datasources", SOURCES)
    write(tmp_path, "dashboards", DASHBOARDS)
    found = read_provisioning(tmp_path, {"MIMIR_URL": "http://mimir:9009/prometheus"})
    (mimir,) = found.sources
    assert (mimir.uid, mimir.url, mimir.is_default) == ("mimir", "http://mimir:9009/prometheus", True)
    assert mimir.headers == {"X-Scope-OrgID": "tenant-1"}
    assert "tenant-1" not in repr(mimir)
    assert mimir.json_data["timeInterval"] == "30s"
    assert [(f.path, f.title) for f in found.folders] == [(tmp_path / "dashboards" / "files", "Team")]
    assert any("jaeger" in note for note in found.notes)


def test_a_provisioned_source_takes_the_place_of_the_door_of_its_kind(tmp_path: Path) -> None:
    write(tmp_path, "datasources", SOURCES)
    found = read_provisioning(tmp_path, {"MIMIR_URL": "http://mimir"})
    merged = merge(door_sources("http://m", "http://l", "http://a"), found.sources)
    assert [(s.name, s.is_default, s.number) for s in merged] == [
        ("Mimir", True, 1),
        ("Logs", False, 2),
        ("Alerts", False, 3),
    ]


def test_nothing_there_is_nothing_provisioned(tmp_path: Path) -> None:
    found = read_provisioning(tmp_path / "absent", {})
    assert (found.sources, found.folders) == ((), ())


def test_every_fault_is_named_with_its_line(tmp_path: Path) -> None:
    write(
        tmp_path,
        "datasources",
        "datasources:\n  - name: A\n    type: prometheus\n    url: mimir:9009\n  - name: B\n    typ: loki\n",
    )
    write(tmp_path, "dashboards", "providers:\n  - name: x\n    options: {paht: /a}\n")
    with pytest.raises(ConfigError) as caught:
        read_provisioning(tmp_path, {})
    texts = [str(problem) for problem in caught.value.problems]
    assert any("some.yaml:6" in t and "typ" in t and "type" in t for t in texts), texts
    assert any("some.yaml:3" in t and "paht" in t and "path" in t for t in texts), texts


def test_an_address_without_a_scheme_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "datasources", "datasources:\n  - name: A\n    type: prometheus\n    url: mimir:9009\n")
    with pytest.raises(ConfigError, match=r"mimir:9009.*no address"):
        read_provisioning(tmp_path, {})
