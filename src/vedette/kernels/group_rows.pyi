import numpy as np
import numpy.typing as npt

def group(
    columns: npt.NDArray[np.int32], groups: npt.NDArray[np.int64], firsts: npt.NDArray[np.int64]
) -> int: ...
