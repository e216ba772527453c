"""Answers of the query API as JSON, straight from the matrix."""

from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memcpy

from vedette.kernels.floats cimport VALUE_TEXT_MAX, write_seconds, write_value
from vedette.kernels.windows cimport i64

import numpy as np


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


cdef inline bint _sample(Buffer *b, i64 t, double v) noexcept nogil:
    # [1435781451.781,"1"]
    cdef char *p = _room(b, VALUE_TEXT_MAX + 48)
    cdef char *q = p
    if p == NULL:
        return False
    q[0] = c'['
    q += 1
    q += write_seconds(t, q)
    q[0] = c','
    q[1] = c'"'
    q += 2
    q += write_value(v, q)
    q[0] = c'"'
    q[1] = c']'
    b.used += (q + 2) - p
    return True


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
    cdef bint first_row = True, first
    if label_bounds.shape[0] != n + 1 or times.shape[0] != steps or (n and label_bounds[n] > labels.shape[0]):
        raise ValueError("BUG: columns of another shape")
    b.used, b.failed = 0, False
    b.size = <size_t>(256 + labels.shape[0] + 40 * n + 24 * n * steps)
    b.data = <char *>malloc(b.size)
    if b.data == NULL:
        raise MemoryError
    with nogil:
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
                _sample(&b, times[s], values[r, s])
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


def objects(const unsigned char[::1] texts, const i64[::1] text_bounds, const int[:, ::1] members):
    """JSON objects made of ready members: row r has ``{texts[members[0, r]],texts[members[1, r]],...}``, without -1.

    `texts[text_bounds[i]:text_bounds[i + 1]]` is the text of member i. Returns ``(uint8[], int64[rows + 1])``: all the
    objects one after another, and where they begin. Raises `IndexError` for a member that is none.
    """
    cdef Py_ssize_t width = members.shape[0], n = members.shape[1], known = text_bounds.shape[0] - 1, r, k, size
    cdef int at
    cdef bint first, bad = known < 0 or (known >= 0 and text_bounds[known] > texts.shape[0])
    cdef unsigned char *p
    bounds = np.zeros(n + 1, dtype=np.int64)
    cdef i64[::1] ends = bounds
    with nogil:
        for k in range(width):
            for r in range(n):
                at = members[k, r]
                if at < 0:
                    continue
                if at >= known:
                    bad = True
                    break
                ends[r + 1] += text_bounds[at + 1] - text_bounds[at] + 1
    if bad:
        raise IndexError("a member of an object that is not among the texts")
    for r in range(n):
        # A comma less than members; an object without members has none to save.
        ends[r + 1] = ends[r] + (ends[r + 1] + 1 if ends[r + 1] else 2)
    out = np.empty(max(1, ends[n]), dtype=np.uint8)
    cdef unsigned char[::1] o = out
    with nogil:
        for r in range(n):
            p = &o[ends[r]]
            p[0] = c'{'
            p += 1
            first = True
            for k in range(width):
                at = members[k, r]
                if at < 0:
                    continue
                if not first:
                    p[0] = c','
                    p += 1
                first = False
                size = text_bounds[at + 1] - text_bounds[at]
                memcpy(p, &texts[text_bounds[at]], size)
                p += size
            p[0] = c'}'
    return out[: ends[n]], bounds


def samples(const i64[::1] times, const double[::1] values):
    """One series' samples: ``[t,"v"],[t,"v"]``."""
    cdef Py_ssize_t n = values.shape[0], i
    cdef Buffer b
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
            if not _sample(&b, times[i], values[i]):
                break
    try:
        if b.failed:
            raise MemoryError
        return PyBytes_FromStringAndSize(b.data, b.used)
    finally:
        free(b.data)
