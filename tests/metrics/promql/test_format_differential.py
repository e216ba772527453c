"""The same texts to Debian's Prometheus (2.42): what it prints of them. Asked is only what both versions know."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, assume, given, settings

from support.promql_queries import queries
from vedette.metrics.promql.errors import ParseError
from vedette.metrics.promql.syntax.parser import parse
from vedette.metrics.promql.syntax.pretty import prettify

pytestmark = [
    pytest.mark.differential,
    pytest.mark.skipif(not shutil.which("prometheus"), reason="Debian's prometheus is absent"),
]


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("prometheus")
    (folder / "prometheus.yml").write_text("global: {}\n")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [
            "prometheus",
            f"--config.file={folder}/prometheus.yml",
            f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(400):
            try:
                with urllib.request.urlopen(f"{address}/-/ready", timeout=1):
                    break
            except OSError:
                time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def theirs(address: str, query: str) -> str:
    """The text, or the error without the name of the parameter."""
    body = urllib.parse.urlencode({"query": query}).encode()
    try:
        with urllib.request.urlopen(f"{address}/api/v1/format_query", body, timeout=20) as answer:
            text: str = json.load(answer)["data"]
    except urllib.error.HTTPError as error:
        text = json.load(error)["error"].removeprefix('invalid parameter "query": ')
    return text


def ours(query: str) -> str:
    try:
        return prettify(parse(query))
    except ParseError as error:
        return str(error)


@given(query=queries(late=False))
@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_print_the_same(query: str, prometheus: str) -> None:
    # 2.42 forgot to print a grouping behind `ignoring ()`.
    assume("ignoring() group" not in query)
    assert ours(query) == theirs(prometheus, query)


@pytest.mark.parametrize(
    "query",
    [
        " # nothing",
        "1 + * 2",
        "sum(1 + * 2)",
        "sum by x (y)",
        "sum by (x y) (z)",
        "sum() by (a)",
        "a + on x b",
        "a + on (b) group_left * c",
        "rate(foo, )",
        "rate(foo,",
        "foo offset 5m bar",
        "nope(1) $",
        "foo $ bar",
        "foo @ start(1)",
        "foo @ bar",
        "foo @ Inf",
        "foo{a='b' c='d'}",
        "foo{a='b',,}",
        "foo{a=1}",
        "foo{a!b}",
        "foo{{",
        "foo{a='b'",
        "'a",
        r'"\q"',
        r'"\x4"',
        "1e400",
        "foo bar",
        "start start",
        "bool",
        "foo =~ 'a'",
        "(foo",
        "foo)",
        "1 == 1",
        "foo and 1",
        "foo + bool bar",
        "foo or on(a) group_left() bar",
        "foo + on(a) group_left(a) bar",
        "'a' + 1",
        "-foo[5m]",
        "1[5m:1m]",
        "sum(foo[5m])",
        "topk(foo, foo)",
        "topk(1, 2, foo)",
        "rate(foo)",
        "round(foo, 1, 2)",
        "foo offset 5m offset 3m",
        "foo @ 1 @ 2",
        "sum(foo) offset 5m",
        "sum(foo)[5m]",
        "{a=~'.*'}",
        "foo{__name__='a'}",
        "foo\n  + nope(bar)",
    ],
)
def test_both_refuse_in_the_same_words(query: str, prometheus: str) -> None:
    assert ours(query) == theirs(prometheus, query)
