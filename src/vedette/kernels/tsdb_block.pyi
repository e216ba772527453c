from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Uint32s = npt.NDArray[np.uint32]
Uint64s = npt.NDArray[np.uint64]
Uint8s = npt.NDArray[np.uint8]
Bytes = bytes | memoryview | Uint8s

def parse_strings(index: Bytes, start: int, end: int, count: int) -> tuple[Int64s, Int32s]: ...
def parse_postings_table(index: Bytes, start: int, end: int, count: int) -> Int64s: ...
def parse_series(
    index: Bytes, ids: Uint32s, mint: int, maxt: int
) -> tuple[Int64s, Int64s, Int32s, Int64s, Int64s, Int64s, Uint64s]: ...
def build_series(
    label_offsets: Int64s,
    pairs: Int32s,
    chunk_offsets: Int64s,
    mints: Int64s,
    maxts: Int64s,
    refs: Uint64s,
    start: int,
) -> tuple[bytes, Uint32s]: ...
def build_chunks(
    data: Uint8s, starts: Int64s, lengths: Int64s, encodings: Uint8s, start: int
) -> tuple[Uint8s, Int64s]: ...
def raw_chunks(segments: Sequence[memoryview], refs: Uint64s) -> tuple[Int64s, Uint8s, Uint8s, Int64s]: ...
