"""The JSON bodies: ``{"streams":[{"stream":{...},"values":[["<ns>","line",{...}]]}]}`` and the older form with entries."""

from __future__ import annotations

import json
from typing import Any

import orjson

from vedette.logs.batch import Batch, Meta
from vedette.logs.push.entries import PushedStream
from vedette.logs.push.errors import PushError
from vedette.model.time import parse_rfc3339

_MAX_NS = (1 << 63) - 1


def parse(body: bytes) -> list[PushedStream]:
    """The streams of a JSON body of either form. Raises `PushError`."""
    document = _read(body)
    if document is None:
        return []
    if not isinstance(document, dict):
        raise PushError(f"loghttp.PushRequest: expects {{ or n, but found {_kind(document)}")
    streams = document.get("streams")
    if streams is None:
        return []
    if not isinstance(streams, list):
        raise PushError(f"loghttp.PushRequest.Streams: expects a list, but found {_kind(streams)}")
    return [_stream(item) for item in streams]


def parse_legacy(body: bytes) -> list[PushedStream]:
    """The streams of a body of ``/api/prom/push``. Raises `PushError`."""
    document = _read(body)
    streams = document.get("streams") if isinstance(document, dict) else None
    if not isinstance(streams, list):
        return []
    return [_legacy_stream(item) for item in streams]


def _read(body: bytes) -> Any:
    if not body.strip():
        raise PushError("EOF")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as first:
        # Text after the document and bytes that are not UTF-8 are forgiven, as the original does.
        try:
            text = body.decode("utf-8", "replace").lstrip(" \t\r\n")
            document, _ = json.JSONDecoder(strict=False).raw_decode(text)
            return document
        except (ValueError, RecursionError):
            raise PushError(f"loghttp.PushRequest: {first}") from None


def _stream(item: Any) -> PushedStream:
    if not isinstance(item, dict):
        raise PushError(f"loghttp.PushRequest.Streams: expects an object, but found {_kind(item)}")
    labels = item.get("stream")
    if labels is None:
        labels = {}
    if not isinstance(labels, dict):
        raise PushError(
            f"loghttp.PushRequest.Streams: expects an object of labels, but found {_kind(labels)}"
        )
    pairs = []
    for name, value in labels.items():
        if isinstance(value, (dict, list)):
            raise PushError(f"loghttp.PushRequest.Streams: the value of label {name} is {_kind(value)}")
        pairs.append((name, _clean(_scalar(value))))
    values = item.get("values")
    if values is None:
        values = []
    if not isinstance(values, list):
        raise PushError(f"loghttp.PushRequest.Streams: expects a list of values, but found {_kind(values)}")
    return PushedStream(tuple(pairs), Batch.of([_entry(value) for value in values]))


def _entry(value: Any) -> tuple[int, bytes, Meta]:
    try:
        when, line = value[0], value[1] if len(value) > 1 else ""
    except (TypeError, KeyError, IndexError):
        raise PushError(
            f"loghttp.PushRequest.Streams: expects [time, line], but found {_kind(value)}"
        ) from None
    if type(when) is not str or type(line) is not str:
        bad = line if type(when) is str else when
        raise PushError(f"loghttp.PushRequest.Streams: Value looks like {_kind(bad)}, but it is no string")
    # Digits alone: int() would also take blanks and underscores.
    if not (when.isdigit() or (when[:1] in "+-" and when[1:].isdigit())) or not when.isascii():
        raise PushError(f'loghttp.PushRequest.Streams: strconv.ParseInt: parsing "{when}": invalid syntax')
    ns = int(when)
    if not -_MAX_NS <= ns <= _MAX_NS:
        raise PushError(
            f'loghttp.PushRequest.Streams: strconv.ParseInt: parsing "{when}": value out of range'
        )
    try:
        data = line.encode()
    except UnicodeEncodeError:
        raise PushError("loghttp.PushRequest.Streams: a line with half a surrogate pair") from None
    return ns, data, _meta(value[2]) if len(value) > 2 else ()


def _meta(value: Any) -> Meta:
    if not isinstance(value, dict):
        raise PushError(
            f"loghttp.PushRequest.Streams: expects an object of metadata, but found {_kind(value)}"
        )
    for name, text in value.items():
        if not isinstance(text, str):
            raise PushError(f"loghttp.PushRequest.Streams: metadata {name} is {_kind(text)}, not a string")
    return tuple((name, _clean(text)) for name, text in value.items())


def _legacy_stream(item: Any) -> PushedStream:
    if not isinstance(item, dict) or not isinstance(item.get("labels", ""), str):
        raise PushError("bad stream")
    entries = []
    for entry in item.get("entries") or []:
        try:
            when = parse_rfc3339(entry["ts"]) if "ts" in entry else parse_rfc3339(entry["timestamp"])
            line = entry.get("line", "")
            entries.append((when, line.encode("utf-8", "replace"), ()))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise PushError(f"bad entry: {error}") from None
    return PushedStream(item.get("labels", ""), Batch.of(entries))


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value)


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return kinds.get(type(value), "Number")
