"""What `vedette up` refuses, it refuses whole: every fault is named, nothing is started, the exit code is 1."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from support.stack import vedette, write_project

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def nothing_runs(directory: Path) -> bool:
    return not any(
        str(directory) in " ".join(p.info["cmdline"] or ()) for p in psutil.process_iter(["cmdline"])
    )


def free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_ports_in_use_are_named_with_their_roles(tmp_path: Path) -> None:
    ports = write_project(tmp_path)
    taken = ("logs", "postgres", "inbox")
    with ExitStack() as held:
        for role in taken:
            held.enter_context(socket.create_server(("127.0.0.1", ports[role])))
        done = vedette("up", "--demo", tmp_path)
    assert done.returncode == 1
    for role in taken:
        assert f"{role}: 127.0.0.1:{ports[role]} is in use by another program" in done.stdout
    assert done.stdout.count("in use") == len(taken)
    assert "vedette.yml" in done.stdout
    assert nothing_runs(tmp_path)
    assert all(free(port) for port in ports.values())


def test_all_faults_of_all_files_are_named_at_their_lines(tmp_path: Path) -> None:
    ports = write_project(tmp_path)

    def spoil(name: str, right: str, wrong: str) -> str:
        """Puts a fault into a file; where it is then, as the message should say."""
        file = tmp_path / name
        text = file.read_text()
        assert right in text, name
        file.write_text(text.replace(right, wrong, 1))
        return f"{name}:{file.read_text()[: file.read_text().index(wrong)].count(chr(10)) + 1}:"

    places = [
        spoil("prometheus.yml", "metrics_path:", "metric_path:"),
        spoil("alerts.yml", 'up{job="node"} == 0', 'up{job="node" == 0'),
        spoil("recording_rules.yml", "histogram_quantile(0.95", "histogram_quantil(0.95"),
        spoil("alertmanager.yml", "receiver: 'slack'", "receiver: 'slak'"),
        spoil("logs/promtail-config.yml", "filename: /loki", "filenam: /loki"),
        spoil("retention.yml", "30d", "30 moons"),
    ]
    done = vedette("up", tmp_path)
    assert done.returncode == 1
    for place in places:
        assert place in done.stdout, f"{place} in\n{done.stdout}"
    assert "Traceback" not in done.stdout + done.stderr
    assert nothing_runs(tmp_path)
    assert not (tmp_path / "data").exists()
    assert all(free(port) for port in ports.values())


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    done = vedette("up", tmp_path / "nowhere")
    assert done.returncode == 1
    assert "no such directory" in done.stdout
    assert "vedette init" in done.stdout


def test_a_wrong_vedette_yml_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "vedette.yml").write_text("listen:\n  metrics: 127.0.0.1:9090\nrolls:\n  logs: true\n")
    done = vedette("up", tmp_path)
    assert done.returncode == 1
    assert "vedette.yml:3:" in done.stdout
    assert "roles" in done.stdout
