"""Window functions that see a trend: deriv, predict_linear, double_exponential_smoothing."""

from libc.math cimport NAN

from vedette.kernels.windows cimport each_window, i64, isinf, kahan_add, window_fn


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


cdef double _deriv(
    const i64 *ts, const double *v, Py_ssize_t n, i64 start, i64 end, const double *params, unsigned char *present
) noexcept nogil:
    cdef double slope = 0.0, intercept = 0.0
    if n < 2:
        present[0] = 0
        return 0.0
    # A time near the samples, so that the squares stay small.
    _regression(ts, v, n, <double>ts[0], &slope, &intercept)
    return slope


cdef double _predict(
    const i64 *ts, const double *v, Py_ssize_t n, i64 start, i64 end, const double *params, unsigned char *present
) noexcept nogil:
    cdef double slope = 0.0, intercept = 0.0
    if n < 2:
        present[0] = 0
        return 0.0
    _regression(ts, v, n, params[1], &slope, &intercept)
    return slope * params[0] + intercept


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
    cdef window_fn fn = _deriv if kind == 0 else (_predict if kind == 1 else _smooth)
    if rows == 0 or steps == 0:
        return
    if (width and params.shape[0] != steps) or (kind and width != 2):
        raise ValueError("BUG: parameters of another shape")
    with nogil:
        each_window(
            fn, &offsets[0], rows, tp, vp, first, step, steps, span, pp, width, &out[0, 0], &present[0, 0]
        )
