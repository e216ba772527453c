import numpy as np
import numpy.typing as npt

def instant(
    offsets: npt.NDArray[np.int64],
    ts: npt.NDArray[np.int64],
    v: npt.NDArray[np.float64],
    first: int,
    step: int,
    lookback: int,
    out: npt.NDArray[np.float64],
    present: npt.NDArray[np.uint8],
    which: npt.NDArray[np.int64],
) -> None: ...
def count_stale(v: npt.NDArray[np.float64]) -> int: ...
def from_matrix(
    values: npt.NDArray[np.float64],
    present: npt.NDArray[np.uint8],
    times: npt.NDArray[np.int64],
    offsets: npt.NDArray[np.int64],
    ts: npt.NDArray[np.int64],
    v: npt.NDArray[np.float64],
) -> int: ...
