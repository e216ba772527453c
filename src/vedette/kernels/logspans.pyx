"""Columns of values that are spans of a buffer: numbering distinct ones, reading numbers."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.string cimport memcmp

cdef double[23] POWERS
POWERS[:] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
]


def number_distinct(
    const uint8_t[::1] buf,  # IN
    const int32_t[::1] starts, const int32_t[::1] ends,  # IN spans; a start of -1 is no value
    const uint8_t[::1] kinds,  # IN spans of kind 2 are never equal to those of other kinds
    int32_t[::1] table,  # SCRATCH a power of two of places, more than there are spans, all -1
    int32_t[::1] out,  # OUT the number of each span's value, 0 for none
    int32_t[::1] first,  # OUT for number n the place of its first span at n - 1; as long as the spans
):
    """Numbers equal spans alike, from 1 in order of appearance, and returns how many there are."""
    cdef Py_ssize_t i, j, length, found = 0, mask = table.shape[0] - 1
    cdef uint64_t h
    cdef int32_t other
    cdef const uint8_t *p
    if buf.shape[0] == 0:
        return 0
    with nogil:
        for i in range(starts.shape[0]):
            if starts[i] < 0:
                out[i] = 0
                continue
            p = &buf[starts[i]]
            length = ends[i] - starts[i]
            h = <uint64_t>0xCBF29CE484222325 ^ <uint64_t>(kinds[i] == 2)
            for j in range(length):
                h = (h ^ p[j]) * <uint64_t>0x100000001B3
            j = <Py_ssize_t>((h ^ (h >> 29)) & <uint64_t>mask)
            while True:
                other = table[j]
                if other < 0:
                    table[j] = <int32_t>i
                    first[found] = <int32_t>i
                    found += 1
                    out[i] = <int32_t>found
                    break
                if (
                    ends[other] - starts[other] == length
                    and (kinds[other] == 2) == (kinds[i] == 2)
                    and memcmp(&buf[starts[other]], p, length) == 0
                ):
                    out[i] = out[other]
                    break
                j = (j + 1) & mask
    return found


cdef inline bint _number(const uint8_t *p, Py_ssize_t length, double *out) noexcept nogil:
    # Exact for at most 15 digits and powers of ten to 22; anything else is left to the caller.
    cdef Py_ssize_t at = 0
    cdef int64_t mantissa = 0
    cdef int digits = 0, point = 0, exponent = 0, sign = 1, seen = 0
    cdef bint negative = False, after = False
    cdef double value
    if at < length and (p[at] == c'-' or p[at] == c'+'):
        negative = p[at] == c'-'
        at += 1
    while at < length and (c'0' <= p[at] <= c'9' or (p[at] == c'.' and not after)):
        if p[at] == c'.':
            after = True
        else:
            if digits or p[at] != c'0':
                digits += 1
            seen += 1
            if digits > 15:
                return False
            mantissa = mantissa * 10 + (p[at] - c'0')
            point += after
        at += 1
    if not seen:
        return False
    if at < length and (p[at] == c'e' or p[at] == c'E'):
        at += 1
        if at < length and (p[at] == c'-' or p[at] == c'+'):
            sign = -1 if p[at] == c'-' else 1
            at += 1
        if at >= length:
            return False
        while at < length and c'0' <= p[at] <= c'9' and exponent < 1000:
            exponent = exponent * 10 + (p[at] - c'0')
            at += 1
    if at != length:
        return False
    exponent = sign * exponent - point
    if exponent > 22 or exponent < -22:
        return False
    value = <double>mantissa
    value = value * POWERS[exponent] if exponent >= 0 else value / POWERS[-exponent]
    out[0] = -value if negative else value
    return True


def read_numbers(
    const uint8_t[::1] buf,  # IN
    const int32_t[::1] starts, const int32_t[::1] ends,  # IN spans; a start of -1 is no value
    const uint8_t[::1] kinds,  # IN spans of kind 2 are not read
    double[::1] out,  # OUT the numbers
    uint8_t[::1] state,  # OUT 0 no value, 1 a number, 2 something else or a number that needs more care
):
    """Reads spans as decimal numbers."""
    cdef Py_ssize_t i
    with nogil:
        for i in range(starts.shape[0]):
            if starts[i] < 0:
                state[i] = 0
            elif kinds[i] != 2 and _number(&buf[starts[i]], ends[i] - starts[i], &out[i]):
                state[i] = 1
            else:
                state[i] = 2
