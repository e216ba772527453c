import numpy as np
import numpy.typing as npt

def order(
    columns: list[npt.NDArray[np.int32]],
    strings: list[str],
    own: list[str],
    first_own: int,
    out: npt.NDArray[np.int64],
) -> None: ...
