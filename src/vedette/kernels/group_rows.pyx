"""Equal rows of integer columns, found by hashing."""

from libc.stdlib cimport free, malloc
from libc.string cimport memset

from vedette.kernels.windows cimport i64

ctypedef int i32


def group(const i32[:, ::1] columns, i64[::1] groups, i64[::1] firsts):
    """Numbers equal rows 0, 1, ... in order of first appearance; returns how many there are.

    `columns` is [columns, rows]. `groups` ([rows]) gets the number of each row, `firsts` ([rows]) the first row of
    each number.
    """
    cdef Py_ssize_t width = columns.shape[0], rows = columns.shape[1], r, c, found = 0
    cdef unsigned long long h, size = 16, mask, at
    cdef i64 *slots
    cdef i64 candidate
    cdef bint same
    if groups.shape[0] != rows or firsts.shape[0] < rows:
        raise ValueError("BUG: outputs of another size")
    while size < <unsigned long long>rows * 2:
        size *= 2
    mask = size - 1
    slots = <i64 *>malloc(size * sizeof(i64))
    if slots == NULL:
        raise MemoryError
    with nogil:
        memset(slots, 0xFF, size * sizeof(i64))
        for r in range(rows):
            h = 1469598103934665603ULL
            for c in range(width):
                h = (h ^ <unsigned long long><unsigned int>columns[c, r]) * 0x9E3779B97F4A7C15ULL
                h ^= h >> 32
            at = h & mask
            while True:
                candidate = slots[at]
                if candidate < 0:
                    slots[at] = found
                    firsts[found] = r
                    groups[r] = found
                    found += 1
                    break
                same = True
                for c in range(width):
                    if columns[c, r] != columns[c, firsts[candidate]]:
                        same = False
                        break
                if same:
                    groups[r] = candidate
                    break
                at = (at + 1) & mask
    free(slots)
    return found
