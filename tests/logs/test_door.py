"""Push and query through the public door."""

from __future__ import annotations

import gzip
import json

import cramjam
import pytest

from support.loki import T0, at, push_request


async def test_what_is_pushed_can_be_asked_for_at_once(door):
    status, _ = await door.push(
        ({"app": "a"}, [[at(1), "one"], [at(2), "two error"]]), ({"app": "b"}, [[at(3), "three"]])
    )
    assert status == 204
    assert await door.lines('{app="a"}') == ["one", "two error"]
    assert await door.lines('{app=~".+"} |= "t"') == ["two error", "three"]
    assert await door.lines('{app=~".+"}', direction="backward", limit="2") == ["three", "two error"]


async def test_a_stream_shows_service_name_and_level(door):
    await door.push(({"app": "a"}, [[at(1), "level=warn x", {"trace_id": "7"}]]))
    _, body = await door.get("/loki/api/v1/query_range", query='{app="a"}', start=str(T0), end=at(10))
    assert [s["stream"] for s in body["data"]["result"]] == [
        {"app": "a", "detected_level": "warn", "service_name": "a", "trace_id": "7"}
    ]


@pytest.mark.parametrize("encoding", ["snappy", ""])
async def test_protobuf_as_agents_send_it(door, encoding):
    body = bytes(cramjam.snappy.compress_raw(push_request('{app="p"}', [(T0 + 5, b"hello", {"k": "v"})])))
    headers = {"Content-Type": "application/x-protobuf"} | (
        {"Content-Encoding": encoding} if encoding else {}
    )
    assert await door.push_body(body, headers) == (204, "")
    assert await door.lines('{app="p"} | k="v"') == ["hello"]


async def test_gzipped_json(door):
    body = gzip.compress(
        json.dumps({"streams": [{"stream": {"app": "z"}, "values": [[at(1), "zipped"]]}]}).encode()
    )
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert await door.push_body(body, headers) == (204, "")
    assert await door.lines('{app="z"}') == ["zipped"]


async def test_good_entries_are_kept_beside_bad_ones(door):
    status, text = await door.push(({"app": "a"}, [[at(1), "good"], ["1", "ancient"], [at(99999), "future"]]))
    assert status == 400
    assert (
        '1 errors like: entry for stream \'{app="a", service_name="a"}\' has timestamp too old: 1970-01-01T00:00:00Z'
        in text
    )
    assert await door.lines('{app="a"}') == ["good"]


async def test_equal_entries_count_once_and_late_ones_are_sorted_in(door):
    await door.push(({"app": "a"}, [[at(10), "x"], [at(30), "z"]]))
    await door.push(({"app": "a"}, [[at(20), "y"], [at(10), "x"]]))
    assert await door.lines('{app="a"}') == ["x", "y", "z"]
    status, text = await door.push(({"app": "a"}, [[at(5000), "newest"], [at(10), "too late"]]))
    assert status == 400 and "entry too far behind" in text and "total ignored: 1 out of 2" in text


async def test_metric_over_a_range_counts_windows_open_on_the_left(door):
    await door.push(({"app": "a"}, [[at(60), "a"], [at(120), "b"], [at(121), "c"]]))
    query = 'sum by (app) (count_over_time({app="a"}[1m]))'
    _, body = await door.get("/loki/api/v1/query_range", query=query, start=at(0), end=at(240), step="60")
    assert body["data"]["result"] == [
        {
            "metric": {"app": "a"},
            "values": [[T0 // 10**9 + 60, "1"], [T0 // 10**9 + 120, "1"], [T0 // 10**9 + 180, "1"]],
        }
    ]


async def test_grafanas_health_question(door):
    _, body = await door.get("/loki/api/v1/query", query="vector(1)+vector(1)", time="4000000000")
    assert body["data"]["resultType"] == "vector"
    assert body["data"]["result"][0]["value"][1] == "2"


async def test_bad_queries_are_plain_sentences(door):
    status, text = await door.get("/loki/api/v1/query_range", query='{app="a"} | pattern "<x> y"')
    assert (status, text) == (400, "not supported: the stage `pattern`")
    status, text = await door.get("/loki/api/v1/query_range", query="{app=")
    assert (
        status == 400
        and text == "parse error at line 1, col 6: syntax error: unexpected $end, expecting STRING"
    )


async def test_own_metrics_under_lokis_names(door):
    await door.push(({"app": "a"}, [[at(1), "12345"], ["1", "old"]]))
    _, text = await door.get("/metrics")
    assert 'loki_distributor_bytes_received_total{tenant="fake"} 8.0' in text
    assert 'loki_distributor_lines_received_total{tenant="fake"} 2.0' in text
    assert 'loki_discarded_samples_total{reason="greater_than_max_sample_age",tenant="fake"} 1.0' in text
    assert "loki_ingester_memory_streams 1.0" in text and "loki_build_info" in text


async def test_what_the_server_says_of_itself(door):
    assert await door.get("/ready") == (200, "ready\n")
    assert (await door.get("/services"))[1].startswith("server => Running")
    assert "auth_enabled" in (await door.get("/config"))[1]
    assert (await door.get("/loki/api/v1/status/buildinfo"))[1]["version"]
    assert (await door.get("/nope"))[0] == 404


async def test_labels_and_series(door):
    await door.push(({"app": "a", "env": "x"}, [[at(1), "l"]]), ({"app": "b"}, [[at(1), "l"]]))
    window = {"start": str(T0), "end": at(60)}
    assert (await door.get("/loki/api/v1/labels", **window))[1]["data"] == ["app", "env", "service_name"]
    assert (await door.get("/loki/api/v1/label/app/values", **window))[1]["data"] == ["a", "b"]
    assert (await door.get("/loki/api/v1/label/app/values", query='{env="x"}', **window))[1]["data"] == ["a"]
    assert (await door.get("/loki/api/v1/label/nope/values", **window))[1] == {"status": "success"}
    _, body = await door.get("/loki/api/v1/series", **{"match[]": '{app="b"}'}, **window)
    assert body["data"] == [{"app": "b", "service_name": "b"}]
    _, body = await door.get("/loki/api/v1/index/stats", query='{app=~".+"}', **window)
    assert body == {"streams": 2, "chunks": 2, "bytes": 2, "entries": 2}


@pytest.mark.parametrize(
    "query",
    [
        "vector(1)" + " + 1" * 1200,
        "vector(1)" + " ^ 1" * 1200,
        "(" * 199 + "vector(1)" + ")" * 199,
        "sum(" * 199 + 'rate({app="a"}[1m])' + ")" * 199,
        "(" * 200 + '{app="a"}' + ")" * 200,
        '{app="a"} | ' + "(" * 200 + 'x="1"' + ")" * 200,
        '{app="a"} | x="1"' + ' or x="1"' * 550,
        '{app="a"} | x="1"' + ' and x="1"' * 500,
        '{app="a"}' + " | json" * 700,
    ],
    ids=lambda query: query[:24],
)
async def test_long_and_deep_queries_are_answered(door, query):
    await door.push(({"app": "a"}, [[at(1), '{"x": "1"}']]))
    status, body = await door.get("/loki/api/v1/query_range", query=query, start=str(T0), end=at(10))
    assert status == 200, body


@pytest.mark.parametrize(
    "query", ["(" * 5000, "sum(" * 1000, '{app="a"} | ' + "(" * 5000, "rate(" + "(" * 3000]
)
async def test_too_deep_queries_are_refused(door, query):
    status, body = await door.get("/loki/api/v1/query_range", query=query, start=str(T0), end=at(10))
    assert status == 400
    assert "nested too deeply" in body
