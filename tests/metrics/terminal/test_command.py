"""`vedette query` in front of a running metrics role, as a pipe sees it."""

from __future__ import annotations

import csv
import importlib
import io
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from support.metrics_server import POINTS, STEP_S, MetricsServer
from vedette.cli import main as cli

Run = Callable[..., Result]


@pytest.fixture
def run(server: MetricsServer) -> Run:
    """``run("instant", "up")`` is ``vedette query instant --server=... up``."""
    for name in cli.commands():
        importlib.import_module(f"vedette.cli.{name}")

    def run(command: str, *words: str, server: str = server.url) -> Result:
        return CliRunner().invoke(cli.app, ["query", command, "--server", server, *words])

    return run


@pytest.fixture
def span(server: MetricsServer) -> list[str]:
    return [f"--start={server.start_s}", f"--end={server.end_s}", f"--step={STEP_S}s"]


def table(result: Result) -> list[list[str]]:
    assert result.exit_code == 0, result.stderr
    return [line.split() for line in result.stdout.splitlines()]


def test_a_table_has_columns_for_what_differs_and_a_line_for_the_rest(
    run: Run, server: MetricsServer
) -> None:
    result = run("instant", "-o", "table", f"--time={server.end_s}", "http_requests_total")
    header, titles, *rows = result.stdout.splitlines()
    assert header.startswith('6 series of http_requests_total{job="api"} at 20')
    assert titles.split() == ["endpoint", "status", "VALUE"]
    assert rows[0].split() == ["/api/0", "200", "39"]
    assert rows[5].split() == ["/api/2", "500", "858"]
    assert len({len(row) for row in rows}) == 1  # values end in one column


def test_wide_and_wild_labels_stay_in_their_columns(run: Run, server: MetricsServer) -> None:
    result = run("instant", "-o", "table", f"--time={server.end_s}", "temperature")
    assert "\x1b" not in result.stdout
    _, titles, first, second = result.stdout.splitlines()
    assert "東京" in first
    assert r"Ålesund\x1b[31m\nred" in second
    # Each of the two wide characters takes two columns.
    assert len(first) + 2 == len(second) == len(titles)


@pytest.mark.parametrize(
    ("expr", "said"),
    [("1 + 1", "2"), ('"text"', "text"), ("scalar(sum(wave) * 0)", "0")],
)
def test_scalars_and_strings(run: Run, server: MetricsServer, expr: str, said: str) -> None:
    assert run("instant", "-o", "table", f"--time={server.end_s}", expr).stdout == f"{said}\n"


def test_nothing_found_is_said(run: Run, span: list[str]) -> None:
    assert run("instant", "-o", "table", "nothing").stdout.startswith("no series")
    assert run("range", "-o", "table", "nothing", *span).stdout.startswith("no series")
    assert run("instant", "nothing").stdout == ""


def test_a_range_vector_shows_its_samples_with_times(run: Run, server: MetricsServer) -> None:
    header, titles, *rows = table(run("instant", "-o", "table", f"--time={server.end_s}", "wave[30s]"))
    assert header[:3] == ["1", "series", "of"]
    assert titles == ["TIME", "VALUE"]
    assert len(rows) == 2


def test_a_range_has_a_picture_and_figures_of_each_series(run: Run, span: list[str]) -> None:
    result = run("range", "-o", "table", '{__name__=~"wave|temperature"} > 0', *span)
    header, titles, *rows = result.stdout.splitlines()
    assert header.endswith(f"{POINTS} steps of 15s")
    assert titles.split() == ["METRIC", "job", "note", "place", "MIN", "AVG", "MAX", "LAST"]
    flat, wave = rows
    assert flat.split()[-4:] == ["20.1235"] * 4
    assert "▄" * POINTS in flat
    assert wave.split()[-2:] == ["99.9574", "99.8543"]
    picture = wave[wave.index("▁") : wave.rindex("█") + 1]
    # Above zero, below it (a gap), above again.
    assert len(picture) >= POINTS - 2
    assert picture.strip("▁▂▃▄▅▆▇█").strip(" ") == ""
    assert " " * 10 in picture


def test_csv_has_a_column_a_label_and_a_row_a_sample(
    run: Run, server: MetricsServer, span: list[str]
) -> None:
    result = run("instant", "-o", "csv", f"--time={server.end_s}", "temperature")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["place"] for row in rows] == ["東京", "Ålesund\x1b[31m\nred"]
    assert [row["value"] for row in rows] == ["20.123456789", "-3"]
    assert rows[0]["timestamp"].endswith("Z")
    ranged = run("range", "-o", "csv", "wave", *span).stdout.splitlines()
    assert ranged[0] == "__name__,job,timestamp,value"
    assert len(ranged) == POINTS + 1


