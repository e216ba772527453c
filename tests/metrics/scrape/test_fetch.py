"""What is asked of a target, and which answers are taken."""

from __future__ import annotations

import gzip

import pytest

from vedette.kernels.exposition import OPENMETRICS, TEXT
from vedette.metrics.config.protocols import DEFAULT_PROTOCOLS, PROTOBUF, accept_header
from vedette.metrics.scrape import fetch
from vedette.metrics.scrape.fetch import BodyTooLarge, Fetched, ScrapeError, unpack
from vedette.metrics.scrape.media import syntax_of


def test_accept() -> None:
    assert accept_header(DEFAULT_PROTOCOLS, "allow-utf-8") == (
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
        "application/openmetrics-text;version=0.0.1;q=0.5,"
        "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
        "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
    )
    assert (
        accept_header((PROTOBUF, "PrometheusText0.0.4"), "dots") == "text/plain;version=0.0.4;q=0.6,*/*;q=0.5"
    )


@pytest.mark.parametrize(
    ("content_type", "fallback", "want"),
    [
        ("text/plain", "", TEXT),
        ("text/plain; version=0.0.4; charset=utf-8", "", TEXT),
        ("Text/Plain;version=1.0.0", "", TEXT),
        ("application/openmetrics-text; version=1.0.0", "", OPENMETRICS),
        ("", "PrometheusText0.0.4", TEXT),
        ("application/json", "OpenMetricsText1.0.0", OPENMETRICS),
        ("text/html", "PrometheusText1.0.0", TEXT),
    ],
)
def test_content_types(content_type: str, fallback: str, want: int) -> None:
    assert syntax_of(content_type, fallback) == want


@pytest.mark.parametrize(
    ("content_type", "message"),
    [
        ("", "non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol"),
        ("text/html", 'received unsupported Content-Type "text/html" and no fallback_scrape_protocol'),
        ("text", 'cannot parse Content-Type "text" and no fallback_scrape_protocol for target'),
        ("application/vnd.google.protobuf;proto=x", "which was not asked for and can't be read"),
    ],
)
def test_content_types_without_fallback(content_type: str, message: str) -> None:
    with pytest.raises(ScrapeError, match=message):
        syntax_of(content_type, "")


def test_gzip() -> None:
    body = b"a 1\n" * 1000
    assert unpack(Fetched(gzip.compress(body), "", True), 0) == body
    assert unpack(Fetched(gzip.compress(b"a 1\n") + gzip.compress(b"b 2\n"), "", True), 0) == b"a 1\nb 2\n"
    assert unpack(Fetched(body, "", False), 0) == body


def test_a_gzip_bomb_is_stopped_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = gzip.compress(bytes(1 << 22))
    with pytest.raises(BodyTooLarge):
        unpack(Fetched(bomb, "", True), 1 << 16)
    # There is a limit where the job sets none.
    monkeypatch.setattr(fetch, "MOST_BYTES", 1 << 20)
    with pytest.raises(BodyTooLarge):
        unpack(Fetched(bomb, "", True), 0)


@pytest.mark.parametrize("body", [b"no gzip", gzip.compress(b"a 1\n" * 100)[:-20]])
def test_broken_gzip(body: bytes) -> None:
    with pytest.raises(ScrapeError, match=r"gzip|unexpected EOF"):
        unpack(Fetched(body, "", True), 0)
