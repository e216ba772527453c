"""Aggregation over groups of rows: each call adds one batch of rows to the state of their groups.

`groups[r]` is the group of row r; state arrays are [groups, steps]. A state's `counts` tells which cells have been
reached at all.
"""

from libc.math cimport INFINITY, NAN
from libc.stdlib cimport free, malloc, qsort

from vedette.kernels.windows cimport i64, isinf, isnan, kahan_add


cdef extern from *:
    """
    static int vedette_by_value(const void *a, const void *b) {
        double x = *(const double *)a, y = *(const double *)b;
        if (x != x) return y != y ? 0 : -1;
        if (y != y) return 1;
        return x < y ? -1 : (x > y ? 1 : 0);
    }
    """
    int vedette_by_value(const void *a, const void *b) noexcept nogil


def add_sum(
    const double[:, ::1] values,
    const unsigned char[:, ::1] present,
    const i64[::1] groups,
    double[:, ::1] totals,
    double[:, ::1] lost,
    double[:, ::1] counts,
):
    cdef Py_ssize_t rows = values.shape[0], steps = values.shape[1], r, s, g
    with nogil:
        for r in range(rows):
            g = groups[r]
            for s in range(steps):
                if present[r, s]:
                    kahan_add(values[r, s], &totals[g, s], &lost[g, s])
                    counts[g, s] += 1


def add_avg(
    const double[:, ::1] values,
    const unsigned char[:, ::1] present,
    const i64[::1] groups,
    double[:, ::1] totals,
    double[:, ::1] lost,
    double[:, ::1] counts,
    unsigned char[:, ::1] running,
):
    """The sum, until it overflows; from then on `totals` holds the running mean."""
    cdef Py_ssize_t rows = values.shape[0], steps = values.shape[1], r, s, g
    cdef double total, gone, n, q, x
    with nogil:
        for r in range(rows):
            g = groups[r]
            for s in range(steps):
                if not present[r, s]:
                    continue
                x = values[r, s]
                counts[g, s] += 1
                n = counts[g, s]
                if n == 1:
                    totals[g, s] = x
                    continue
                if not running[g, s]:
                    total, gone = totals[g, s], lost[g, s]
                    kahan_add(x, &total, &gone)
                    if not isinf(total):
                        totals[g, s], lost[g, s] = total, gone
                        continue
                    running[g, s] = 1
                    totals[g, s] /= n - 1
                    lost[g, s] /= n - 1
                q = (n - 1) / n
                totals[g, s] *= q
                lost[g, s] *= q
                kahan_add(x / n, &totals[g, s], &lost[g, s])


def add_count(
    const unsigned char[:, ::1] present,
    const i64[::1] groups,
    double[:, ::1] counts,
):
    cdef Py_ssize_t rows = present.shape[0], steps = present.shape[1], r, s, g
    with nogil:
        for r in range(rows):
            g = groups[r]
            for s in range(steps):
                counts[g, s] += present[r, s]


def add_extreme(
    const double[:, ::1] values,
    const unsigned char[:, ::1] present,
    const i64[::1] groups,
    bint greatest,
    double[:, ::1] best,
    double[:, ::1] counts,
):
    """The smallest or greatest value; NaN only when there is nothing else."""
    cdef Py_ssize_t rows = values.shape[0], steps = values.shape[1], r, s, g
    cdef double x
    with nogil:
        for r in range(rows):
            g = groups[r]
            for s in range(steps):
                if not present[r, s]:
                    continue
                x = values[r, s]
                if counts[g, s] == 0 or isnan(best[g, s]):
                    best[g, s] = x
                elif (x > best[g, s]) if greatest else (x < best[g, s]):
                    best[g, s] = x
                counts[g, s] += 1


def add_variance(
    const double[:, ::1] values,
    const unsigned char[:, ::1] present,
    const i64[::1] groups,
    double[:, ::1] means,
    double[:, ::1] means_lost,
    double[:, ::1] squares,
    double[:, ::1] squares_lost,
    double[:, ::1] counts,
):
    """Welford's sums with compensation; the variance is ``(squares + squares_lost) / counts``."""
    cdef Py_ssize_t rows = values.shape[0], steps = values.shape[1], r, s, g
    cdef double x, delta
    with nogil:
        for r in range(rows):
            g = groups[r]
            for s in range(steps):
                if not present[r, s]:
                    continue
                x = values[r, s]
                counts[g, s] += 1
                if isnan(x) or isinf(x):
                    squares[g, s] = NAN
                delta = x - (means[g, s] + means_lost[g, s])
                kahan_add(delta / counts[g, s], &means[g, s], &means_lost[g, s])
                kahan_add(
                    delta * (x - (means[g, s] + means_lost[g, s])), &squares[g, s], &squares_lost[g, s]
                )


