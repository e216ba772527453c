# The loop that every window function runs in, and the arithmetic they share.
#
# A window ends at `t = first + i * step` and is open on the left: it holds the samples with t - span < ts <= t.
# `offsets`, `ts` and `v` are the columns of a SampleBatch without stale markers; `out` and `present` are
# C-contiguous [rows, steps].

from libc.math cimport INFINITY, NAN, fabs, isinf, isnan

ctypedef long long i64

# One window of n >= 1 samples that reaches from `start` (excluded) to `end` milliseconds. `params` are the numbers
# of this step. Clears `present[0]` when the function has no result.
ctypedef double (*window_fn)(
    const i64 *ts, const double *v, Py_ssize_t n, i64 start, i64 end, const double *params, unsigned char *present
) noexcept nogil


# The first of the samples at..stop that is later than `t`. Scrapes are regular: as many as last time (`gait`) is tried
# first, and only else are samples looked at one by one.
cdef inline Py_ssize_t advance(const i64 *ts, Py_ssize_t at, Py_ssize_t stop, i64 t, Py_ssize_t *gait) noexcept nogil:
    cdef Py_ssize_t next_ = at + gait[0]
    if next_ <= stop and (next_ == at or ts[next_ - 1] <= t) and (next_ == stop or ts[next_] > t):
        return next_
    next_ = at
    while next_ < stop and ts[next_] <= t:
        next_ += 1
    gait[0] = next_ - at
    return next_


cdef inline void each_window(
    window_fn fn,
    const i64 *offsets,       # IN  [rows + 1]
    Py_ssize_t rows,
    const i64 *ts,            # IN  [samples]
    const double *v,          # IN  [samples]
    i64 first,
    i64 step,
    Py_ssize_t steps,
    i64 span,
    const double *params,     # IN  [steps, width]
    Py_ssize_t width,
    double *out,              # OUT [rows, steps]
    unsigned char *present,   # OUT [rows, steps]
) noexcept nogil:
    cdef Py_ssize_t r, s, low, high, stop, in_ = 0, out_ = 0
    cdef i64 t
    for r in range(rows):
        low = offsets[r]
        high = low
        stop = offsets[r + 1]
        for s in range(steps):
            t = first + s * step
            high = advance(ts, high, stop, t, &in_)
            low = advance(ts, low, high, t - span, &out_)
            if high > low:
                present[0] = 1
                out[0] = fn(ts + low, v + low, high - low, t - span, t, params + s * width, present)
            else:
                present[0] = 0
                out[0] = 0.0
            out += 1
            present += 1


cdef inline void kahan_add(double x, double *total, double *lost) noexcept nogil:
    # Neumaier's sum: `lost` gathers what rounding took. An infinite total has lost nothing.
    cdef double t = total[0] + x
    if isinf(t):
        lost[0] = 0.0
    elif fabs(total[0]) >= fabs(x):
        lost[0] += (total[0] - t) + x
    else:
        lost[0] += (x - t) + total[0]
    total[0] = t


cdef inline void two_sum(double x, double *total, double *lost) noexcept nogil:
    # As kahan_add for finite totals, without a branch; `lost` is NaN once a total is not finite.
    cdef double t = total[0] + x
    cdef double part = t - total[0]
    lost[0] += (total[0] - (t - part)) + (x - part)
    total[0] = t
