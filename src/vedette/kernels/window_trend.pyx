"""Window functions that see a trend: deriv, predict_linear, double_exponential_smoothing."""

from libc.math cimport NAN, fabs, isnan
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from vedette.kernels.windows cimport each_window, i64, isinf, kahan_add, two_sum
from vedette.kernels.windows_sliding cimport longest_row


cdef void _regression(
    const i64 *ts, const double *v, Py_ssize_t n, double at_ms, double *slope, double *intercept
) noexcept nogil:
    # Least squares with compensated sums; the intercept is the value at `at_ms`.
    cdef double sx = 0.0, cx = 0.0, sy = 0.0, cy = 0.0, sxy = 0.0, cxy = 0.0, sxx = 0.0, cxx = 0.0
    cdef double x, count = <double>n, covariance, variance
    cdef bint constant = True
    cdef Py_ssize_t i
    for i in range(n):
        if constant and i > 0 and v[i] != v[0]:
            constant = False
        x = (<double>ts[i] - at_ms) / 1000.0
        kahan_add(x, &sx, &cx)
        kahan_add(v[i], &sy, &cy)
        kahan_add(x * v[i], &sxy, &cxy)
        kahan_add(x * x, &sxx, &cxx)
    if constant:
        slope[0] = NAN if isinf(v[0]) else 0.0
        intercept[0] = NAN if isinf(v[0]) else v[0]
        return
    sx += cx
    sy += cy
    sxy += cxy
    sxx += cxx
    covariance = sxy - sx * sy / count
    variance = sxx - sx * sx / count
    slope[0] = covariance / variance
    intercept[0] = sy / count - slope[0] * sx / count


# The sums of a least squares line: over x (seconds), y, xy and xx, and what rounding took from each.
cdef struct Line:
    double[4] sums
    double[4] losses


cdef inline void _add(Line *line, double x, double y) noexcept nogil:
    two_sum(x, &line.sums[0], &line.losses[0])
    two_sum(y, &line.sums[1], &line.losses[1])
    two_sum(x * y, &line.sums[2], &line.losses[2])
    two_sum(x * x, &line.sums[3], &line.losses[3])


cdef bint _each_line(
    bint predict,
    const i64 *offsets, Py_ssize_t rows, const i64 *ts, const double *v,
    i64 first, i64 step, Py_ssize_t steps, i64 span, const double *params, double *out, unsigned char *present,
) noexcept nogil:
    # The slope, or the value that the line has `params[step, 0]` seconds after `params[step, 1]` ms. A window is the samples before
    # `turn`, whose sums from each of them on are known, and those after it, which are added up. Times and values count
    # from those of the sample at the last turn, so that sums stay as small as the window. False without memory.
    cdef Py_ssize_t longest = longest_row(offsets, rows)
    cdef Line *lines = <Line *>malloc(longest * sizeof(Line))
    cdef Line nothing, line, ahead
    cdef Py_ssize_t r, s, k, begin, low, high, stop, turn, n, i
    # How many samples of the window differ from the one before them in it: none in a constant one.
    cdef Py_ssize_t changes
    cdef i64 t, t0 = 0
    cdef bint far
    cdef double v0 = 0.0, slope, intercept, count, sx, sy, sxy, sxx
    if lines == NULL:
        return False
    memset(&nothing, 0, sizeof(Line))
    for r in range(rows):
        begin = offsets[r]
        low = begin
        high = begin
        turn = begin
        stop = offsets[r + 1]
        changes = 0
        ahead = nothing
        for s in range(steps):
            t = first + s * step
            while high < stop and ts[high] <= t:
                changes += high > low and v[high] != v[high - 1]
                _add(&ahead, <double>(ts[high] - t0) / 1000.0, v[high] - v0)
                high += 1
            while low < high and ts[low] <= t - span:
                changes -= low + 1 < high and v[low + 1] != v[low]
                low += 1
            n = high - low
            present[0] = n >= 2
            out[0] = 0.0
            if n >= 2:
                if low >= turn:
                    t0 = ts[low]
                    v0 = v[low]
                    line = nothing
                    k = high
                    while k > low:
                        k -= 1
                        _add(&line, <double>(ts[k] - t0) / 1000.0, v[k] - v0)
                        lines[k - begin] = line
                    turn = high
                    ahead = nothing
                line = lines[low - begin]
                for i in range(4):
                    line.losses[i] += ahead.losses[i]
                    two_sum(ahead.sums[i], &line.sums[i], &line.losses[i])
                count = <double>n
                sx = line.sums[0] + line.losses[0]
                sy = line.sums[1] + line.losses[1]
                sxy = line.sums[2] + line.losses[2]
                sxx = line.sums[3] + line.losses[3]
                slope = (sxy - sx * sy / count) / (sxx - sx * sx / count)
                # Values far smaller than the one they count from have lost what tells them apart.
                far = fabs(v0) > 1000.0 * (fabs(v[low]) + fabs(v[high - 1]))
                if changes == 0 or far or isnan(slope) or isinf(slope):
                    _regression(ts + low, v + low, n, params[2 * s + 1] if predict else <double>ts[low], &slope, &intercept)
                else:
                    intercept = v0 + sy / count
                    if predict:
                        intercept += slope * ((params[2 * s + 1] - <double>t0) / 1000.0 - sx / count)
                out[0] = slope * params[2 * s] + intercept if predict else slope
            out += 1
            present += 1
    free(lines)
    return True


