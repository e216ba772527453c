"""`anchored` and `smoothed` windows: edges that look at the samples around them instead of extrapolating.

Rows carry the samples of the window and of one lookback before it (and after it, when smoothed).
"""

from vedette.kernels.windows cimport i64, isnan


cdef inline double _between(i64 t1, double y1, i64 t2, double y2, i64 t, bint counter) noexcept nogil:
    if counter and y2 < y1:
        # The counter started again from zero.
        y1 = 0.0
    return y1 + (y2 - y1) * <double>(t - t1) / <double>(t2 - t1)


cdef double _growth(
    const i64 *ts, const double *v, Py_ssize_t n, i64 start, i64 end, bint smoothed, bint counter,
    unsigned char *present,
) noexcept nogil:
    cdef Py_ssize_t low = 0, high = n - 1, i
    cdef double left, right, result, before
    while low < n - 1 and ts[low] <= start:
        low += 1
    low = low - 1 if low > 0 else 0
    if n - 1 > 0 and ts[n - 1] <= start:
        low = n - 1
    if smoothed:
        high = 0
        while high < n - 1 and ts[high] < end:
            high += 1
    if ts[high] <= start:
        present[0] = 0
        return 0.0
    left = v[low]
    if smoothed and ts[low] < start and low + 1 < n:
        left = _between(ts[low], v[low], ts[low + 1], v[low + 1], start, counter)
    right = v[high]
    if smoothed and high > 0 and ts[high] > end:
        right = _between(ts[high - 1], v[high - 1], ts[high], v[high], end, counter)
    result = right - left
    if counter:
        before = left
        for i in range(low + 1 if ts[low] <= start else low, high if ts[high] >= end else high + 1):
            if v[i] < before:
                result += before
            before = v[i]
        if right < before:
            result += before
    return result


cdef double _turns(
    const i64 *ts, const double *v, Py_ssize_t n, i64 start, bint resets, unsigned char *present
) noexcept nogil:
    # Changes or resets, counted from the newest sample at or before the start.
    cdef Py_ssize_t low = 0, i
    cdef long count = 0
    if ts[n - 1] <= start:
        present[0] = 0
        return 0.0
    while low + 1 < n and ts[low + 1] <= start:
        low += 1
    for i in range(low + 1, n):
        if resets:
            count += v[i] < v[i - 1]
        elif v[i] != v[i - 1] and not (isnan(v[i]) and isnan(v[i - 1])):
            count += 1
    return <double>count


def run(
    int kind,
    bint smoothed,
    const i64[::1] offsets,
    const i64[::1] ts,
    const double[::1] v,
    i64 first,
    i64 step,
    i64 span,
    i64 lookback,
    double[:, ::1] out,
    unsigned char[:, ::1] present,
):
    """Fills `out` and `present` ([rows, steps]).

    `kind`: 0 rate, 1 increase, 2 delta, 5 changes, 6 resets (the last two only anchored).
    """
    cdef Py_ssize_t rows = out.shape[0], steps = out.shape[1], r, s, low, high, stop
    cdef i64 t, until
    cdef double got
    if rows == 0 or steps == 0 or v.shape[0] == 0:
        for r in range(rows):
            for s in range(steps):
                present[r, s] = 0
        return
    with nogil:
        for r in range(rows):
            low = offsets[r]
            high = low
            stop = offsets[r + 1]
            for s in range(steps):
                t = first + s * step
                until = t + lookback if smoothed else t
                while high < stop and ts[high] <= until:
                    high += 1
                while low < high and ts[low] <= t - span - lookback:
                    low += 1
                present[r, s] = high > low
                out[r, s] = 0.0
                if high == low:
                    continue
                if kind <= 2:
                    got = _growth(
                        &ts[low], &v[low], high - low, t - span, t, smoothed, kind != 2, &present[r, s]
                    )
                    out[r, s] = got / (<double>span / 1000.0) if kind == 0 else got
                else:
                    out[r, s] = _turns(&ts[low], &v[low], high - low, t - span, kind == 6, &present[r, s])


def instant(
    const i64[::1] offsets,
    const i64[::1] ts,
    const double[::1] v,
    i64 first,
    i64 step,
    i64 lookback,
    double[:, ::1] out,
    unsigned char[:, ::1] present,
):
    """`selector smoothed`: the value between the samples before and after each step; the one before when it is alone."""
    cdef Py_ssize_t rows = out.shape[0], steps = out.shape[1], r, s, start, high, stop
    cdef i64 t
    cdef bint before, after
    with nogil:
        for r in range(rows):
            start = offsets[r]
            high = start
            stop = offsets[r + 1]
            for s in range(steps):
                t = first + s * step
                while high < stop and ts[high] <= t:
                    high += 1
                before = high > start and ts[high - 1] > t - lookback
                after = high < stop and ts[high] <= t + lookback
                present[r, s] = before
                if not before:
                    out[r, s] = 0.0
                elif after and ts[high - 1] < t:
                    out[r, s] = _between(ts[high - 1], v[high - 1], ts[high], v[high], t, False)
                else:
                    out[r, s] = v[high - 1]
