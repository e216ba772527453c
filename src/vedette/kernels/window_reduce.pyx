"""Window functions that reduce a window to one number: the `*_over_time` family."""

from libc.math cimport NAN, sqrt
from libc.stdlib cimport free, malloc, qsort

from vedette.kernels.ranks cimport sorted_quantile
from vedette.kernels.windows cimport each_window, fabs, i64, isinf, isnan, kahan_add, window_fn
from vedette.kernels.windows_sliding cimport each_extreme, each_quantile, each_sum


cdef int _by_value(const void *a, const void *b) noexcept nogil:
    # NaN is the smallest value.
    cdef double x = (<const double *>a)[0]
    cdef double y = (<const double *>b)[0]
    if isnan(x):
        return 0 if isnan(y) else -1
    if isnan(y):
        return 1
    return -1 if x < y else (1 if x > y else 0)


cdef double _sum(
    const i64 *ts, const double *v, Py_ssize_t n, i64 start, i64 end, const double *params, unsigned char *present
) noexcept nogil:
    cdef double total = 0.0, lost = 0.0
    cdef Py_ssize_t i
    for i in range(n):
        kahan_add(v[i], &total, &lost)
    return total if isinf(total) else total + lost


cdef double _avg(
    const i64 *ts, const double *v, Py_ssize_t n, i64 start, i64 end, const double *params, unsigned char *present
) noexcept nogil:
    # The plain mean; an overflowing sum turns it into a running mean from there on.
    cdef double total = v[0], lost = 0.0, mean = 0.0, count = 1.0, q, next_total, next_lost
    cdef bint running = False
    cdef Py_ssize_t i
    for i in range(1, n):
        count = <double>(i + 1)
        if not running:
            next_total, next_lost = total, lost
            kahan_add(v[i], &next_total, &next_lost)
            if not isinf(next_total):
                total, lost = next_total, next_lost
                continue
            running = True
            mean = total / (count - 1)
            lost /= count - 1
        q = (count - 1) / count
        mean *= q
        lost *= q
        kahan_add(v[i] / count, &mean, &lost)
    if running:
        return mean + lost
    return total / count + lost / count


cdef double _variance(
    const i64 *ts, const double *v, Py_ssize_t n, i64 start, i64 end, const double *params, unsigned char *present
) noexcept nogil:
    cdef double count = 0.0, mean = 0.0, mean_lost = 0.0, aux = 0.0, aux_lost = 0.0, delta
    cdef Py_ssize_t i
    for i in range(n):
        count += 1
        delta = v[i] - (mean + mean_lost)
        kahan_add(delta / count, &mean, &mean_lost)
        kahan_add(delta * (v[i] - (mean + mean_lost)), &aux, &aux_lost)
    return (aux + aux_lost) / count


cdef double _deviation(
    const i64 *ts, const double *v, Py_ssize_t n, i64 start, i64 end, const double *params, unsigned char *present
) noexcept nogil:
    return sqrt(_variance(ts, v, n, start, end, params, present))


cdef double _count(
    const i64 *ts, const double *v, Py_ssize_t n, i64 start, i64 end, const double *params, unsigned char *present
) noexcept nogil:
    return <double>n


cdef double _first(
    const i64 *ts, const double *v, Py_ssize_t n, i64 start, i64 end, const double *params, unsigned char *present
) noexcept nogil:
    return v[0]


cdef double _last(
    const i64 *ts, const double *v, Py_ssize_t n, i64 start, i64 end, const double *params, unsigned char *present
) noexcept nogil:
    return v[n - 1]


cdef double _present(
    const i64 *ts, const double *v, Py_ssize_t n, i64 start, i64 end, const double *params, unsigned char *present
) noexcept nogil:
    return 1.0


cdef double _mad(
    const i64 *ts, const double *v, Py_ssize_t n, i64 start, i64 end, const double *params, unsigned char *present
) noexcept nogil:
    # The median distance from the median; NaN as soon as one value is.
    cdef double *work = <double *>malloc(n * sizeof(double))
    cdef double middle, result
    cdef Py_ssize_t i
    if work == NULL:
        return NAN
    for i in range(n):
        if isnan(v[i]):
            free(work)
            return NAN
        work[i] = v[i]
    qsort(work, n, sizeof(double), _by_value)
    middle = sorted_quantile(0.5, work, n)
    for i in range(n):
        work[i] = fabs(v[i] - middle)
    qsort(work, n, sizeof(double), _by_value)
    result = sorted_quantile(0.5, work, n)
    free(work)
    return result


cdef double _time_of_first(
    const i64 *ts, const double *v, Py_ssize_t n, i64 start, i64 end, const double *params, unsigned char *present
) noexcept nogil:
    return <double>ts[0] / 1000.0


cdef double _time_of_last(
    const i64 *ts, const double *v, Py_ssize_t n, i64 start, i64 end, const double *params, unsigned char *present
) noexcept nogil:
    return <double>ts[n - 1] / 1000.0


# The functions that see a window at a time; the others slide (windows_sliding.pxd).
cdef window_fn[16] FUNCTIONS
FUNCTIONS[0] = _sum
FUNCTIONS[1] = _avg
FUNCTIONS[2] = _variance
FUNCTIONS[3] = _deviation
FUNCTIONS[4] = NULL
FUNCTIONS[5] = NULL
FUNCTIONS[6] = _count
FUNCTIONS[7] = _first
FUNCTIONS[8] = _last
FUNCTIONS[9] = _present
FUNCTIONS[10] = NULL
FUNCTIONS[11] = _mad
FUNCTIONS[12] = _time_of_first
FUNCTIONS[13] = _time_of_last
FUNCTIONS[14] = NULL
FUNCTIONS[15] = NULL


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

    `kind`: 0 sum, 1 avg, 2 stdvar, 3 stddev, 4 min, 5 max, 6 count, 7 first, 8 last, 9 present, 10 quantile
    (`params[:, 0]`), 11 mad, 12-15 seconds of the first, last, smallest, greatest sample.
    """
    cdef Py_ssize_t rows = out.shape[0], steps = out.shape[1]
    cdef bint done = True
    cdef double nothing = 0.0
    cdef i64 no_time = 0
    cdef const i64 *tp = &ts[0] if ts.shape[0] else &no_time
    cdef const double *vp = &v[0] if v.shape[0] else &nothing
    cdef const double *pp = &params[0, 0] if params.shape[1] else &nothing
    cdef Py_ssize_t width = params.shape[1]
    if rows == 0 or steps == 0:
        return
    if kind < 0 or kind > 15 or (width and params.shape[0] != steps) or (kind == 10 and width != 1):
        raise ValueError("BUG: no such window function, or parameters of another shape")
    with nogil:
        if kind == 0 or kind == 1:
            done = each_sum(
                FUNCTIONS[kind], kind == 1, &offsets[0], rows, tp, vp, first, step, steps, span, &out[0, 0], &present[0, 0]
            )
        elif kind == 4 or kind == 5 or kind >= 14:
            done = each_extreme(
                kind & 1, kind >= 14, &offsets[0], rows, tp, vp, first, step, steps, span, &out[0, 0], &present[0, 0]
            )
        elif kind == 10:
            done = each_quantile(
                &offsets[0], rows, tp, vp, first, step, steps, span, pp, &out[0, 0], &present[0, 0]
            )
        else:
            each_window(
                FUNCTIONS[kind], &offsets[0], rows, tp, vp, first, step, steps, span, pp, width,
                &out[0, 0], &present[0, 0],
            )
    if not done:
        raise MemoryError
