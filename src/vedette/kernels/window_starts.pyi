import numpy as np
import numpy.typing as npt

def run(
    kind: int,
    offsets: npt.NDArray[np.int64],
    ts: npt.NDArray[np.int64],
    v: npt.NDArray[np.float64],
    starts: npt.NDArray[np.int64],
    first: int,
    step: int,
    span: int,
    out: npt.NDArray[np.float64],
    present: npt.NDArray[np.uint8],
) -> None: ...
