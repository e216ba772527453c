"""The metrics store of one data directory."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from prometheus_client import CollectorRegistry

from vedette.algebra.table import Symbols
from vedette.config.log import get_logger
from vedette.metrics.contract import Appender, Querier, StorageError
from vedette.metrics.tsdb import events, stats
from vedette.metrics.tsdb.appender import HeadAppender
from vedette.metrics.tsdb.block import Block
from vedette.metrics.tsdb.block_writer import clear_leftovers, delete_block
from vedette.metrics.tsdb.checkpoint import clear_checkpoints
from vedette.metrics.tsdb.deletion import delete_from_head
from vedette.metrics.tsdb.head import Head, HeadCounters
from vedette.metrics.tsdb.lock import DirectoryLock
from vedette.metrics.tsdb.maintenance import Maintenance
from vedette.metrics.tsdb.meta import OUT_OF_ORDER, is_ulid
from vedette.metrics.tsdb.options import TsdbOptions
from vedette.metrics.tsdb.querier import TsdbQuerier
from vedette.metrics.tsdb.replay import ReplayResult, replay
from vedette.metrics.tsdb.retention import superseded
from vedette.metrics.tsdb.takeover import take_over
from vedette.metrics.tsdb.wal import Wal
from vedette.model.labels import Matcher
from vedette.model.time import MAX_TIME, MIN_TIME

log = get_logger("metrics.tsdb")


class Database:
    """See `vedette.metrics.contract.Storage`. Made by `Database.open`; close it, or use it as a context manager."""

    def __init__(self, path: Path, options: TsdbOptions) -> None:
        self.path = path
        self.options = options
        self._symbols = Symbols()
        self.head = Head(self._symbols, options.min_block)
        self._blocks: tuple[Block, ...] = ()
        self._blocks_lock = threading.RLock()
        self._lock: DirectoryLock | None = None
        self._replay = (0, 0, 0)
        self.replayed = ReplayResult()
        self.events = events.Events()
        self.closed = False
        self._maintenance = Maintenance(self)

    @classmethod
    def open(
        cls,
        path: Path | str,
        options: TsdbOptions | None = None,
        registry: CollectorRegistry | None = None,
    ) -> Database:
        """Takes the directory over, made by us or by Prometheus. Raises `StorageError`.

        `registry` gets the self-metrics ``prometheus_tsdb_*``.
        """
        database = cls(Path(path), options or TsdbOptions())
        database._start()
        if registry is not None:
            events.register(database, registry)
        return database

    def _start(self) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"{self.path}: {error.strerror}") from error
        if self.options.lock_file:
            self._lock = DirectoryLock(self.path)
            self.events.clean_start = self._lock.clean
        try:
            leftovers = clear_leftovers(self.path) + clear_checkpoints(self.path / "wal")
            if leftovers:
                log.info("cleared what a crash left half made", names=",".join(leftovers))
            self.reload_blocks()
            # The head starts where the blocks written from one end.
            in_order = [b.meta for b in self._blocks if OUT_OF_ORDER not in b.meta.hints]
            self.head.min_valid = max((meta.max_time for meta in in_order), default=MIN_TIME)
            self.replayed = replay(self.path / "wal", self.head, self._set_replay)
            self.events.corruptions = len(self.replayed.corruptions)
            # What replay refused or repeated is no news.
            self.head.counters = HeadCounters(series_created=self.head.counters.series_created)
            if take_over(self.path, self.head):
                self.reload_blocks()
            self.head.wal = Wal(
                self.path / "wal",
                segment_bytes=self.options.wal_segment_bytes,
                compress=self.options.wal_compression,
                on_fsync=self.events.fsynced,
            )
        except BaseException:
            if self._lock is not None:
                self._lock.release()
            raise

    def _set_replay(self, first: int, last: int, current: int) -> None:
        self._replay = (first, last, current)

    def close(self) -> None:
        """Flushes the log and gives the directory back. Queriers that are open stay readable."""
        with self.head.write_lock:
            if self.closed:
                return
            self.closed = True
            wal, self.head.wal = self.head.wal, None
            try:
                if wal is not None:
                    wal.close()
            finally:
                if self._lock is not None:
                    self._lock.release()

    def __enter__(self) -> Database:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ---- the contract ----

    @property
    def symbols(self) -> Symbols:
        return self._symbols

    def appender(self) -> Appender:
        return HeadAppender(self.head)

    def querier(self, mint: int, maxt: int) -> Querier:
        if self.closed:
            raise StorageError("the metrics store is closed")
        return TsdbQuerier(self.head, self.blocks, mint, maxt)

    # ---- state ----

    @property
    def min_time(self) -> int:
        """Time of the oldest sample, `MAX_TIME` when there is none."""
        return min([b.meta.min_time for b in self.blocks()] + [self.head.min_time], default=MAX_TIME)

    @property
    def max_time(self) -> int:
        """Time of the newest sample, `MIN_TIME` when there is none."""
        return max([b.meta.max_time - 1 for b in self.blocks()] + [self.head.max_time], default=MIN_TIME)

    def blocks(self) -> Sequence[Block]:
        """The loaded blocks, oldest first."""
        return self._blocks

    def wal_replay_status(self) -> dict[str, Any]:
        """As ``/api/v1/status/walreplay`` says it."""
        first, last, current = self._replay
        return {"min": first, "max": last, "current": current}

    def head_stats(self) -> dict[str, int]:
        """``headStats`` of ``/api/v1/status/tsdb``."""
        return stats.head_stats(self.head)

    def status(self, limit: int = 10) -> dict[str, Any]:
        """``data`` of ``/api/v1/status/tsdb``."""
        return stats.status(self.head, limit)

    # ---- upkeep ----

    def maintain(self, now_ms: int) -> None:
        """Writes blocks, merges them, applies the retention. Call about once a minute, in a thread; raises nothing.

        `now_ms` is when the caller asks; what is old is reckoned from the newest sample, as the original does.
        """
        log.debug("upkeep", now=now_ms)
        self._maintenance.run()

    def delete_series(self, matchers: Sequence[Matcher], mint: int, maxt: int) -> int:
        """Marks samples of matching series as deleted. Returns how many series were touched, blocks and head each."""
        if self.closed:
            raise StorageError("the metrics store is closed")
        touched = sum(
            block.delete(matchers, mint, maxt) for block in self.blocks() if block.overlaps(mint, maxt)
        )
        return touched + delete_from_head(self.head, matchers, mint, maxt)

    def clean_tombstones(self) -> None:
        """Rewrites blocks that have deleted samples, without them."""
        self._maintenance.rewrite_deleted()

    def drop_blocks(self, ulids: set[str]) -> None:
        """Removes blocks from the disk. Queriers that use them go on."""
        with self._blocks_lock:
            gone = [block for block in self._blocks if block.meta.ulid in ulids]
            self._blocks = tuple(block for block in self._blocks if block.meta.ulid not in ulids)
        for block in gone:
            try:
                delete_block(block.path)
            except OSError as error:
                raise StorageError(f"can't remove block {block.path}: {error.strerror}") from error

    def reload_blocks(self) -> None:
        """Looks at the directory again: opens new blocks, lets go of removed ones and of those merged into others."""
        with self._blocks_lock:
            known = {block.meta.ulid: block for block in self._blocks}
            found: list[Block] = []
            for path in sorted(self.path.iterdir()):
                if not is_ulid(path.name) or not path.is_dir():
                    continue
                block = known.get(path.name)
                if block is None:
                    try:
                        block = Block(path)
                    except StorageError as error:
                        self.events.reloads_failed += 1
                        log.error("a block can't be opened", block=path.name, reason=str(error))
                        continue
                found.append(block)
            self.events.reloads += 1
            merged = superseded([block.meta for block in found])
            found.sort(key=lambda block: (block.meta.min_time, block.meta.max_time))
            self._blocks = tuple(found)
            if merged & {block.meta.ulid for block in found}:
                self.drop_blocks(merged)
