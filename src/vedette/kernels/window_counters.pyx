"""Window functions of counters and gauges: rate, increase, delta, irate, idelta, changes, resets."""

from vedette.kernels.windows cimport advance, each_window, i64, isnan, window_fn



cdef inline double _extrapolated(
    const i64 *ts, const double *v, Py_ssize_t n, i64 start, i64 end, bint counter, bint has_resets, double seconds
) noexcept nogil:
    # The growth over the whole window, from the growth between its first and last sample (n >= 2), over `seconds`.
    cdef double result = v[n - 1] - v[0]
    cdef double to_start, to_end, sampled, gap, threshold, to_zero, factor
    cdef Py_ssize_t i
    if has_resets:
        for i in range(1, n):
            if v[i] < v[i - 1]:
                result += v[i - 1]
    to_start = <double>(ts[0] - start) / 1000.0
    to_end = <double>(end - ts[n - 1]) / 1000.0
    sampled = <double>(ts[n - 1] - ts[0]) / 1000.0
    gap = sampled / <double>(n - 1)
    threshold = gap * 1.1
    if to_start >= threshold:
        to_start = gap / 2
    # A counter can't have been below zero before its first sample. Most are far above it: no need to divide then.
    if counter and result > 0 and v[0] >= 0 and not (sampled * v[0] > 1.001 * to_start * result):
        to_zero = sampled * (v[0] / result)
        if to_zero < to_start:
            to_start = to_zero
    if to_end >= threshold:
        to_end = gap / 2
    factor = (sampled + to_start + to_end) / sampled
    if seconds != 1.0:
        factor /= seconds
    return result * factor


cdef inline bint _falls(const double *v, Py_ssize_t n) noexcept nogil:
    # Whether a value is ever smaller than the one before it.
    cdef Py_ssize_t i, falls = 0
    for i in range(1, n):
        falls += v[i] < v[i - 1]
    return falls > 0


cdef void _each_growth(
    int kind, const i64 *offsets, Py_ssize_t rows, const i64 *ts, const double *v,
    i64 first, i64 step, Py_ssize_t steps, i64 span, double *out, unsigned char *present,
) noexcept nogil:
    # As each_window, and keeps count of the resets inside the window: only then is the window walked.
    cdef Py_ssize_t r, s, low, high, stop, in_ = 0, out_ = 0
    cdef i64 t
    cdef long resets
    cdef bint ever
    cdef bint counter = kind != 2
    cdef double seconds = <double>span / 1000.0 if kind == 0 else 1.0
    for r in range(rows):
        low = offsets[r]
        high = low
        stop = offsets[r + 1]
        resets = 0
        ever = counter and _falls(v + low, stop - low)
        for s in range(steps):
            t = first + s * step
            if ever:
                while high < stop and ts[high] <= t:
                    if high > low and v[high] < v[high - 1]:
                        resets += 1
                    high += 1
                while low < high and ts[low] <= t - span:
                    if low + 1 < high and v[low + 1] < v[low]:
                        resets -= 1
                    low += 1
            else:
                high = advance(ts, high, stop, t, &in_)
                low = advance(ts, low, high, t - span, &out_)
            if high - low >= 2:
                present[0] = 1
                out[0] = _extrapolated(
                    ts + low, v + low, high - low, t - span, t, counter, resets > 0, seconds
                )
            else:
                present[0] = 0
                out[0] = 0.0
            out += 1
            present += 1


cdef double _irate(
    const i64 *ts, const double *v, Py_ssize_t n, i64 start, i64 end, const double *params, unsigned char *present
) noexcept nogil:
    cdef double grown
    if n < 2 or ts[n - 1] == ts[n - 2]:
        present[0] = 0
        return 0.0
    grown = v[n - 1] if v[n - 1] < v[n - 2] else v[n - 1] - v[n - 2]
    return grown / (<double>(ts[n - 1] - ts[n - 2]) / 1000.0)


cdef double _idelta(
    const i64 *ts, const double *v, Py_ssize_t n, i64 start, i64 end, const double *params, unsigned char *present
) noexcept nogil:
    if n < 2 or ts[n - 1] == ts[n - 2]:
        present[0] = 0
        return 0.0
    return v[n - 1] - v[n - 2]


cdef inline bint _turned(bint changes, double before, double after) noexcept nogil:
    if changes:
        return after != before and not (isnan(after) and isnan(before))
    return after < before


cdef void _each_count(
    bint changes, const i64 *offsets, Py_ssize_t rows, const i64 *ts, const double *v,
    i64 first, i64 step, Py_ssize_t steps, i64 span, double *out, unsigned char *present,
) noexcept nogil:
    # How often the value changes, or falls, inside the window: counted as samples enter and leave.
    cdef Py_ssize_t r, s, low, high, stop
    cdef i64 t
    cdef long count
    for r in range(rows):
        low = offsets[r]
        high = low
        stop = offsets[r + 1]
        count = 0
        for s in range(steps):
            t = first + s * step
            while high < stop and ts[high] <= t:
                if high > low:
                    count += _turned(changes, v[high - 1], v[high])
                high += 1
            while low < high and ts[low] <= t - span:
                if low + 1 < high:
                    count -= _turned(changes, v[low], v[low + 1])
                low += 1
            present[0] = high > low
            out[0] = <double>count
            out += 1
            present += 1


def run(
    int kind,
    const i64[::1] offsets,
    const i64[::1] ts,
    const double[::1] v,
    i64 first,
    i64 step,
    i64 span,
    double[:, ::1] out,
    unsigned char[:, ::1] present,
):
    """Fills `out` and `present` ([rows, steps]); frees the GIL. See windows.pxd for the arguments.

    `kind`: 0 rate, 1 increase, 2 delta, 3 irate, 4 idelta, 5 changes, 6 resets.
    """
    cdef Py_ssize_t rows = out.shape[0], steps = out.shape[1]
    cdef window_fn fn
    cdef double nothing = 0.0
    cdef i64 no_time = 0
    cdef const i64 *tp = &ts[0] if ts.shape[0] else &no_time
    cdef const double *vp = &v[0] if v.shape[0] else &nothing
    if rows == 0 or steps == 0:
        return
    if kind <= 2:
        with nogil:
            _each_growth(kind, &offsets[0], rows, tp, vp, first, step, steps, span, &out[0, 0], &present[0, 0])
        return
    if kind >= 5:
        with nogil:
            _each_count(kind == 5, &offsets[0], rows, tp, vp, first, step, steps, span, &out[0, 0], &present[0, 0])
        return
    fn = _irate if kind == 3 else _idelta
    with nogil:
        each_window(
            fn, &offsets[0], rows, tp, vp, first, step, steps, span, &nothing, 0, &out[0, 0], &present[0, 0]
        )
