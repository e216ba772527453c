# Quantiles: of numbers that are sorted, and of numbers that need not be for the two that count.

from libc.math cimport INFINITY, NAN, floor, isnan
from libc.stdlib cimport qsort

cdef extern from *:
    """
    static int vedette_ascending(const void *a, const void *b) {
        double x = *(const double *)a, y = *(const double *)b;
        return x < y ? -1 : x > y;
    }
    """
    int vedette_ascending(const void *a, const void *b) noexcept nogil


cdef inline double sorted_quantile(double q, const double *v, Py_ssize_t n) noexcept nogil:
    # `v` is sorted, n >= 1.
    cdef double rank, weight
    cdef Py_ssize_t lower, upper
    if isnan(q):
        return NAN
    if q < 0:
        return -INFINITY
    if q > 1:
        return INFINITY
    rank = q * <double>(n - 1)
    lower = <Py_ssize_t>floor(rank)
    upper = lower + 1 if lower + 1 < n else n - 1
    weight = rank - floor(rank)
    return v[lower] * (1 - weight) + v[upper] * weight


cdef inline void bring_to_place(double *v, Py_ssize_t n, Py_ssize_t k) noexcept nogil:
    # Reorders the numbers (no NaN) so that v[k] is what sorting would put there, smaller ones before and greater after.
    cdef Py_ssize_t low = 0, high = n - 1, i, j
    cdef double pivot, x
    cdef int patience = 64
    while low < high:
        patience -= 1
        if patience == 0:
            # An order made to be hard: sort what is left.
            qsort(v + low, high - low + 1, sizeof(double), vedette_ascending)
            return
        i = (low + high) >> 1
        # The middle one of three as the pivot.
        if v[i] < v[low]:
            v[i], v[low] = v[low], v[i]
        if v[high] < v[low]:
            v[high], v[low] = v[low], v[high]
        if v[high] < v[i]:
            v[high], v[i] = v[i], v[high]
        pivot = v[i]
        i = low
        j = high
        while i <= j:
            while v[i] < pivot:
                i += 1
            while v[j] > pivot:
                j -= 1
            if i <= j:
                x = v[i]
                v[i] = v[j]
                v[j] = x
                i += 1
                j -= 1
        if k <= j:
            high = j
        elif k >= i:
            low = i
        else:
            return


cdef inline double quantile_of(double q, double *v, Py_ssize_t n) noexcept nogil:
    # The quantile of n >= 1 numbers, which get another order. NaN is the smallest number.
    cdef double rank, weight, at_lower, at_upper
    cdef Py_ssize_t lower, upper, i, nans = 0
    if isnan(q):
        return NAN
    if q < 0:
        return -INFINITY
    if q > 1:
        return INFINITY
    for i in range(n):
        if isnan(v[i]):
            v[i] = v[nans]
            v[nans] = NAN
            nans += 1
    rank = q * <double>(n - 1)
    lower = <Py_ssize_t>rank
    upper = lower + 1 if lower + 1 < n else n - 1
    weight = rank - <double>lower
    if lower < nans:
        return NAN
    bring_to_place(v + nans, n - nans, lower - nans)
    at_lower = v[lower]
    at_upper = at_lower
    if upper > lower:
        at_upper = v[upper]
        for i in range(upper + 1, n):
            if v[i] < at_upper:
                at_upper = v[i]
    return at_lower * (1 - weight) + at_upper * weight
