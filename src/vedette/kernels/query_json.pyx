"""Answers of the query API as JSON, straight from the matrix."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memcpy

from vedette.kernels.floats cimport VALUE_TEXT_MAX, write_seconds, write_value
from vedette.kernels.windows cimport i64

cdef extern from "Python.h":
    const char *PyUnicode_AsUTF8AndSize(object text, Py_ssize_t *size) except NULL


cdef const char *HEX = b"0123456789abcdef"


cdef struct Buffer:
    char *data
    size_t used
    size_t size
    bint failed


cdef inline char *_room(Buffer *b, size_t extra) noexcept nogil:
    cdef char *grown
    if b.used + extra > b.size:
        b.size = (b.size + extra) * 2
        grown = <char *>realloc(b.data, b.size)
        if grown == NULL:
            b.failed = True
            b.size = 0
            return NULL
        b.data = grown
    return b.data + b.used


cdef inline bint _copy(Buffer *b, const char *text, size_t n) noexcept nogil:
    cdef char *p = _room(b, n)
    if p == NULL:
        return False
    memcpy(p, text, n)
    b.used += n
    return True


cdef struct Stamp:
    # What stands before the value in a sample: [1435781451.781,"
    char[32] text
    int size


cdef inline void _stamp(i64 t, Stamp *out) noexcept nogil:
    cdef char *q = out.text
    q[0] = c'['
    q += 1 + write_seconds(t, q + 1)
    q[0] = c','
    q[1] = c'"'
    out.size = <int>(q + 2 - out.text)


cdef inline bint _sample(Buffer *b, const Stamp *stamp, double v) noexcept nogil:
    # [1435781451.781,"1"]
    cdef char *p = _room(b, VALUE_TEXT_MAX + 48)
    cdef char *q = p
    if p == NULL:
        return False
    memcpy(q, stamp.text, 32)
    q += stamp.size
    q += write_value(v, q)
    q[0] = c'"'
    q[1] = c']'
    b.used += (q + 2) - p
    return True


cdef inline bint _escaped(Buffer *b, const unsigned char *text, Py_ssize_t n) noexcept nogil:
    # UTF-8 within a JSON string: quotes, backslashes and control characters are escaped.
    cdef Py_ssize_t i
    cdef unsigned char c
    cdef char *p = _room(b, 6 * n)
    cdef char *q = p
    if p == NULL:
        return False
    for i in range(n):
        c = text[i]
        if c >= 0x20 and c != c'"' and c != c'\\':
            q[0] = <char>c
            q += 1
            continue
        q[0] = c'\\'
        if c == c'"' or c == c'\\':
            q[1] = <char>c
        elif c == c'\n':
            q[1] = c'n'
        elif c == c'\t':
            q[1] = c't'
        elif c == c'\r':
            q[1] = c'r'
        elif c == 8:
            q[1] = c'b'
        elif c == 12:
            q[1] = c'f'
        else:
            memcpy(q + 1, b"u00", 3)
            q[4] = c'1' if c >= 16 else c'0'
            q[5] = <char>HEX[c & 15]
            q += 4
        q += 2
    b.used += q - p
    return True


cdef struct Cell:
    # The last value of a column, and where its text stands in the buffer.
    int value
    size_t at
    size_t size


def label_sets(list heads, list columns, list strings, list own, int first_own, i64[::1] bounds):
    """The label set of every row as a JSON object; row r's stands from ``bounds[r]`` to ``bounds[r + 1]`` (OUT, [rows + 1]).

    `columns[c]` (``int32[rows]``) are value ids of the label whose JSON name and colon is `heads[c]`; 0 where the row
    lacks the label. Id i means ``strings[i]``, from `first_own` on ``own[i - first_own]``. Bytes of a value that are no
    UTF-8 (surrogate escapes) are shown as U+FFFD. Raises `IndexError` for an id that has no value.
    """
    cdef Py_ssize_t names = len(columns), rows = bounds.shape[0] - 1, row, c, size
    # The store's list may grow meanwhile; what the columns name is in it.
    cdef Py_ssize_t known = len(strings), made_up = len(own)
    cdef const int[:] column
    cdef int value
    cdef const char *text
    cdef bint first
    cdef Buffer b
    cdef Cell *last = NULL
    cdef int *ids = NULL
    cdef bytes head
    if len(heads) != names or rows < 0:
        raise ValueError("BUG: columns of another shape")
    b.used, b.failed = 0, False
    b.size = <size_t>(64 + rows * (2 + 32 * names))
    b.data = <char *>malloc(b.size)
    last = <Cell *>malloc(<size_t>(names + 1) * sizeof(Cell))
    ids = <int *>malloc(<size_t>(names * rows + 1) * sizeof(int))
    try:
        if b.data == NULL or last == NULL or ids == NULL:
            raise MemoryError
        for c in range(names):
            column = columns[c]
            if column.shape[0] != rows:
                raise ValueError("BUG: columns of another shape")
            last[c].value = 0
            for row in range(rows):
                ids[row * names + c] = column[row]
        bounds[0] = 0
        for row in range(rows):
            first = True
            _copy(&b, b"{", 1)
            for c in range(names):
                value = ids[row * names + c]
                if value == 0:
                    continue
                if not first:
                    _copy(&b, b",", 1)
                first = False
                if value == last[c].value:
                    _room(&b, last[c].size)
                    _copy(&b, b.data + last[c].at, last[c].size)
                else:
                    head = heads[c]
                    if 0 < value < known:
                        item = strings[value]
                    elif 0 <= <Py_ssize_t>value - first_own < made_up:
                        item = own[value - first_own]
                    else:
                        raise IndexError(f"BUG: no label value has the id {value}")
                    last[c].value, last[c].at = value, b.used
                    _copy(&b, PyBytes_AS_STRING(head), PyBytes_GET_SIZE(head))
                    _copy(&b, b'"', 1)
                    try:
                        text = PyUnicode_AsUTF8AndSize(item, &size)
                    except UnicodeEncodeError:
                        item = item.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
                        text = PyUnicode_AsUTF8AndSize(item, &size)
                    _escaped(&b, <const unsigned char *>text, size)
                    _copy(&b, b'"', 1)
                    last[c].size = b.used - last[c].at
                if b.failed:
                    raise MemoryError
            _copy(&b, b"}", 1)
            if b.failed:
                raise MemoryError
            bounds[row + 1] = <i64>b.used
        return PyBytes_FromStringAndSize(b.data, b.used)
    finally:
        free(b.data)
        free(last)
        free(ids)


def rows(
    const unsigned char[::1] labels,
    const i64[::1] label_bounds,
    const double[:, ::1] values,
    const unsigned char[:, ::1] present,
    const i64[::1] times,
    bint single,
):
    """The text between the brackets of `result`: every row as ``{"metric":{...},"values":[...]}``.

    `labels[label_bounds[r]:label_bounds[r + 1]]` is the JSON of row r's labels. `single`: one sample a row, written as
    ``"value":[...]``. Rows that are never present are left out.
    """
    cdef Py_ssize_t n = values.shape[0], steps = values.shape[1], r, s
    cdef Buffer b
    cdef Stamp *stamps
    cdef bint first_row = True, first
    if label_bounds.shape[0] != n + 1 or times.shape[0] != steps or (n and label_bounds[n] > labels.shape[0]):
        raise ValueError("BUG: columns of another shape")
    b.used, b.failed = 0, False
    b.size = <size_t>(256 + labels.shape[0] + 40 * n + 24 * n * steps)
    b.data = <char *>malloc(b.size)
    # Times are the same in every row: written once.
    stamps = <Stamp *>malloc(<size_t>(steps + 1) * sizeof(Stamp))
    if b.data == NULL or stamps == NULL:
        free(b.data)
        free(stamps)
        raise MemoryError
    with nogil:
        for s in range(steps):
            _stamp(times[s], &stamps[s])
        for r in range(n):
            first = True
            for s in range(steps):
                if not present[r, s]:
                    continue
                if first:
                    if not first_row:
                        _copy(&b, b",", 1)
                    first_row = False
                    _copy(&b, b'{"metric":', 10)
                    _copy(&b, <const char *>&labels[label_bounds[r]], label_bounds[r + 1] - label_bounds[r])
                    if single:
                        _copy(&b, b',"value":', 9)
                    else:
                        _copy(&b, b',"values":[', 11)
                elif not single:
                    _copy(&b, b",", 1)
                first = False
                _sample(&b, &stamps[s], values[r, s])
                if single:
                    break
            if not first:
                if single:
                    _copy(&b, b"}", 1)
                else:
                    _copy(&b, b"]}", 2)
            if b.failed:
                break
    try:
        if b.failed:
            raise MemoryError
        return PyBytes_FromStringAndSize(b.data, b.used)
    finally:
        free(b.data)
        free(stamps)


def samples(const i64[::1] times, const double[::1] values):
    """One series' samples: ``[t,"v"],[t,"v"]``."""
    cdef Py_ssize_t n = values.shape[0], i
    cdef Buffer b
    cdef Stamp stamp
    if times.shape[0] != n:
        raise ValueError("BUG: columns of another shape")
    b.used, b.failed = 0, False
    b.size = <size_t>(64 + 32 * n)
    b.data = <char *>malloc(b.size)
    if b.data == NULL:
        raise MemoryError
    with nogil:
        for i in range(n):
            if i:
                _copy(&b, b",", 1)
            _stamp(times[i], &stamp)
            if not _sample(&b, &stamp, values[i]):
                break
    try:
        if b.failed:
            raise MemoryError
        return PyBytes_FromStringAndSize(b.data, b.used)
    finally:
        free(b.data)
