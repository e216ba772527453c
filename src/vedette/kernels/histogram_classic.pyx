"""Quantiles and fractions of classic histograms: groups of cumulative buckets, one row a bucket.

Rows `order[bounds[g]:bounds[g + 1]]` are the buckets of group g by rising upper bound `upper[row]`; a bucket that is
not present at a step does not exist there.
"""

from libc.math cimport INFINITY, NAN, fabs, isinf, isnan
from libc.stdlib cimport free, malloc

from vedette.kernels.windows cimport i64

cdef double TOLERANCE = 1e-12
cdef double SMALLEST_NORMAL = 2.2250738585072014e-308


cdef inline bint _almost_equal(double a, double b) noexcept nogil:
    cdef double total, difference
    if a == b or (isnan(a) and isnan(b)):
        return True
    total = fabs(a) + fabs(b)
    difference = fabs(a - b)
    if a == 0 or b == 0 or total < SMALLEST_NORMAL:
        return difference < TOLERANCE * SMALLEST_NORMAL
    return difference / (total if total < 1.7976931348623157e308 else 1.7976931348623157e308) < TOLERANCE


cdef Py_ssize_t _collect(
    const double[:, ::1] values, const unsigned char[:, ::1] present, const i64[::1] order, Py_ssize_t begin,
    Py_ssize_t stop, const double[::1] upper, Py_ssize_t s, double *bound, double *count,
) noexcept nogil:
    # The buckets of one group at one step; equal bounds are added together.
    cdef Py_ssize_t i, n = 0
    cdef i64 row
    for i in range(begin, stop):
        row = order[i]
        if not present[row, s]:
            continue
        if n and bound[n - 1] == upper[row]:
            count[n - 1] += values[row, s]
        else:
            bound[n] = upper[row]
            count[n] = values[row, s]
            n += 1
    return n


def quantile(
    const double[:, ::1] values,
    const unsigned char[:, ::1] present,
    const i64[::1] order,
    const i64[::1] bounds,
    const double[::1] upper,
    const double[::1] q,
    double[:, ::1] out,
    unsigned char[:, ::1] reached,
    double[:, :, ::1] forced,
):
    """Quantile `q[step]` of each group.

    `forced` ([groups, steps, 3]) gets lowest bound, highest bound and largest difference where counts had to be made
    monotonic, and a difference of 0 elsewhere.
    """
    cdef Py_ssize_t groups = bounds.shape[0] - 1, steps = values.shape[1], g, s, i, n, b
    cdef double *bound = <double *>malloc((order.shape[0] + 1) * sizeof(double))
    cdef double *count = <double *>malloc((order.shape[0] + 1) * sizeof(double))
    cdef double before, rank, start, inside
    if bound == NULL or count == NULL:
        free(bound)
        free(count)
        raise MemoryError
    with nogil:
        for g in range(groups):
            for s in range(steps):
                n = _collect(values, present, order, bounds[g], bounds[g + 1], upper, s, bound, count)
                reached[g, s] = n > 0
                out[g, s] = NAN
                forced[g, s, 2] = 0.0
                if n == 0 or isnan(q[s]):
                    continue
                if q[s] < 0:
                    out[g, s] = -INFINITY
                    continue
                if q[s] > 1:
                    out[g, s] = INFINITY
                    continue
                if not (isinf(bound[n - 1]) and bound[n - 1] > 0):
                    continue
                before = count[0]
                for i in range(1, n):
                    if count[i] == before:
                        continue
                    if _almost_equal(before, count[i]):
                        count[i] = before
                        continue
                    if count[i] < before:
                        if forced[g, s, 2] == 0.0:
                            forced[g, s, 0] = bound[i]
                        forced[g, s, 1] = bound[i]
                        if before - count[i] > forced[g, s, 2]:
                            forced[g, s, 2] = before - count[i]
                        count[i] = before
                        continue
                    before = count[i]
                if n < 2 or count[n - 1] == 0:
                    continue
                rank = q[s] * count[n - 1]
                b = 0
                while b < n - 1 and not count[b] >= rank:
                    b += 1
                if b == n - 1:
                    out[g, s] = bound[n - 2]
                elif b == 0 and bound[0] <= 0:
                    out[g, s] = bound[0]
                else:
                    start = 0.0
                    inside = count[b]
                    if b > 0:
                        start = bound[b - 1]
                        inside -= count[b - 1]
                        rank -= count[b - 1]
                    out[g, s] = start + (bound[b] - start) * (rank / inside)
    free(bound)
    free(count)


cdef inline double _at(double v, double low, double high, double rank, double count) noexcept nogil:
    # The rank at v inside a bucket, observations spread evenly; an endless bucket has them all at its endless side.
    if isinf(high):
        return rank
    if isinf(low):
        return count
    return rank + (count - rank) * (v - low) / (high - low)


def fraction(
    const double[:, ::1] values,
    const unsigned char[:, ::1] present,
    const i64[::1] order,
    const i64[::1] bounds,
    const double[::1] upper,
    const double[::1] lowest,
    const double[::1] highest,
    double[:, ::1] out,
    unsigned char[:, ::1] reached,
):
    """The part of observations between `lowest[step]` and `highest[step]`."""
    cdef Py_ssize_t groups = bounds.shape[0] - 1, steps = values.shape[1], g, s, i, n
    cdef double *bound = <double *>malloc((order.shape[0] + 1) * sizeof(double))
    cdef double *count = <double *>malloc((order.shape[0] + 1) * sizeof(double))
    cdef double low, rank, low_rank, high_rank, total
    cdef bint low_set, high_set
    if bound == NULL or count == NULL:
        free(bound)
        free(count)
        raise MemoryError
    with nogil:
        for g in range(groups):
            for s in range(steps):
                n = _collect(values, present, order, bounds[g], bounds[g + 1], upper, s, bound, count)
                reached[g, s] = n > 0
                out[g, s] = NAN
                if n == 0 or not (isinf(bound[n - 1]) and bound[n - 1] > 0):
                    continue
                total = count[n - 1]
                if total == 0 or isnan(lowest[s]) or isnan(highest[s]):
                    continue
                if lowest[s] >= highest[s]:
                    out[g, s] = 0.0
                    continue
                rank = 0.0
                low_rank = high_rank = total
                low_set = high_set = False
                for i in range(n):
                    if i > 0:
                        low = bound[i - 1]
                    else:
                        low = 0.0 if bound[0] > 0 else -INFINITY
                    if not low_set and low >= lowest[s]:
                        low_rank, low_set = rank, True
                    if not high_set and low >= highest[s]:
                        high_rank, high_set = rank, True
                    if not low_set and bound[i] > lowest[s]:
                        low_rank, low_set = _at(lowest[s], low, bound[i], rank, count[i]), True
                    if not high_set and bound[i] > highest[s]:
                        high_rank, high_set = _at(highest[s], low, bound[i], rank, count[i]), True
                    if low_set and high_set:
                        break
                    rank = count[i]
                if low_rank > total:
                    low_rank = total
                if high_rank > total:
                    high_rank = total
                out[g, s] = (high_rank - low_rank) / total
    free(bound)
    free(count)
