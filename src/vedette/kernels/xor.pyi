import numpy as np
import numpy.typing as npt

def encode_chunk(timestamps: npt.NDArray[np.int64], values: npt.NDArray[np.float64]) -> bytes: ...
def decode_chunk(
    data: bytes | memoryview | npt.NDArray[np.uint8],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]: ...
