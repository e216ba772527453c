from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from support.doors import Doors
from vedette.metrics.api.envelope import success
from vedette.metrics.api.params import MAX_API_TIME, MIN_API_TIME, Params
from vedette.metrics.api.query_call import query_range
from vedette.metrics.api.series import decode_name
from vedette.web.errors import ApiError
from vedette.web.prompt import Question


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("0", 0),
        ("1435781451.781", 1435781451781),
        ("-1.5", -1500),
        ("1e9", 10**12),
        ("2015-07-01T20:10:51.781Z", 1435781451781),
        ("2015-07-01T22:10:51.781+02:00", 1435781451781),
        ("-292273086-05-16T16:47:06Z", MIN_API_TIME),
        ("292277025-08-18T07:12:54.999999999Z", MAX_API_TIME),
        ("1e30", MAX_API_TIME),
    ],
)
def test_times(text: str, want: int) -> None:
    assert Params([("t", text)]).time("t", 7) == want


@pytest.mark.parametrize("text", ["x", "2015-07-01", "NaN", "Inf", "1h"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ApiError) as refusal:
        Params([("t", text)]).time("t", 7)
    assert str(refusal.value) == f'invalid parameter "t": cannot parse "{text}" to a valid timestamp'


def test_absent_parameters() -> None:
    params = Params([("empty", "")])
    assert params.time("empty", 7) == params.time("none", 7) == 7
    assert params.duration("none") is None
    assert params.limit() == 0
    assert params.all("none") == []
    with pytest.raises(ApiError, match='invalid parameter "start": cannot parse "" to a valid timestamp'):
        params.required_time("start")


@pytest.mark.parametrize(
    ("start", "end", "step", "message"),
    [
        ("5", "1", "1", 'invalid parameter "end": end timestamp must not be before start time'),
        (
            "0",
            "1",
            "0",
            'invalid parameter "step": zero or negative query resolution step widths are not accepted.',
        ),
        ("0", "1", "-1", 'invalid parameter "step": zero or negative'),
        ("0", "1", "0.0001", 'invalid parameter "step": zero or negative'),
        ("0", "1", "x", 'invalid parameter "step": cannot parse "x" to a valid duration'),
        (
            "0",
            "1",
            "1e30",
            'invalid parameter "step": cannot parse "1e30" to a valid duration. It overflows int64',
        ),
        ("0", "11001", "1", "exceeded maximum resolution of 11,000 points per timeseries."),
        ("", "1", "1", 'invalid parameter "start"'),
    ],
)
def test_ranges_that_are_refused(start: str, end: str, step: str, message: str) -> None:
    with pytest.raises(ApiError) as refusal:
        query_range(Params([("start", start), ("end", end), ("step", step)]))
    assert (refusal.value.status, refusal.value.type) == (400, "bad_data")
    assert str(refusal.value).startswith(message)


def test_a_range() -> None:
    params = Params([("start", "0"), ("end", "11000"), ("step", "1s")])
    assert query_range(params) == (0, 11_000_000, 1000)


async def test_parameters_of_the_body_come_before_those_of_the_address() -> None:
    async def echo(request: Request) -> Response:
        params = await Params.of(request)
        return success([params.get("a"), params.all("m[]")])

    async with Doors([Route("/", echo, methods=["GET", "POST"])]) as client:
        answer = await client.post("/?a=address&m[]=2", data=[("a", "body +&ü"), ("m[]", "1")])
        assert answer.data == ["body +&ü", ["1", "2"]]
        assert (await client.get("/?a=x%20y&a=z")).data == ["x y", []]


async def test_bytes_that_are_no_utf8_come_back_replaced() -> None:
    async def echo(request: Request) -> Response:
        params = await Params.of(request)
        return success([params.get("a"), params.limit()], warnings=[params.get("a")])

    form = {"Content-Type": "application/x-www-form-urlencoded"}
    async with Doors([Route("/", echo, methods=["GET", "POST"])]) as client:
        for answer in [
            await client.get("/?a=x%FFy"),
            await client.post("/", b"a=x%FFy", headers=form),
            await client.post("/", b"a=x\xffy", headers=form),
        ]:
            assert answer.json == {"status": "success", "data": ["x\ufffdy", 0], "warnings": ["x\ufffdy"]}
        answer = await client.get("/?limit=%FF")
        assert answer.error == (
            400,
            "bad_data",
            'invalid parameter "limit": strconv.Atoi: parsing "\ufffd": invalid syntax',
        )


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_label_names_in_paths(name: str) -> None:
    escaped = "U__" + "".join(
        "__" if c == "_" else c if c.isascii() and c.isalnum() else f"_{ord(c):x}_" for c in name
    )
    assert decode_name(escaped) == name


def test_a_plain_label_name_stays() -> None:
    assert decode_name("a__b_2e_c") == "a__b_2e_c"


@given(
    st.lists(st.tuples(st.text(max_size=5), st.text(max_size=9)), max_size=5)
    | st.just([("query", 'a{b="c d",e=~"f+"} ' * 200), ("x", "")])
)
def test_encoded_pairs_come_back(pairs: list[tuple[str, str]]) -> None:
    encoded = urlencode(pairs).encode()
    want: dict[str, list[str]] = {}
    for name, value in pairs:
        want.setdefault(name, []).append(value)
    for _ in range(2):
        params = Params.asked(Question("/", encoded, b"", False))
        assert {name: params.all(name) for name in want} == want


@pytest.mark.parametrize(
    "text", ["a", "a=", "&&a=&", "a=&b", "%61=", "a=%", "a=%zz&=x", "a=b=c;d", "a=%ff%c3%a4"]
)
def test_pairs_are_read_as_the_standard_library_reads_them(text: str) -> None:
    want = parse_qsl(text, keep_blank_values=True, errors="surrogateescape")
    params = Params.asked(Question("/", text.encode(), b"", False))
    assert all(value in params.all(name) for name, value in want)
    assert sum(len(params.all(name)) for name in {name for name, _ in want}) == len(want)
