import numpy as np
import numpy.typing as npt

def rows(
    labels: npt.NDArray[np.uint8],
    label_bounds: npt.NDArray[np.int64],
    values: npt.NDArray[np.float64],
    present: npt.NDArray[np.uint8],
    times: npt.NDArray[np.int64],
    single: bool,
) -> bytes: ...
def objects(
    texts: npt.NDArray[np.uint8], text_bounds: npt.NDArray[np.int64], members: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]: ...
def samples(times: npt.NDArray[np.int64], values: npt.NDArray[np.float64]) -> bytes: ...
