# Window functions whose answer follows from the window before: each sample enters once and leaves once, however long
# the windows are. The loops and their arguments are those of `each_window` (windows.pxd).

from libc.math cimport NAN, fabs, isinf, isnan
from libc.stdlib cimport free, malloc
from libc.string cimport memmove

from vedette.kernels.ranks cimport sorted_quantile
from vedette.kernels.windows cimport i64, two_sum, window_fn


cdef inline Py_ssize_t longest_row(const i64 *offsets, Py_ssize_t rows) noexcept nogil:
    cdef Py_ssize_t r, longest = 1
    for r in range(rows):
        if offsets[r + 1] - offsets[r] > longest:
            longest = offsets[r + 1] - offsets[r]
    return longest


cdef inline bint each_extreme(
    bint greatest, bint when,
    const i64 *offsets, Py_ssize_t rows, const i64 *ts, const double *v,
    i64 first, i64 step, Py_ssize_t steps, i64 span, double *out, unsigned char *present,
) noexcept nogil:
    # The smallest or greatest value, NaN when there is nothing else; with `when` the seconds of the newest of them.
    # False without memory.
    #
    # `best` holds the samples that are not beaten by a later one: the first is the answer.
    cdef Py_ssize_t *best = <Py_ssize_t *>malloc(longest_row(offsets, rows) * sizeof(Py_ssize_t))
    cdef Py_ssize_t r, s, low, high, stop, head, tail
    cdef double x, y
    cdef i64 t
    if best == NULL:
        return False
    for r in range(rows):
        low = offsets[r]
        high = low
        stop = offsets[r + 1]
        head = 0
        tail = 0
        for s in range(steps):
            t = first + s * step
            while high < stop and ts[high] <= t:
                x = v[high]
                if not isnan(x):
                    while tail > head:
                        y = v[best[tail - 1]]
                        # Of equal values the first one counts, of their times the last one.
                        if (x > y if greatest else x < y) or (when and x == y):
                            tail -= 1
                        else:
                            break
                    best[tail] = high
                    tail += 1
                high += 1
            while low < high and ts[low] <= t - span:
                low += 1
            while head < tail and best[head] < low:
                head += 1
            if head == tail:
                head = 0
                tail = 0
            present[0] = high > low
            if high == low:
                out[0] = 0.0
            elif when:
                out[0] = <double>ts[best[head] if head < tail else high - 1] / 1000.0
            else:
                out[0] = v[best[head]] if head < tail else NAN
            out += 1
            present += 1
    free(best)
    return True


cdef inline bint each_sum(
    window_fn whole, bint mean,
    const i64 *offsets, Py_ssize_t rows, const i64 *ts, const double *v,
    i64 first, i64 step, Py_ssize_t steps, i64 span, double *out, unsigned char *present,
) noexcept nogil:
    # The compensated sum, or its mean. A window is the samples before `turn`, whose sums from each of them on are
    # known, and those after it, which are added up: nothing is ever subtracted, so what has left leaves no trace.
    # `whole` computes a window whose sum is not finite, or might not be on the way: sample by sample it may overflow
    # where parts do not; and one in which nearly everything cancels out, as what is left then depends on the order.
    # False without memory.
    cdef Py_ssize_t longest = longest_row(offsets, rows)
    cdef double *sums = <double *>malloc(3 * longest * sizeof(double))
    cdef double *losses = sums + longest
    cdef double *sizes = losses + longest  # sums of absolute values
    cdef Py_ssize_t r, s, k, begin, low, high, stop, turn, huge
    cdef double total, lost, size, sum_, loss
    cdef i64 t
    if sums == NULL:
        return False
    for r in range(rows):
        begin = offsets[r]
        low = begin
        high = begin
        turn = begin
        huge = begin - 1
        stop = offsets[r + 1]
        total = 0.0
        lost = 0.0
        size = 0.0
        for s in range(steps):
            t = first + s * step
            while high < stop and ts[high] <= t:
                two_sum(v[high], &total, &lost)
                size += fabs(v[high])
                if fabs(v[high]) > 1e290:
                    huge = high
                high += 1
            while low < high and ts[low] <= t - span:
                low += 1
            if high == low:
                present[0] = 0
                out[0] = 0.0
            else:
                if low >= turn:
                    # Everything before the turn has left: turn at the newest sample.
                    sum_ = 0.0
                    loss = 0.0
                    size = 0.0
                    k = high
                    while k > low:
                        k -= 1
                        two_sum(v[k], &sum_, &loss)
                        size += fabs(v[k])
                        sums[k - begin] = sum_
                        losses[k - begin] = loss
                        sizes[k - begin] = size
                    turn = high
                    total = 0.0
                    lost = 0.0
                    size = 0.0
                sum_ = sums[low - begin]
                loss = losses[low - begin] + lost
                two_sum(total, &sum_, &loss)
                present[0] = 1
                if (
                    huge >= low
                    or isnan(sum_ + loss)
                    or isinf(sum_ + loss)
                    or fabs(sum_ + loss) < 1e-10 * (sizes[low - begin] + size)
                ):
                    out[0] = whole(ts + low, v + low, high - low, t - span, t, NULL, present)
                elif mean:
                    out[0] = sum_ / <double>(high - low) + loss / <double>(high - low)
                else:
                    out[0] = sum_ + loss
            out += 1
            present += 1
    free(sums)
    return True


cdef inline Py_ssize_t place(const double *sorted_, Py_ssize_t n, double x) noexcept nogil:
    # Where `x` stands or belongs among sorted numbers (NaN is the smallest): the first that is not smaller.
    cdef Py_ssize_t low = 0, high = n, middle
    if isnan(x):
        return 0
    while low < high:
        middle = (low + high) >> 1
        if sorted_[middle] < x or isnan(sorted_[middle]):
            low = middle + 1
        else:
            high = middle
    return low


cdef inline bint each_quantile(
    const i64 *offsets, Py_ssize_t rows, const i64 *ts, const double *v,
    i64 first, i64 step, Py_ssize_t steps, i64 span, const double *q, double *out, unsigned char *present,
) noexcept nogil:
    # The `q[step]` quantile; the window is kept sorted. False without memory.
    cdef double *work = <double *>malloc(longest_row(offsets, rows) * sizeof(double))
    cdef Py_ssize_t r, s, low, high, stop, n, at
    cdef i64 t
    if work == NULL:
        return False
    for r in range(rows):
        low = offsets[r]
        high = low
        stop = offsets[r + 1]
        n = 0
        for s in range(steps):
            t = first + s * step
            while low < high and ts[low] <= t - span:
                at = place(work, n, v[low])
                n -= 1
                memmove(work + at, work + at + 1, (n - at) * sizeof(double))
                low += 1
            while high < stop and ts[high] <= t:
                if ts[high] <= t - span:
                    # Between two windows: in none of them.
                    low += 1
                else:
                    at = place(work, n, v[high])
                    memmove(work + at + 1, work + at, (n - at) * sizeof(double))
                    work[at] = v[high]
                    n += 1
                high += 1
            present[0] = n > 0
            out[0] = sorted_quantile(q[s], work, n) if n else 0.0
            out += 1
            present += 1
    free(work)
    return True
