import numpy as np
import numpy.typing as npt

def encode_stream(labels: bytes, timestamps: npt.NDArray[np.int64], lines: list[bytes]) -> bytes: ...