def test_json_is_the_servers_result(run: Run, server: MetricsServer) -> None:
    result = run("instant", "-o", "json", f"--time={server.end_s}", "sum(gap)")
    assert json.loads(result.stdout) == [{"metric": {}, "value": [server.end_s, "1.5"]}]


def test_series_and_labels(run: Run) -> None:
    header, titles, *rows = run("series", "--match=http_requests_total", "-o", "table").stdout.splitlines()
    assert header == '6 series of http_requests_total{job="api"}'
    assert titles.split() == ["endpoint", "status"]
    assert len(rows) == 6
    assert run("series", "--match=gap").stdout == '{__name__="gap", job="api"}\n'
    assert run("series", "--match=gap", "-o", "csv").stdout == "__name__,job\ngap,api\n"
    assert run("labels", "endpoint").stdout == "/api/0\n/api/1\n/api/2\n"
    assert run("labels", "job", "--match=temperature", "-o", "json").stdout == '["weather"]\n'
    assert "endpoint" in run("labels").stdout.split()
    assert run("labels", "job", "--end=1000").stdout == ""


def test_the_server_may_stand_first_as_with_promtool(run: Run, server: MetricsServer) -> None:
    nowhere = "http://127.0.0.1:1"
    assert run("instant", server.url, "1", server=nowhere).stdout.startswith("scalar: 1")
    assert run("instant", server.url.removeprefix("http://"), "1", server=nowhere).stdout.startswith(
        "scalar: 1"
    )
    assert run("labels", server.url, "job", server=nowhere).stdout == "api\nweather\n"
    assert "job" in run("labels", server.url, server=nowhere).stdout.split()
    assert run("series", server.url, "--match=gap", server=nowhere).exit_code == 0


def test_explain_prints_the_plan_with_the_servers_numbers(run: Run, span: list[str]) -> None:
    result = run("explain", 'sum by (job) (rate(http_requests_total{status="500"}[5m]))', *span)
    lines = result.stdout.splitlines()
    assert lines[0] == 'sum by (job) (rate(http_requests_total{status="500"}[5m]))'
    assert lines[1].startswith(f"{POINTS} steps from ")
    assert lines[3] == "aggregate sum by (job), in batches"
    assert '   └─ read http_requests_total{status="500"}[5m]  about 3 series' in lines
    assert result.stderr == ""


def test_explain_needs_no_server(run: Run) -> None:
    result = run("explain", "rate(m[5m])", server="http://127.0.0.1:1")
    assert result.exit_code == 0
    assert "└─ read m[5m]\n" in result.stdout
    assert result.stderr.startswith("planned here, without numbers of series: ")
    wrong = run("explain", "rate(m[5m]", server="http://127.0.0.1:1")
    assert wrong.exit_code == 1
    assert wrong.stderr.splitlines()[1:] == ["  rate(m[5m]", "            ^"]


def test_analyze_runs_and_tells_what_each_operator_did(run: Run, span: list[str]) -> None:
    result = run("analyze", "sum by (endpoint) (rate(http_requests_total[1m]))", *span)
    titles, aggregate, window, reading, _, times, totals = result.stdout.splitlines()
    assert titles.split() == ["OPERATOR", "OWN", "TOTAL", "SERIES", "SAMPLES", "BATCHES", "HELD"]
    assert aggregate.startswith("aggregate sum by (endpoint), in batches")
    assert "6 → 3" in aggregate
    assert window.startswith("└─ window rate")
    assert reading.startswith("   └─ read http_requests_total[1m]")
    assert str(6 * POINTS) in reading
    assert times.startswith("parse ")
    assert totals.startswith(f"3 series in the answer, 6 series and {6 * POINTS} samples read")
    raw = json.loads(run("analyze", "-o", "json", "wave").stdout)
    assert raw["plan"]["operator"] == "select"


def test_analyze_looks_at_the_buckets_of_histograms(run: Run, server: MetricsServer) -> None:
    result = run("analyze", "--type=histogram", "--match=latency_seconds_bucket", f"--time={server.end_s}")
    _, titles, row = table(result)
    assert titles == ["HISTOGRAM", "KIND", "SAMPLES", "BUCKETS", "POPULATED", "CHANGED", "OBSERVATIONS"]
    assert row[:4] == ['latency_seconds{job="api"}', "classic", str(POINTS), "4"]
    assert "no histogram" in run("analyze", "--type=histogram", "--match=wave").stdout
    assert run("analyze", "--type=gauge", "--match=wave").exit_code == 2


# ---- what goes wrong ---------------------------------------------------------------------------------------------


