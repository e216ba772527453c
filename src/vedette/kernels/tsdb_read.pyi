from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vedette.kernels.tsdb_head import HeadStore

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Uint32s = npt.NDArray[np.uint32]
Uint64s = npt.NDArray[np.uint64]
Uint8s = npt.NDArray[np.uint8]
Float64s = npt.NDArray[np.float64]
LabelSets = tuple[Int64s, Int32s]
Deleted = tuple[Int64s, Int64s, Int64s]

PROBLEMS: dict[int, str]
SKIPPED: int

class BlockChunks:
    offsets: Int64s
    mints: Int64s
    maxts: Int64s
    refs: Uint64s
    def __init__(
        self, offsets: Int64s, mints: Int64s, maxts: Int64s, refs: Uint64s, segments: Sequence[memoryview]
    ) -> None: ...

def read(
    head: HeadStore,
    head_rows: Int64s,
    limits: Uint32s,
    blocks: list[BlockChunks],
    positions: list[Int64s],
    deleted: list[Deleted | None],
    start: int,
    stop: int,
    mint: int,
    maxt: int,
    floor: int,
) -> tuple[Int64s, Int64s, Float64s, int, int]: ...
def unite(label_sets: list[LabelSets]) -> tuple[int, list[Int64s]]: ...
def label_columns(
    label_sets: list[LabelSets], numbers: list[Int64s], rows: int, names: int
) -> tuple[Int32s, npt.NDArray[np.int32]]: ...
def head_chunks(
    head: HeadStore, rows: Int64s, mint: int, maxt: int
) -> tuple[Int64s, Uint32s, Int64s, Int64s]: ...
def chunk_bytes(head: HeadStore, chunks: Uint32s) -> tuple[Int64s, Uint8s, Int64s]: ...
