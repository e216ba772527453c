"""Answers of queries in the original's JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from starlette.responses import Response

from vedette.logs.logql.run.entry import Entry
from vedette.logs.logql.run.matrix import Grid, Matrix, Scalar
from vedette.logs.logql.run.source import Stats
from vedette.model.values import format_value

CATEGORIZE = "categorize-labels"


def json_response(body: Any) -> Response:
    return Response(orjson.dumps(body), media_type="application/json; charset=UTF-8")


def success(kind: str, result: Any, stats: dict[str, Any], flags: Sequence[str] = ()) -> Response:
    data: dict[str, Any] = {"resultType": kind}
    if flags:
        data["encodingFlags"] = list(flags)
    return json_response({"status": "success", "data": data | {"result": result, "stats": stats}})


def streams(entries: Sequence[Entry], *, categorize: bool) -> list[dict[str, Any]]:
    """Entries grouped by the labels they are shown with, in order within each group."""
    groups: dict[tuple[tuple[str, str], ...], list[list[Any]]] = {}
    for entry in entries:
        line = entry.line.decode("utf-8", "replace")
        if not categorize:
            key = tuple(sorted(entry.labels().items()))
            groups.setdefault(key, []).append([str(entry.time), line])
            continue
        extra: dict[str, dict[str, str]] = {}
        if entry.meta:
            extra["structuredMetadata"] = entry.meta
        parsed = entry.parsed_labels()
        if parsed:
            extra["parsed"] = parsed
        key = tuple(sorted(entry.stream.items()))
        groups.setdefault(key, []).append([str(entry.time), line, extra])
    return [{"stream": dict(key), "values": groups[key]} for key in sorted(groups)]


def vector(matrix: Matrix, grid: Grid) -> list[dict[str, Any]]:
    when = _seconds(grid.start)
    return [
        {"metric": matrix.labels[row].to_dict(), "value": [when, format_value(float(matrix.values[row, 0]))]}
        for row in range(len(matrix))
        if matrix.present[row, 0]
    ]


def series(matrix: Matrix, grid: Grid) -> list[dict[str, Any]]:
    times = [_seconds(time) for time in grid.times()]
    out = []
    for row in range(len(matrix)):
        steps = matrix.present[row].nonzero()[0].tolist()
        values = matrix.values[row].tolist()
        if steps:
            shown = [[times[step], format_value(values[step])] for step in steps]
            out.append({"metric": matrix.labels[row].to_dict(), "values": shown})
    return out


def scalar(value: Scalar, grid: Grid) -> list[Any]:
    return [_seconds(grid.start), format_value(value.value)]


def scalar_series(value: Scalar, grid: Grid) -> list[dict[str, Any]]:
    """A number asked for over a range: one series without labels."""
    text = format_value(value.value)
    return [{"metric": {}, "values": [[_seconds(time), text] for time in grid.times()]}]


def _seconds(ns: int) -> float | int:
    return ns // 10**9 if ns % 10**9 == 0 else ns // 10**6 / 1000


def statistics(stats: Stats, seconds: float, returned: int) -> dict[str, Any]:
    """The `stats` object: every group is there, zero where this server has nothing of the kind."""
    summary = {
        "bytesProcessedPerSecond": _per_second(stats.total_bytes, seconds),
        "linesProcessedPerSecond": _per_second(stats.total_lines, seconds),
        "totalBytesProcessed": stats.total_bytes,
        "totalLinesProcessed": stats.total_lines,
        "execTime": seconds,
        "queueTime": 0,
        "subqueries": 0,
        "totalEntriesReturned": returned,
        "splits": 1,
        "shards": 1,
        "totalPostFilterLines": stats.post_filter_lines,
        "totalStructuredMetadataBytesProcessed": 0,
    }
    sealed = _chunks(
        decompressedBytes=stats.decompressed_bytes,
        decompressedLines=stats.decompressed_lines,
        compressedBytes=stats.compressed_bytes,
        postFilterLines=stats.post_filter_lines,
    )
    heads = _chunks(headChunkBytes=stats.head_bytes, headChunkLines=stats.head_lines)
    return {
        "summary": summary,
        "querier": {"store": _store(stats.blocks, stats.blocks - stats.blocks_skipped, sealed)},
        "ingester": {
            "totalReached": 1,
            "totalChunksMatched": stats.streams,
            "totalBatches": 0,
            "totalLinesSent": 0,
            "store": _store(0, 0, heads),
        },
        "cache": {name: dict(_CACHE) for name in _CACHES},
        "index": {
            "totalChunks": stats.blocks,
            "postFilterChunks": stats.blocks - stats.blocks_skipped,
            "shardsDuration": 0,
            "usedBloomFilters": stats.blocks_skipped > 0,
        },
    }


def _per_second(amount: int, seconds: float) -> int:
    return int(amount / seconds) if seconds > 0 else 0


_CACHES = (
    "chunk", "index", "result", "statsResult", "volumeResult", "seriesResult", "labelResult", "instantMetricResult",
)  # fmt: skip
_CACHE = {
    "entriesFound": 0, "entriesRequested": 0, "entriesStored": 0, "bytesReceived": 0, "bytesSent": 0, "requests": 0,
    "downloadTime": 0, "queryLengthServed": 0,
}  # fmt: skip
_CHUNK = {
    "headChunkBytes": 0, "headChunkLines": 0, "decompressedBytes": 0, "decompressedLines": 0, "compressedBytes": 0,
    "totalDuplicates": 0, "postFilterLines": 0, "headChunkStructuredMetadataBytes": 0,
    "decompressedStructuredMetadataBytes": 0,
}  # fmt: skip


def _chunks(**amounts: int) -> dict[str, int]:
    return _CHUNK | amounts


def _store(refs: int, downloaded: int, chunk: dict[str, int]) -> dict[str, Any]:
    return {
        "totalChunksRef": refs,
        "totalChunksDownloaded": downloaded,
        "chunksDownloadTime": 0,
        "queryReferencedStructuredMetadata": False,
        "chunkRefsFetchTime": 0,
        "congestionControlLatency": 0,
        "pipelineWrapperFilteredLines": 0,
        "chunk": chunk,
    }
