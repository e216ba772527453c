import numpy as np
import numpy.typing as npt

def label_sets(
    heads: list[bytes],
    columns: list[npt.NDArray[np.int32]],
    strings: list[str],
    own: list[str],
    first_own: int,
    bounds: npt.NDArray[np.int64],
) -> bytes: ...
def rows(
    labels: npt.NDArray[np.uint8],
    label_bounds: npt.NDArray[np.int64],
    values: npt.NDArray[np.float64],
    present: npt.NDArray[np.uint8],
    times: npt.NDArray[np.int64],
    single: bool,
) -> bytes: ...
def samples(times: npt.NDArray[np.int64], values: npt.NDArray[np.float64]) -> bytes: ...
