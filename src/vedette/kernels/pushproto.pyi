from array import array

import numpy as np
import numpy.typing as npt

def encode_stream(
    labels: bytes, timestamps: array[int] | npt.NDArray[np.int64], lines: list[bytes]
) -> bytes: ...
