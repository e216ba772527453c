"""`vedette query` in front of servers that want credentials, that take no forms, that answer native histograms."""

from __future__ import annotations

import base64
import importlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from vedette.cli import main as cli

HISTOGRAM = {
    "count": "1234567.5",
    "sum": "-0.000001",
    "buckets": [
        [0, "0.00001", "0.0001", "12345678901234567890"],
        [1, "-2500000", "-0.5", "0.25"],
        [3, "-1e-128", "1e-128", "3"],
        [2, "999999", "+Inf", "1"],
    ],
}
MIXED = {
    "metric": {"job": "a"},
    "values": [[10, "1"], [30.5, "2"]],
    "histograms": [[20, HISTOGRAM]],
}


@dataclass
class Stub:
    """Answers whatever it is told to; notes what it was asked."""

    answer: Any = None
    status: int = 200
    forms: bool = True
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def stub() -> Iterator[Stub]:
    state = Stub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.seen.append((self.command, self.path, dict(self.headers)))
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            refused = self.command == "POST" and not state.forms
            body = (
                b"no forms" if refused else json.dumps({"status": "success", "data": state.answer}).encode()
            )
            self.send_response(405 if refused else state.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body if state.status == 200 else b"x" * len(body))

        do_POST = do_GET  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


def run(*words: str) -> Result:
    for name in cli.commands():
        importlib.import_module(f"vedette.cli.{name}")
    return CliRunner().invoke(cli.app, ["query", *words])


def scalar(text: str) -> dict[str, Any]:
    return {"resultType": "scalar", "result": [1, text]}


def test_credentials_and_headers_are_sent(stub: Stub, tmp_path: Path) -> None:
    stub.answer = {"resultType": "matrix", "result": []}
    (tmp_path / "secret").write_text("you\n")
    config = tmp_path / "http.yml"
    config.write_text("basic_auth: {username: me, password_file: secret}\n")
    done = run(
        "--http.config.file",
        str(config),
        "range",
        stub.url,
        "1",
        "--header=X-Scope-OrgID=team",
        "--header",
        "A: b",
    )
    assert done.exit_code == 0, done.stderr
    _, _, headers = stub.seen[0]
    assert headers["Authorization"] == "Basic " + base64.b64encode(b"me:you").decode()
    assert (headers["X-Scope-OrgID"], headers["A"]) == ("team", "b")


def test_who_asks_without_credentials_is_told_where_they_go(stub: Stub) -> None:
    stub.status = 401
    done = run("instant", stub.url, "1")
    assert done.exit_code == 1
    assert "wants to know who asks (HTTP 401); say it in --http.config.file" in done.stderr


def test_a_server_that_takes_no_forms_is_asked_by_its_address(stub: Stub) -> None:
    stub.forms, stub.answer = False, scalar("7")
    assert run("instant", stub.url, "1 + 6", "--time=5").stdout == "scalar: 7 @[1]\n"
    assert [(method, path) for method, path, _ in stub.seen] == [
        ("POST", "/api/v1/query"),
        ("GET", "/api/v1/query?query=1+%2B+6&time=5"),
    ]


def test_names_that_are_no_identifiers_are_escaped_in_paths(stub: Stub) -> None:
    stub.answer = ["x"]
    assert run("labels", stub.url, "service.name_é").stdout == "x\n"
    assert stub.seen[0][1].startswith("/api/v1/label/U__service_2e_name___e9_/values?")


def test_an_answer_that_is_none_is_named(stub: Stub) -> None:
    stub.answer = {"resultType": "vector"}
    done = run("instant", stub.url, "1")
    assert done.exit_code == 1
    assert "the server's answer is no result of a query" in done.stderr


def test_native_histograms_in_a_table_are_short(stub: Stub) -> None:
    stub.answer = {"resultType": "matrix", "result": [MIXED]}
    *_, row = run(
        "range", stub.url, "h", "--start=0", "--end=40", "--step=10", "-o", "table"
    ).stdout.splitlines()
    # A histogram counts as its observations.
    assert row.split()[-4:] == ["1", "411523.5", "1234567.5", "2"]


def test_native_histograms_in_promtools_text_are_whole_and_follow_the_floats(stub: Stub) -> None:
    stub.answer = {"resultType": "matrix", "result": [MIXED]}
    assert run("range", stub.url, "h", "-o", "promql").stdout.splitlines() == [
        '{job="a"} =>',
        "1 @[10]",
        "2 @[30.5]",
        "Count: 1234567.500000, Sum: -0.000001, Buckets: [(1e-05,0.0001]:12345678901234567890 "
        "[-2.5e+06,-0.5):0.25 [-1e-128,1e-128]:3 (999999,+Inf):1] @[20]",
    ]