def test_a_parse_error_has_a_caret_at_its_place(run: Run) -> None:
    result = run("instant", 'sum(größe{a="ä"}) by )')
    assert (result.exit_code, result.stdout) == (1, "")
    said, query, caret = result.stderr.splitlines()
    assert said.startswith('query error: bad_data: invalid parameter "query": 1:')
    assert query == '  sum(größe{a="ä"}) by )'
    assert caret.index("^") == query.index("ö") or caret.index("^") == query.rindex(")")


def test_warnings_and_infos_stand_on_standard_error(run: Run, server: MetricsServer) -> None:
    result = run("instant", f"--time={server.end_s}", "quantile(2, rate(wave[1m]))")
    assert result.exit_code == 0
    warning, info = result.stderr.splitlines()
    assert warning.startswith("warning: quantile value should be between 0 and 1")
    assert info.startswith("info: metric might not be a counter")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["instant", "--time=yesterday", "1"], 'error parsing evaluation time: cannot parse "yesterday"'),
        (["range", "--start=now", "--end=now-1h", "1"], "start time is not before end time"),
        (["range", "--step=often", "1"], 'the step "often" is no duration'),
        (["explain", "--time=now", "--step=1m", "1"], "give one or the other"),
        (["instant", "a + on (x) b", "-o", "xml"], "xml is no format"),
        (["range", "--header=nonsense", "1"], "nonsense is no header"),
        (["series"], "name at least one selector"),
    ],
)
def test_wrong_arguments_are_named(run: Run, words: list[str], said: str) -> None:
    result = run(*words)
    assert result.exit_code in (1, 2)
    # The frame that errors of usage stand in breaks lines.
    assert said in " ".join(result.stderr.replace("│", " ").split())


def test_nobody_there_says_what_to_do(run: Run) -> None:
    result = run("instant", "up", server="http://127.0.0.1:1")
    assert result.exit_code == 1
    assert "nobody listens there; start one with `vedette up`, or name another with --server" in result.stderr
    assert "Traceback" not in result.stderr


def test_what_is_no_prometheus_is_told_apart(run: Run, server: MetricsServer) -> None:
    result = run("instant", "up", server=f"{server.url}/somewhere")
    assert result.exit_code == 1
    assert "does not answer as a Prometheus API: HTTP 404" in result.stderr


def test_the_http_configuration_is_read_and_its_faults_are_named(run: Run, tmp_path: Path) -> None:
    good = tmp_path / "http.yml"
    good.write_text("basic_auth: {username: me, password: you}\n")
    assert run("instant", "--http.config.file", str(good), "1").exit_code == 0
    bad = tmp_path / "bad.yml"
    bad.write_text("basic_oath: {}\n")
    refused = run("instant", "--http.config.file", str(bad), "1")
    assert refused.exit_code == 1
    assert "bad.yml:1: basic_oath" in refused.stderr


# ---- promtool ----------------------------------------------------------------------------------------------------

QUERIES = [
    "http_requests_total",
    "sum(rate(http_requests_total[5m]))",
    "sort_desc(http_requests_total)",
    "1 / 3",
    "wave[1m]",
    "temperature",
    "nothing",
    "sum by (endpoint, place, job) ({job=~'api|weather'})",
    "0 / wave * 0",
    "wave * 1e30",
    "sum(",
]


@pytest.mark.differential
@pytest.mark.parametrize("output", ["promql", "json"])
def test_the_same_words_as_promtool(run: Run, server: MetricsServer, output: str) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("no promtool on this machine")

    def theirs(command: str, *words: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [promtool, "query", "-o", output, command, *words], capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout, done.stderr

    def ours(command: str, *words: str) -> tuple[int, str, str]:
        result = run(command, "-o", output, *words, server="http://127.0.0.1:1")
        return result.exit_code, result.stdout, result.stderr

    end, start = str(server.end_s), str(server.start_s)
    calls = [("instant", server.url, query, f"--time={end}.5") for query in QUERIES]
    calls += [
        ("range", server.url, query, f"--start={start}", f"--end={end}", "--step=60s")
        for query in QUERIES
        if "[1m]" not in query
    ]
    calls += [
        ("series", server.url, "--match=temperature", "--match=http_requests_total"),
        ("labels", server.url, "place"),
        ("labels", server.url, "job", "--match=wave"),
    ]
    for call in calls:
        code, out, error = ours(*call)
        their_code, their_out, their_error = theirs(*call)
        if output == "json" and "wave * 1e30" in call:
            continue  # the same numbers with other exponents
        assert (code, out.splitlines()) == (their_code, [line for line in their_out.splitlines() if line]), (
            call
        )
        assert error.startswith(their_error.strip()), call
