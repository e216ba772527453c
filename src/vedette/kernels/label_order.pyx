"""The order of a few label sets."""

from libc.stdlib cimport free, malloc
from libc.string cimport memmove

from vedette.kernels.windows cimport i64


cdef extern from "Python.h":
    int PyUnicode_Compare(object left, object right) except? -1


cdef object _text(list strings, list own, Py_ssize_t first_own, Py_ssize_t value):
    if 0 < value < len(strings):
        return strings[value]
    if 0 <= value - first_own < len(own):
        return own[value - first_own]
    raise IndexError(f"BUG: no label value has the id {value}")


cdef bint _before(
    const int *left, const int *right, Py_ssize_t names, list strings, list own, Py_ssize_t first_own
) except -1:
    # Whether the label set `left` comes before `right`, which is not equal: pair by pair, a prefix before what it begins.
    cdef Py_ssize_t c, k
    cdef int order
    for c in range(names):
        if left[c] == right[c]:
            continue
        if left[c] == 0 or right[c] == 0:
            # Who lacks this label goes on with a later name, or has ended.
            for k in range(c + 1, names):
                if (left if left[c] == 0 else right)[k] != 0:
                    return right[c] == 0
            return left[c] == 0
        order = PyUnicode_Compare(
            _text(strings, own, first_own, left[c]), _text(strings, own, first_own, right[c])
        )
        if order:
            return order < 0
    return False


def order(list columns, list strings, list own, int first_own, i64[::1] out):
    """Row numbers in the order of the label sets (OUT); equal ones keep theirs.

    `columns` (``int32[rows]`` each) are value ids of the labels, by ascending name, as `query_json.label_sets` takes
    them. Made for few rows: the time grows with their square. Raises `IndexError` for an id that has no value.
    """
    cdef Py_ssize_t names = len(columns), rows = out.shape[0], row, c, low, high, middle
    cdef const int[:] column
    cdef int *ids = <int *>malloc(<size_t>(names * rows + 1) * sizeof(int))
    if ids == NULL:
        raise MemoryError
    try:
        for c in range(names):
            column = columns[c]
            if column.shape[0] != rows:
                raise ValueError("BUG: columns of another shape")
            for row in range(rows):
                ids[row * names + c] = column[row]
        for row in range(rows):
            low, high = 0, row
            while low < high:
                middle = (low + high) // 2
                if _before(ids + row * names, ids + out[middle] * names, names, strings, own, first_own):
                    high = middle
                else:
                    low = middle + 1
            if low < row:
                memmove(&out[low + 1], &out[low], <size_t>(row - low) * sizeof(i64))
            out[low] = row
    finally:
        free(ids)
