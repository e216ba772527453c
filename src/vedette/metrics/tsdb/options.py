"""What a user may set of the metrics store, and the limits of its formats, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass

from vedette.model.time import DAY, HOUR

# Pages are what a torn write can damage; segments are what truncation removes. Both are the original's.
WAL_PAGE_BYTES = 32 << 10
WAL_SEGMENT_BYTES = 128 << 20
# Chunk references in an index hold 32 bits of offset; the original's readers map files whole.
CHUNK_SEGMENT_BYTES = 512 << 20
# Blocks of a level are merged three at a time into the next.
BLOCK_STEPS = 3
MAX_BLOCK = 31 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class TsdbOptions:
    """Times in milliseconds, sizes in bytes; 0 means no limit."""

    retention_time: int = 15 * DAY
    retention_size: int = 0
    min_block: int = 2 * HOUR
    max_block: int = 0  # 0: a tenth of the retention, at most 31 days
    wal_compression: bool = True
    wal_segment_bytes: int = WAL_SEGMENT_BYTES
    lock_file: bool = True

    @property
    def largest_block(self) -> int:
        if self.max_block:
            return max(self.max_block, self.min_block)
        longest = min(MAX_BLOCK, self.retention_time // 10) if self.retention_time else MAX_BLOCK
        return max(longest, self.min_block)

    def block_ranges(self) -> list[int]:
        """The lengths blocks may have, ascending: 2h, 6h, 18h, 54h, ... up to `largest_block`."""
        ranges = [self.min_block]
        while ranges[-1] * BLOCK_STEPS <= self.largest_block and len(ranges) < 10:
            ranges.append(ranges[-1] * BLOCK_STEPS)
        return ranges