cdef double _smooth(
    const i64 *ts, const double *v, Py_ssize_t n, i64 start, i64 end, const double *params, unsigned char *present
) noexcept nogil:
    cdef double sf = params[0], tf = params[1]
    cdef double s0 = 0.0, s1, b, x, y
    cdef Py_ssize_t i
    if n < 2:
        present[0] = 0
        return 0.0
    s1 = v[0]
    b = v[1] - v[0]
    for i in range(1, n):
        x = sf * v[i]
        if i > 1:
            b = tf * (s1 - s0) + (1 - tf) * b
        y = (1 - sf) * (s1 + b)
        s0 = s1
        s1 = x + y
    return s1


def run(
    int kind,
    const i64[::1] offsets,
    const i64[::1] ts,
    const double[::1] v,
    i64 first,
    i64 step,
    i64 span,
    const double[:, ::1] params,
    double[:, ::1] out,
    unsigned char[:, ::1] present,
):
    """Fills `out` and `present` ([rows, steps]); frees the GIL. See windows.pxd for the arguments.

    `kind`: 0 deriv, 1 predict_linear (`params` = seconds ahead, evaluation time in ms), 2 double exponential
    smoothing (`params` = smoothing factor, trend factor).
    """
    cdef Py_ssize_t rows = out.shape[0], steps = out.shape[1]
    cdef double nothing = 0.0
    cdef i64 no_time = 0
    cdef const i64 *tp = &ts[0] if ts.shape[0] else &no_time
    cdef const double *vp = &v[0] if v.shape[0] else &nothing
    cdef const double *pp = &params[0, 0] if params.shape[1] else &nothing
    cdef Py_ssize_t width = params.shape[1]
    cdef bint done = True
    if rows == 0 or steps == 0:
        return
    if (width and params.shape[0] != steps) or (kind and width != 2):
        raise ValueError("BUG: parameters of another shape")
    with nogil:
        if kind == 2:
            each_window(
                _smooth, &offsets[0], rows, tp, vp, first, step, steps, span, pp, width, &out[0, 0], &present[0, 0]
            )
        else:
            done = _each_line(
                kind == 1, &offsets[0], rows, tp, vp, first, step, steps, span, pp, &out[0, 0], &present[0, 0]
            )
    if not done:
        raise MemoryError
