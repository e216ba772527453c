import numpy as np
import numpy.typing as npt

F = npt.NDArray[np.float64]
B = npt.NDArray[np.uint8]
I = npt.NDArray[np.int64]

def quantile(
    values: F, present: B, order: I, bounds: I, upper: F, q: F, out: F, reached: B, forced: F
) -> None: ...
def fraction(
    values: F, present: B, order: I, bounds: I, upper: F, lowest: F, highest: F, out: F, reached: B
) -> None: ...