def quantile(
    const double[:, ::1] values,
    const unsigned char[:, ::1] present,
    const i64[::1] order,
    const i64[::1] bounds,
    const double[::1] q,
    double[:, ::1] out,
    unsigned char[:, ::1] reached,
):
    """Quantile `q[step]` of each group. `order[bounds[g]:bounds[g + 1]]` are the rows of group g."""
    cdef Py_ssize_t groups = bounds.shape[0] - 1, steps = values.shape[1], g, s, i, n
    cdef Py_ssize_t lower, upper
    cdef double rank, weight
    cdef double *work = <double *>malloc((order.shape[0] + 1) * sizeof(double))
    if work == NULL:
        raise MemoryError
    with nogil:
        for g in range(groups):
            for s in range(steps):
                n = 0
                for i in range(bounds[g], bounds[g + 1]):
                    if present[order[i], s]:
                        work[n] = values[order[i], s]
                        n += 1
                reached[g, s] = n > 0
                out[g, s] = 0.0
                if n == 0:
                    continue
                if isnan(q[s]):
                    out[g, s] = NAN
                elif q[s] < 0:
                    out[g, s] = -INFINITY
                elif q[s] > 1:
                    out[g, s] = INFINITY
                else:
                    qsort(work, n, sizeof(double), vedette_by_value)
                    rank = q[s] * <double>(n - 1)
                    lower = <Py_ssize_t>rank
                    upper = lower + 1 if lower + 1 < n else n - 1
                    weight = rank - <double>lower
                    out[g, s] = work[lower] * (1 - weight) + work[upper] * weight
    free(work)


def top(
    const double[:, ::1] values,
    const unsigned char[:, ::1] present,
    const i64[::1] order,
    const i64[::1] bounds,
    const i64[::1] k,
    bint greatest,
    unsigned char[:, ::1] chosen,
):
    """Marks the `k[step]` greatest (or smallest) values of each group and step; NaN only when nothing else is left.

    Of equal values the ones that come first in `order` stay.
    """
    cdef Py_ssize_t groups = bounds.shape[0] - 1, steps = values.shape[1], g, s, i, j, n, want
    cdef i64 *heap = <i64 *>malloc((order.shape[0] + 1) * sizeof(i64))
    cdef double x, y
    cdef i64 row
    if heap == NULL:
        raise MemoryError
    with nogil:
        for g in range(groups):
            for s in range(steps):
                want = k[s]
                n = 0
                if want < 1:
                    continue
                for i in range(bounds[g], bounds[g + 1]):
                    row = order[i]
                    if not present[row, s]:
                        continue
                    x = values[row, s]
                    if n == want:
                        # The worst stands last.
                        y = values[heap[n - 1], s]
                        if isnan(x) or not (isnan(y) or ((x > y) if greatest else (x < y))):
                            continue
                        n -= 1
                    j = n
                    while j > 0:
                        y = values[heap[j - 1], s]
                        if isnan(x) or not (isnan(y) or ((x > y) if greatest else (x < y))):
                            break
                        heap[j] = heap[j - 1]
                        j -= 1
                    heap[j] = row
                    n += 1
                for i in range(n):
                    chosen[heap[i], s] = 1
    free(heap)


def limit(
    const unsigned char[:, ::1] present,
    const i64[::1] order,
    const i64[::1] bounds,
    const i64[::1] k,
    unsigned char[:, ::1] chosen,
):
    """Marks the first `k[step]` present rows of each group, in `order`."""
    cdef Py_ssize_t groups = bounds.shape[0] - 1, steps = present.shape[1], g, s, i, n
    with nogil:
        for g in range(groups):
            for s in range(steps):
                n = 0
                for i in range(bounds[g], bounds[g + 1]):
                    if n >= k[s]:
                        break
                    if present[order[i], s]:
                        chosen[order[i], s] = 1
                        n += 1
