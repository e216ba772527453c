"""The metrics store of one data directory."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from vedette.algebra.table import Symbols
from vedette.config.log import get_logger
from vedette.metrics.contract import Appender, Querier, StorageError
from vedette.metrics.tsdb.appender import HeadAppender
from vedette.metrics.tsdb.block import Block
from vedette.metrics.tsdb.head import Head
from vedette.metrics.tsdb.lock import DirectoryLock
from vedette.metrics.tsdb.meta import is_ulid
from vedette.metrics.tsdb.options import TsdbOptions
from vedette.metrics.tsdb.querier import TsdbQuerier
from vedette.metrics.tsdb.replay import ReplayResult, replay
from vedette.metrics.tsdb.wal import Wal
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
        self._closed = False

    @classmethod
    def open(cls, path: Path | str, options: TsdbOptions | None = None) -> Database:
        """Takes the directory over, made by us or by Prometheus. Raises `StorageError`."""
        database = cls(Path(path), options or TsdbOptions())
        database._start()
        return database

    def _start(self) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"{self.path}: {error.strerror}") from error
        if self.options.lock_file:
            self._lock = DirectoryLock(self.path)
        try:
            self.reload_blocks()
            self.head.min_valid = max((b.meta.max_time for b in self._blocks), default=MIN_TIME)
            self.replayed = replay(self.path / "wal", self.head, self._set_replay)
            self.head.wal = Wal(
                self.path / "wal",
                segment_bytes=self.options.wal_segment_bytes,
                compress=self.options.wal_compression,
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
            if self._closed:
                return
            self._closed = True
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
        if self._closed:
            raise StorageError("the metrics store is closed")
        # Blocks first: a block is published before the head gives up its samples.
        snapshot_blocks = self.blocks()
        return TsdbQuerier(self.head, [b for b in snapshot_blocks if b.overlaps(mint, maxt)], mint, maxt)

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

    def reload_blocks(self) -> None:
        """Looks at the directory again: opens new blocks, lets go of removed ones."""
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
                        log.error("a block can't be opened", block=path.name, reason=str(error))
                        continue
                found.append(block)
            found.sort(key=lambda block: (block.meta.min_time, block.meta.max_time))
            self._blocks = tuple(found)
