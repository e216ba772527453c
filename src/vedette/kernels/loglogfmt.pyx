"""Fields of logfmt lines: finds the values of a few keys in many lines, as `logjson` does for JSON.

A line is odd when a quoted value has escapes that must be read to know whether it is well-formed, or (when strict) when
a pair is malformed.
"""

from libc.stdint cimport int32_t, uint8_t
from libc.string cimport memcmp

cdef enum:
    MAX_NAME = 512
    MAX_TARGETS = 64
    RAW = 3       # as it stands
    TEXT = 1      # quoted, without escapes


cdef inline bint _space(uint8_t c) noexcept nogil:
    return c <= 32


cdef int _name(const uint8_t *p, Py_ssize_t at, Py_ssize_t end, bint as_label, uint8_t *name) noexcept nogil:
    # The key as it is compared with targets: its length, 0 for none, -1 for a doubt.
    cdef int length = 0
    cdef uint8_t c
    if end - at + 2 > MAX_NAME:
        return 0
    if not as_label:
        while at < end:
            name[length] = p[at]
            length += 1
            at += 1
        return length
    if p[at] >= 128 or p[end - 1] >= 128:
        return -1
    if c'0' <= p[at] <= c'9':
        name[0] = c'_'
        length = 1
    while at < end:
        c = p[at]
        at += 1
        if 128 <= c < 192:
            continue
        if not (c'a' <= c <= c'z' or c'A' <= c <= c'Z' or c'0' <= c <= c'9'):
            c = c'_'
        name[length] = c
        length += 1
    return length


cdef bint _line(
    const uint8_t *p, Py_ssize_t at, Py_ssize_t end,
    const uint8_t *names, const int32_t *name_starts, const int32_t *name_ends, int targets,
    bint strict, bint keep_empty, bint as_label,
    int32_t *out_starts, int32_t *out_ends, uint8_t *out_kinds, Py_ssize_t stride,
) noexcept nogil:
    cdef uint8_t[MAX_NAME] name
    cdef Py_ssize_t key, key_end, value, value_end
    cdef uint8_t kind
    cdef int length, t
    cdef bint fault
    while True:
        while at < end and _space(p[at]):
            at += 1
        if at >= end:
            return True
        key = at
        while at < end and not _space(p[at]) and p[at] != c'=' and p[at] != c'"':
            at += 1
        key_end = at
        fault = False
        kind = RAW
        value = value_end = at
        if at < end and (p[at] == c'"' or (p[at] == c'=' and key == key_end)):
            fault = True
        elif at < end and p[at] == c'=':
            at += 1
            value = at
            if at < end and p[at] == c'"':
                kind = TEXT
                at += 1
                value = at
                while at < end and p[at] != c'"':
                    if p[at] == c'\\':
                        return False
                    at += 1
                if at >= end:
                    return not strict
                value_end = at
                at += 1
            else:
                while at < end and not _space(p[at]) and p[at] != c'=' and p[at] != c'"':
                    at += 1
                value_end = at
                fault = at < end and not _space(p[at])
        if fault:
            if strict:
                return False
            while at < end and not _space(p[at]):
                at += 1
            continue
        if key == key_end or (value == value_end and not keep_empty):
            continue
        length = _name(p, key, key_end, as_label, name)
        if length < 0:
            return False
        for t in range(targets):
            if (
                out_starts[t * stride] < 0
                and name_ends[t] - name_starts[t] == length
                and memcmp(names + name_starts[t], name, length) == 0
            ):
                out_starts[t * stride] = <int32_t>value
                out_ends[t * stride] = <int32_t>value_end
                out_kinds[t * stride] = kind


def extract(
    const uint8_t[::1] buf, const int32_t[::1] starts, const int32_t[::1] ends,  # IN lines
    const int32_t[::1] rows,  # IN
    const uint8_t[::1] names,  # IN keys, one after another, at least one byte
    const int32_t[::1] name_starts, const int32_t[::1] name_ends,  # IN at most 64
    bint strict, bint keep_empty,
    bint as_label,  # names are label names made of keys; otherwise keys themselves
    int32_t[:, ::1] out_starts, int32_t[:, ::1] out_ends,  # OUT [names, rows]: where the value is, -1 for none
    uint8_t[:, ::1] out_kinds,  # OUT [names, rows]: 1 quoted text, 3 as it stands
    uint8_t[::1] clean,  # OUT [rows]: 1 when what was found is all there is to know
):
    """Finds the first value of each of `names` in the lines `rows`."""
    cdef Py_ssize_t i, count = rows.shape[0]
    if count == 0 or name_starts.shape[0] == 0 or name_starts.shape[0] > MAX_TARGETS:
        return
    out_starts[:, :] = -1
    with nogil:
        for i in range(count):
            clean[i] = _line(
                &buf[0], starts[rows[i]], ends[rows[i]],
                &names[0], &name_starts[0], &name_ends[0], <int>name_starts.shape[0],
                strict, keep_empty, as_label,
                &out_starts[0, i], &out_ends[0, i], &out_kinds[0, i], count,
            )
