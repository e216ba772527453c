"""`meta.json` of a block, and the identifiers blocks are named by."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vedette.metrics.contract import StorageError

# The hint by which the original marks blocks of late samples: the head reaches back behind them.
OUT_OF_ORDER = "from-out-of-order"

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_ulid(now_ms: int | None = None) -> str:
    """A ULID: 48 bits of milliseconds, 80 random bits, as 26 characters that sort by time."""
    moment = time.time_ns() // 10**6 if now_ms is None else now_ms
    number = (moment & (1 << 48) - 1) << 80 | int.from_bytes(os.urandom(10), "big")
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def is_ulid(text: str) -> bool:
    return len(text) == 26 and text[0] in "01234567" and all(ch in _CROCKFORD for ch in text)


@dataclass(frozen=True, slots=True)
class BlockMeta:
    """The range is half-open: ``min_time <= t < max_time``."""

    ulid: str
    min_time: int
    max_time: int
    samples: int
    series: int
    chunks: int
    tombstones: int = 0
    level: int = 1
    sources: tuple[str, ...] = ()
    parents: tuple[tuple[str, int, int], ...] = ()
    hints: tuple[str, ...] = ()
    deletable: bool = False
    failed: bool = False
    # Keys of other writers (Thanos keeps its labels here).
    extra: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        stats: dict[str, Any] = {
            "numSamples": self.samples,
            "numSeries": self.series,
            "numChunks": self.chunks,
        }
        if self.tombstones:
            stats["numTombstones"] = self.tombstones
        compaction: dict[str, Any] = {"level": self.level, "sources": list(self.sources or (self.ulid,))}
        if self.parents:
            compaction["parents"] = [{"ulid": u, "minTime": lo, "maxTime": hi} for u, lo, hi in self.parents]
        if self.hints:
            compaction["hints"] = list(self.hints)
        if self.deletable:
            compaction["deletable"] = True
        if self.failed:
            compaction["failed"] = True
        return {
            **self.extra,
            "ulid": self.ulid,
            "minTime": self.min_time,
            "maxTime": self.max_time,
            "stats": stats,
            "compaction": compaction,
            "version": 1,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> BlockMeta:
        """Raises `KeyError`, `TypeError` or `ValueError` on what is no block's meta."""
        if data.get("version") != 1:
            raise ValueError(f"version {data.get('version')!r}, expected 1")
        stats, compaction = data.get("stats", {}), data.get("compaction", {})
        known = {"ulid", "minTime", "maxTime", "stats", "compaction", "version"}
        return cls(
            ulid=str(data["ulid"]),
            min_time=int(data["minTime"]),
            max_time=int(data["maxTime"]),
            samples=int(stats.get("numSamples", 0)),
            series=int(stats.get("numSeries", 0)),
            chunks=int(stats.get("numChunks", 0)),
            tombstones=int(stats.get("numTombstones", 0)),
            level=int(compaction.get("level", 1)),
            sources=tuple(compaction.get("sources") or ()),
            parents=tuple((p["ulid"], p["minTime"], p["maxTime"]) for p in compaction.get("parents") or ()),
            hints=tuple(compaction.get("hints") or ()),
            deletable=bool(compaction.get("deletable", False)),
            failed=bool(compaction.get("failed", False)),
            extra={k: v for k, v in data.items() if k not in known},
        )


def read_meta(block: Path) -> BlockMeta:
    """Raises `StorageError`, which names the file."""
    path = block / "meta.json"
    try:
        return BlockMeta.from_json(json.loads(path.read_bytes()))
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise StorageError(f"{path}: not a block's meta.json: {error}") from error


def write_meta(block: Path, meta: BlockMeta) -> None:
    """Replaces `meta.json` as a whole."""
    temporary = block / "meta.json.tmp"
    with temporary.open("wb") as file:
        file.write(json.dumps(meta.to_json(), indent="\t").encode())
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(block / "meta.json")
