"""What happens to a store now and then: head to block, log to checkpoint, blocks merged, old blocks dropped."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vedette.config.log import get_logger
from vedette.metrics.contract import StorageError
from vedette.metrics.tsdb.checkpoint import write_checkpoint
from vedette.metrics.tsdb.compaction import merge_blocks, plan
from vedette.metrics.tsdb.head_block import write_head_block
from vedette.metrics.tsdb.retention import too_much, too_old
from vedette.metrics.tsdb.wal import list_segments

if TYPE_CHECKING:
    from vedette.metrics.tsdb.database import Database

log = get_logger("metrics.tsdb")


class Maintenance:
    """One run at a time; every step leaves a store that is whole."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._running = threading.Lock()
        # Blocks that could not be merged; tried again after a restart.
        self._unmergeable: set[str] = set()

    def run(self) -> None:
        """Raises nothing: what fails is logged, counted, and tried again next time."""
        with self._running:
            database = self._database
            try:
                self.compact_head()
                database.head.reclaim()
                database.reload_blocks()
                self.compact_blocks()
                self.apply_retention()
            except StorageError as error:
                if not database.closed:
                    database.events.compactions_failed += 1
                    log.error("upkeep of the metrics store failed", reason=str(error))

    def compact_head(self, *, everything: bool = False) -> int:
        """Turns what the head has beyond one and a half blocks into blocks. Returns how many were written."""
        database, head = self._database, self._database.head
        written = 0
        while not database.closed:
            oldest, newest = head.min_time, head.max_time
            width = head.chunk_range
            if newest < oldest or (newest - oldest <= width // 2 * 3 and not everything):
                break
            end = (oldest // width + 1) * width
            # From here on nothing is appended to the range.
            with head.write_lock, head.state_lock:
                head.min_valid = max(head.min_valid, end)
            started = time.perf_counter()
            meta = write_head_block(database.path, head, oldest, end)
            database.reload_blocks()
            if meta is not None:
                written += 1
                database.events.compacted(time.perf_counter() - started)
                log.info(
                    "wrote a block from the head",
                    block=meta.ulid,
                    series=meta.series,
                    samples=meta.samples,
                    seconds=round(time.perf_counter() - started, 3),
                )
            self.truncate_head(end)
        return written

    def truncate_head(self, mint: int) -> None:
        """Lets go of what lies before `mint` in the head and in the write-ahead log."""
        database, head = self._database, self._database.head
        started = time.perf_counter()
        wal = head.wal
        if wal is None:
            raise StorageError("the metrics store is closed")
        removed = head.truncate(mint, wal.segment)
        database.events.head_gc(time.perf_counter() - started)
        log.debug("truncated the head", mint=mint, series_removed=removed)
        with head.write_lock:
            if head.wal is None:
                raise StorageError("the metrics store is closed")
            head.wal.next_segment()
            segments = list_segments(head.wal.directory)
        # The segment being written is never touched, and a third of the rest stays: who tails the log reads them.
        first, last = segments[0], segments[-1] - 1
        last = first + (last - first) * 2 // 3
        if last <= first:
            return

        with head.state_lock:
            gone = np.array([ref for ref, until in head.gone_ids.items() if until > last], dtype=np.int64)

        def keep(refs: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
            with head.state_lock:
                known = head.store.rows_of(refs) >= 0
            return known | np.isin(refs, gone) if len(gone) and not known.all() else known

        try:
            write_checkpoint(wal.directory, last, keep, mint, compress=database.options.wal_compression)
            database.events.checkpoints += 1
        except StorageError:
            database.events.checkpoints_failed += 1
            raise
        with head.state_lock:
            for ref in [ref for ref, segment in head.gone_ids.items() if segment <= last]:
                del head.gone_ids[ref]

    def compact_blocks(self) -> None:
        database = self._database
        ranges = database.options.block_ranges()
        while not database.closed:
            blocks = {b.meta.ulid: b for b in database.blocks() if b.meta.ulid not in self._unmergeable}
            chosen = plan([block.meta for block in blocks.values()], ranges)
            if not chosen:
                return
            started = time.perf_counter()
            group = [blocks[ulid] for ulid in chosen]
            try:
                meta = merge_blocks(database.path, group)
            except StorageError as error:
                self._unmergeable.update(chosen)
                database.events.compactions_failed += 1
                log.error("blocks can't be merged", blocks=",".join(chosen), reason=str(error))
                continue
            database.events.compacted(time.perf_counter() - started)
            log.info(
                "merged blocks",
                into=meta.ulid if meta else "none: everything in them is deleted",
                blocks=",".join(chosen),
                seconds=round(time.perf_counter() - started, 3),
            )
            if meta is None:
                database.drop_blocks(set(chosen))
            database.reload_blocks()

    def rewrite_deleted(self) -> None:
        """Rewrites each block that has deletions."""
        database = self._database
        with self._running:
            for block in database.blocks():
                if block.tombstones:
                    meta = merge_blocks(database.path, [block])
                    if meta is None:
                        database.drop_blocks({block.meta.ulid})
                    database.reload_blocks()

    def apply_retention(self) -> None:
        database, options = self._database, self._database.options
        blocks = database.blocks()
        metas = [block.meta for block in blocks]
        old = too_old(metas, options.retention_time)
        much: set[str] = set()
        if options.retention_size:
            wal = database.head.wal
            other = wal.size() if wal is not None else 0
            much = too_much([(b.meta, b.disk_bytes) for b in blocks], other, options.retention_size) - old
        database.events.blocks_deleted_by_time += len(old)
        database.events.blocks_deleted_by_size += len(much)
        doomed = old | much
        if doomed:
            log.info("removing blocks beyond the retention", blocks=",".join(sorted(doomed)))
            database.drop_blocks(doomed)
