"""Samples at an instant: the newest one within the lookback, and columns without stale markers."""

from libc.string cimport memcpy

from vedette.kernels.windows cimport advance, i64

cdef unsigned long long STALE_BITS = 0x7FF0000000000002


cdef inline bint _stale(const double *v) noexcept nogil:
    cdef unsigned long long bits
    memcpy(&bits, v, 8)
    return bits == STALE_BITS


def instant(
    const i64[::1] offsets,
    const i64[::1] ts,
    const double[::1] v,
    i64 first,
    i64 step,
    i64 lookback,
    double[:, ::1] out,
    unsigned char[:, ::1] present,
    i64[:, ::1] which,
):
    """The newest sample with ``t - lookback < ts <= t`` of each row at each step; none where it is a stale marker.

    `which` ([rows, steps], or [0, 0] when not wanted) gets the index of the sample, -1 where there is none.
    """
    cdef Py_ssize_t rows = out.shape[0], steps = out.shape[1], r, s, high, stop, start, gait = 0
    cdef i64 no_time = 0
    cdef const i64 *ts_ = &ts[0] if ts.shape[0] else &no_time
    cdef bint indexed = which.shape[0] == rows and which.shape[1] == steps and rows > 0
    cdef i64 t
    with nogil:
        for r in range(rows):
            start = offsets[r]
            high = start
            stop = offsets[r + 1]
            for s in range(steps):
                t = first + s * step
                high = advance(ts_, high, stop, t, &gait)
                if high > start and ts[high - 1] > t - lookback and not _stale(&v[high - 1]):
                    present[r, s] = 1
                    out[r, s] = v[high - 1]
                    if indexed:
                        which[r, s] = high - 1
                else:
                    present[r, s] = 0
                    out[r, s] = 0.0
                    if indexed:
                        which[r, s] = -1


def count_stale(const double[::1] v):
    """How many of the values are stale markers."""
    cdef Py_ssize_t i, n = v.shape[0]
    cdef Py_ssize_t found = 0
    with nogil:
        for i in range(n):
            found += _stale(&v[i])
    return found


def from_matrix(
    const double[:, ::1] values,
    const unsigned char[:, ::1] present,
    const i64[::1] times,
    i64[::1] offsets,
    i64[::1] ts,
    double[::1] v,
):
    """A matrix as sample columns: every present value of a row, in step order. Outputs have room for all of them."""
    cdef Py_ssize_t rows = values.shape[0], steps = values.shape[1], r, s
    cdef Py_ssize_t n = 0
    if offsets.shape[0] != rows + 1 or times.shape[0] != steps:
        raise ValueError("BUG: columns of another shape")
    with nogil:
        offsets[0] = 0
        for r in range(rows):
            for s in range(steps):
                if present[r, s]:
                    ts[n] = times[s]
                    v[n] = values[r, s]
                    n += 1
            offsets[r + 1] = n
    return n
