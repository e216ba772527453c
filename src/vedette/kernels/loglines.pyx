"""Lines of a block as columns: find a needle, copy chosen lines, drop duplicates, filter of words.

A block is one buffer in which each line is followed by a line end; line `i` is ``buf[starts[i]:ends[i]]``. Lines may
hold line ends themselves. Rows are line numbers in ascending order. Callers guarantee that starts and ends lie within
the buffer; nothing here trusts the bytes themselves.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memchr, memcmp, memcpy

cdef extern from "string.h" nogil:
    void *memmem(const void *haystack, size_t haystacklen, const void *needle, size_t needlelen)


cdef Py_ssize_t _contains(
    const uint8_t *buf, Py_ssize_t size, const int32_t *starts, const int32_t *ends,
    const int32_t *rows, Py_ssize_t count, const uint8_t *needle, Py_ssize_t length, int32_t *out,
) noexcept nogil:
    # One search runs over the gap to the next occurrence, however many lines that skips.
    cdef Py_ssize_t i = 0, found = 0, at, hit
    cdef const uint8_t *p
    while i < count:
        at = starts[rows[i]]
        if at + length > size:
            break
        p = <const uint8_t *>memmem(buf + at, size - at, needle, length)
        if p == NULL:
            break
        hit = p - buf
        while i < count and ends[rows[i]] < hit + length:
            i += 1
        if i >= count:
            break
        if starts[rows[i]] <= hit:
            out[found] = rows[i]
            found += 1
            i += 1
    return found


def contains(
    const uint8_t[::1] buf, const int32_t[::1] starts, const int32_t[::1] ends,  # IN lines
    const int32_t[::1] rows,  # IN ascending
    const uint8_t[::1] needle,  # IN at least one byte
    int32_t[::1] out,  # OUT rows that contain the needle, ascending; as long as rows
):
    """Writes the rows whose line contains `needle` to `out` and returns how many there are."""
    cdef Py_ssize_t n = 0
    if rows.shape[0] == 0 or buf.shape[0] == 0:
        return 0
    with nogil:
        n = _contains(
            &buf[0], buf.shape[0], &starts[0], &ends[0], &rows[0], rows.shape[0], &needle[0], needle.shape[0], &out[0]
        )
    return n


cdef inline uint8_t _lower(uint8_t c) noexcept nogil:
    return c + 32 if c'A' <= c <= c'Z' else c


def contains_folded(
    const uint8_t[::1] buf, const int32_t[::1] starts, const int32_t[::1] ends,  # IN lines
    const int32_t[::1] rows,  # IN ascending
    const uint8_t[::1] needle,  # IN lower case ASCII, at least one byte
    int32_t[::1] out,  # OUT rows
):
    """Like `contains`, without regard to the case of ASCII letters."""
    cdef Py_ssize_t found = 0, i, j, k, length = needle.shape[0]
    cdef int32_t row
    cdef uint8_t first = needle[0] if length else 0, upper
    cdef const uint8_t *p
    if rows.shape[0] == 0 or buf.shape[0] == 0:
        return 0
    upper = first - 32 if c'a' <= first <= c'z' else first
    p = &buf[0]
    with nogil:
        for i in range(rows.shape[0]):
            row = rows[i]
            for j in range(starts[row], ends[row] - length + 1):
                if p[j] != first and p[j] != upper:
                    continue
                k = 1
                while k < length and _lower(p[j + k]) == needle[k]:
                    k += 1
                if k == length:
                    out[found] = row
                    found += 1
                    break
    return found


def has_high_bytes(
    const uint8_t[::1] buf, const int32_t[::1] starts, const int32_t[::1] ends,  # IN lines
    const int32_t[::1] rows,  # IN
    uint8_t[::1] out,  # OUT 1 where the line of rows[i] has a byte outside ASCII
):
    """Marks the rows whose line is not plain ASCII."""
    cdef Py_ssize_t i, j
    cdef uint8_t seen
    with nogil:
        for i in range(rows.shape[0]):
            seen = 0
            for j in range(starts[rows[i]], ends[rows[i]]):
                seen |= buf[j]
            out[i] = seen >> 7


def gather(
    const uint8_t[::1] buf, const int32_t[::1] starts, const int32_t[::1] ends,  # IN lines
    const int32_t[::1] rows,  # IN any order
    uint8_t[::1] out_buf,  # OUT the chosen lines, each followed by a line end; exactly as long as they need
    int32_t[::1] out_starts, int32_t[::1] out_ends,  # OUT where they are now
):
    """Copies the lines `rows`, in that order, into a buffer of their own."""
    cdef Py_ssize_t i
    cdef int32_t at = 0, length, row
    with nogil:
        for i in range(rows.shape[0]):
            row = rows[i]
            length = ends[row] - starts[row]
            out_starts[i] = at
            if length:
                memcpy(&out_buf[at], &buf[starts[row]], length)
            at += length
            out_ends[i] = at
            out_buf[at] = 10
            at += 1


def mark_duplicates(
    const int64_t[::1] times,  # IN ascending
    const uint8_t[::1] buf, const int32_t[::1] starts, const int32_t[::1] ends,  # IN lines
    const int32_t[::1] metas,  # IN equal numbers mean equal metadata
    uint8_t[::1] keep,  # OUT 0 for an entry equal to an earlier one
):
    """Keeps the first of entries with equal time, line and metadata; returns how many are dropped."""
    cdef Py_ssize_t i, j, n = times.shape[0], dropped = 0
    cdef int32_t length
    with nogil:
        for i in range(n):
            keep[i] = 1
            length = ends[i] - starts[i]
            j = i - 1
            while j >= 0 and times[j] == times[i]:
                if (
                    metas[j] == metas[i]
                    and ends[j] - starts[j] == length
                    and (length == 0 or memcmp(&buf[starts[j]], &buf[starts[i]], length) == 0)
                ):
                    keep[i] = 0
                    dropped += 1
                    break
                j -= 1
    return dropped


# ---- words ------------------------------------------------------------------------------------------------------
# A word is a run of ASCII letters, digits and underscores, and of bytes beyond ASCII.

cdef inline bint _in_word(uint8_t c) noexcept nogil:
    return c'a' <= c <= c'z' or c'0' <= c <= c'9' or c'A' <= c <= c'Z' or c == c'_' or c >= 128


cdef inline uint64_t _mix(uint64_t h) noexcept nogil:
    h ^= h >> 32
    h *= <uint64_t>0xD6E8FEB86659FD93
    h ^= h >> 32
    h *= <uint64_t>0xD6E8FEB86659FD93
    return h ^ (h >> 32)


def add_words(const uint8_t[::1] buf, uint8_t[::1] bits):
    """Sets two bits of the filter `bits` (a power of two of bytes) for every word of `buf`."""
    cdef Py_ssize_t i, n = buf.shape[0]
    cdef uint64_t mask = <uint64_t>bits.shape[0] * 8 - 1, h = 0, a, b
    cdef bint inside = False
    with nogil:
        for i in range(n):
            if _in_word(buf[i]):
                h = (h ^ buf[i]) * <uint64_t>0x100000001B3
                inside = True
            elif inside:
                h = _mix(h)
                a, b = h & mask, (h >> 32) & mask
                bits[a >> 3] |= <uint8_t>(1 << (a & 7))
                bits[b >> 3] |= <uint8_t>(1 << (b & 7))
                h = 0
                inside = False
        if inside:
            h = _mix(h)
            a, b = h & mask, (h >> 32) & mask
            bits[a >> 3] |= <uint8_t>(1 << (a & 7))
            bits[b >> 3] |= <uint8_t>(1 << (b & 7))


def may_hold(const uint8_t[::1] word, const uint8_t[::1] bits):
    """Whether the filter `bits` may hold the whole word `word`."""
    cdef Py_ssize_t i
    cdef uint64_t mask = <uint64_t>bits.shape[0] * 8 - 1, h = 0, a, b
    for i in range(word.shape[0]):
        h = (h ^ word[i]) * <uint64_t>0x100000001B3
    h = _mix(h)
    a, b = h & mask, (h >> 32) & mask
    return (bits[a >> 3] >> (a & 7)) & 1 == 1 and (bits[b >> 3] >> (b & 7)) & 1 == 1
