"""rate, increase, irate, resets of samples that know when their counting began.

A start inside the window, before the first sample, is a sample of zero; a start after the sample before is a reset.
Starts are milliseconds, 0 for unknown.
"""

from vedette.kernels.windows cimport i64


cdef inline bint _began_again(i64 start_before, i64 before, i64 start, i64 at) noexcept nogil:
    # Whether the counter of the sample at `at` started after the sample at `before`. A start that equals the time of
    # the sample before says so only when that one knows a start of its own: else the first start is a made-up one.
    if start == 0 or start >= at or start < before:
        return False
    return start > before or (start_before != 0 and start_before < before)


cdef inline bint _reset(const i64 *ts, const double *v, const i64 *starts, Py_ssize_t i) noexcept nogil:
    return v[i] < v[i - 1] or _began_again(starts[i - 1], ts[i - 1], starts[i], ts[i])


cdef inline double _extrapolated(
    const i64 *ts, const double *v, const i64 *starts, Py_ssize_t n, i64 start, i64 end, bint has_resets,
    bint per_second, unsigned char *present,
) noexcept nogil:
    # The growth over the whole window (n >= 1). One sample is enough when it starts inside the window.
    cdef bint from_zero = starts[0] > start and starts[0] < ts[0] and starts[0] != 0
    cdef double result = v[n - 1] - v[0]
    cdef double to_start = 0.0, to_end, sampled, gap = 0.0, to_zero, factor
    cdef Py_ssize_t i
    if n < 2 and not from_zero:
        present[0] = 0
        return 0.0
    if has_resets:
        for i in range(1, n):
            if _reset(ts, v, starts, i):
                result += v[i - 1]
    sampled = <double>(ts[n - 1] - ts[0]) / 1000.0
    if n > 1:
        gap = sampled / <double>(n - 1)
    to_end = <double>(end - ts[n - 1]) / 1000.0
    if from_zero:
        result += v[0]
        sampled = <double>(ts[n - 1] - starts[0]) / 1000.0
    else:
        to_start = <double>(ts[0] - start) / 1000.0
        if to_start >= gap * 1.1:
            to_start = gap / 2
        if result > 0 and v[0] >= 0:
            to_zero = sampled * (v[0] / result)
            if to_zero < to_start:
                to_start = to_zero
    if to_end >= gap * 1.1:
        to_end = gap / 2
    factor = (sampled + to_start + to_end) / sampled
    if per_second:
        factor /= <double>(end - start) / 1000.0
    return result * factor


cdef double _one(
    int kind, const i64 *ts, const double *v, const i64 *starts, Py_ssize_t n, i64 start, i64 end, long resets,
    unsigned char *present,
) noexcept nogil:
    cdef double grown
    if kind <= 1:
        return _extrapolated(ts, v, starts, n, start, end, resets > 0, kind == 0, present)
    if kind == 6:
        return <double>resets
    if n < 2 or ts[n - 1] == ts[n - 2]:
        present[0] = 0
        return 0.0
    grown = v[n - 1] if _reset(ts, v, starts, n - 1) else v[n - 1] - v[n - 2]
    return grown / (<double>(ts[n - 1] - ts[n - 2]) / 1000.0)


def run(
    int kind,
    const i64[::1] offsets,
    const i64[::1] ts,
    const double[::1] v,
    const i64[::1] starts,
    i64 first,
    i64 step,
    i64 span,
    double[:, ::1] out,
    unsigned char[:, ::1] present,
):
    """Fills `out` and `present` ([rows, steps]); frees the GIL. See windows.pxd for the arguments.

    `starts` ([samples]) are the times at which the counters began. `kind`: 0 rate, 1 increase, 3 irate, 6 resets.
    """
    cdef Py_ssize_t rows = out.shape[0], steps = out.shape[1], r, s, low, high, stop
    cdef i64 t
    cdef long resets
    cdef const i64 *tp
    cdef const i64 *sp
    cdef const double *vp
    if starts.shape[0] != ts.shape[0] or v.shape[0] != ts.shape[0]:
        raise ValueError("BUG: columns of different lengths")
    if ts.shape[0] == 0:
        present[:, :] = 0
        out[:, :] = 0.0
        return
    tp, sp, vp = &ts[0], &starts[0], &v[0]
    with nogil:
        for r in range(rows):
            low = offsets[r]
            high = low
            stop = offsets[r + 1]
            resets = 0
            for s in range(steps):
                t = first + s * step
                while high < stop and tp[high] <= t:
                    if high > low and _reset(tp, vp, sp, high):
                        resets += 1
                    high += 1
                while low < high and tp[low] <= t - span:
                    if low + 1 < high and _reset(tp, vp, sp, low + 1):
                        resets -= 1
                    low += 1
                present[r, s] = high > low
                out[r, s] = 0.0
                if high > low:
                    out[r, s] = _one(
                        kind, tp + low, vp + low, sp + low, high - low, t - span, t, resets, &present[r, s]
                    )
