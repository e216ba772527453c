import numpy as np
import numpy.typing as npt

def decode_write_request(
    data: bytes,
) -> tuple[list[bytes], npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64], int]: ...
def decode_labels(key: bytes) -> list[tuple[str, str]]: ...
