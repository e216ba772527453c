"""Aggregation over groups of rows: each call adds one batch of rows to the state of their groups.

`groups[r]` is the group of row r; state arrays are [groups, steps]. A state's `counts` tells which cells have been
reached at all.
"""

from libc.math cimport NAN
from libc.stdlib cimport free, malloc

from vedette.kernels.ranks cimport quantile_of
from vedette.kernels.windows cimport i64, isinf, isnan, kahan_add


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


cdef enum:
    # Steps that are gathered at a time: a cache line of values of each row.
    ABREAST = 8


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
    cdef Py_ssize_t groups = bounds.shape[0] - 1, steps = values.shape[1], g, s, i, k, row, size, width
    cdef Py_ssize_t[ABREAST] n
    cdef double *work = <double *>malloc((ABREAST * order.shape[0] + 1) * sizeof(double))
    if work == NULL:
        raise MemoryError
    with nogil:
        for g in range(groups):
            size = bounds[g + 1] - bounds[g]
            s = 0
            while s < steps:
                width = ABREAST if steps - s > ABREAST else steps - s
                for k in range(width):
                    n[k] = 0
                for i in range(bounds[g], bounds[g + 1]):
                    row = order[i]
                    for k in range(width):
                        if present[row, s + k]:
                            work[k * size + n[k]] = values[row, s + k]
                            n[k] += 1
                for k in range(width):
                    reached[g, s + k] = n[k] > 0
                    out[g, s + k] = quantile_of(q[s + k], work + k * size, n[k]) if n[k] else 0.0
                s += width
    free(work)


cdef inline bint _worse(double x, double y, bint greatest) noexcept nogil:
    # NaN is worse than every number, and than NaN.
    return isnan(x) or ((x < y) if greatest else (x > y))


cdef inline void _rise(double *kept, i64 *at, Py_ssize_t i, bint greatest) noexcept nogil:
    # Restores the heap above i: no entry is worse than the one above it, so the worst stands first.
    cdef double x = kept[i]
    cdef i64 row = at[i]
    while i > 0 and _worse(x, kept[(i - 1) // 2], greatest):
        kept[i] = kept[(i - 1) // 2]
        at[i] = at[(i - 1) // 2]
        i = (i - 1) // 2
    kept[i] = x
    at[i] = row


cdef inline void _sink(double *kept, i64 *at, Py_ssize_t n, bint greatest) noexcept nogil:
    # Restores the heap below its top.
    cdef Py_ssize_t i = 0, child
    cdef double x = kept[0]
    cdef i64 row = at[0]
    while 2 * i + 1 < n:
        child = 2 * i + 1
        if child + 1 < n and _worse(kept[child + 1], kept[child], greatest):
            child += 1
        if not _worse(kept[child], x, greatest):
            break
        kept[i] = kept[child]
        at[i] = at[child]
        i = child
    kept[i] = x
    at[i] = row


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

    Which of equal values stay follows from the order in which the heap is worked, which is that of the original.
    """
    cdef Py_ssize_t groups = bounds.shape[0] - 1, steps = values.shape[1], g, s, j, n, want
    cdef i64 *at = <i64 *>malloc((order.shape[0] + 1) * sizeof(i64))
    cdef double *kept = <double *>malloc((order.shape[0] + 1) * sizeof(double))
    cdef double x
    cdef i64 row, i
    if at == NULL or kept == NULL:
        free(at)
        free(kept)
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
                    if n < want:
                        kept[n] = x
                        at[n] = i
                        _rise(kept, at, n, greatest)
                        n += 1
                    elif not isnan(x) and (isnan(kept[0]) or _worse(kept[0], x, greatest)):
                        kept[0] = x
                        at[0] = i
                        _sink(kept, at, n, greatest)
                for j in range(n):
                    chosen[order[at[j]], s] = 1
    free(at)
    free(kept)


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
