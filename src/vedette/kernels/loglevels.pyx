"""The level of each line: from a field of JSON or logfmt, else from a word. The plain twin is `push.levels.level_of_line`.

Levels are numbers: 0 unknown, 1 trace, 2 debug, 3 info, 4 warn, 5 error, 6 critical, 7 fatal; 255 says that the line
needs a closer look than this kernel takes.
"""

from libc.stdint cimport int32_t, uint8_t
from libc.string cimport memchr, memcmp

cdef enum:
    UNKNOWN = 0
    ODD = 255
    # Objects within objects that are looked into.
    MAX_DEPTH = 2
    MAX_FIELDS = 64

cdef struct Name:
    const char *text
    int length
    int level

# In the order in which a word is tried: a longer one before one it starts with.
cdef Name[14] NAMES
NAMES[0] = Name(b"trace", 5, 1)
NAMES[1] = Name(b"debug", 5, 2)
NAMES[2] = Name(b"info", 4, 3)
NAMES[3] = Name(b"warning", 7, 4)
NAMES[4] = Name(b"warn", 4, 4)
NAMES[5] = Name(b"error", 5, 5)
NAMES[6] = Name(b"err", 3, 5)
NAMES[7] = Name(b"critical", 8, 6)
NAMES[8] = Name(b"fatal", 5, 7)
# These count as values of a field only.
NAMES[9] = Name(b"information", 11, 3)
NAMES[10] = Name(b"trc", 3, 1)
NAMES[11] = Name(b"dbg", 3, 2)
NAMES[12] = Name(b"inf", 3, 3)
NAMES[13] = Name(b"wrn", 3, 4)

cdef enum:
    WORDS = 9
    VALUES = 14

cdef struct Fields:
    const uint8_t *text
    const int32_t *starts
    const int32_t *ends
    int count


cdef inline uint8_t _lower(uint8_t c) noexcept nogil:
    return c + 32 if c'A' <= c <= c'Z' else c


cdef inline bint _folded(const uint8_t *p, const uint8_t *lower, Py_ssize_t length) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(length):
        if _lower(p[i]) != lower[i]:
            return False
    return True


cdef inline int _named(const uint8_t *p, Py_ssize_t length) noexcept nogil:
    cdef int i
    for i in range(VALUES):
        if NAMES[i].length == length and _folded(p, <const uint8_t *>NAMES[i].text, length):
            return NAMES[i].level
    return UNKNOWN


cdef inline bint _letter(uint8_t c) noexcept nogil:
    return c'a' <= c <= c'z' or c'A' <= c <= c'Z'


cdef inline bint _before(uint8_t c) noexcept nogil:
    # What a word may stand behind.
    return (
        c == 32 or 9 <= c <= 13 or c == c'"' or c == c"'" or c == c'[' or c == c'(' or c == c'{' or c == c'<'
        or c == c'=' or c == c'|' or c == c',' or c == c';' or c == c'*' or c == c'>' or c == c'-'
    )


cdef inline bint _after(uint8_t c) noexcept nogil:
    return not (_letter(c) or c'0' <= c <= c'9' or c == c'_' or c == c'\\')


cdef int _word(const uint8_t *p, Py_ssize_t at, Py_ssize_t end) noexcept nogil:
    cdef Py_ssize_t start = at
    cdef uint8_t c
    cdef int i
    while at < end:
        c = _lower(p[at])
        if (
            (c == c't' or c == c'd' or c == c'i' or c == c'w' or c == c'e' or c == c'c' or c == c'f')
            and (at == start or _before(p[at - 1]))
        ):
            for i in range(WORDS):
                if (
                    <uint8_t>NAMES[i].text[0] == c
                    and at + NAMES[i].length <= end
                    and (at + NAMES[i].length == end or _after(p[at + NAMES[i].length]))
                    and _folded(p + at, <const uint8_t *>NAMES[i].text, NAMES[i].length)
                ):
                    return NAMES[i].level
        at += 1
    return UNKNOWN


cdef inline Py_ssize_t _skip_space(const uint8_t *p, Py_ssize_t at, Py_ssize_t end) noexcept nogil:
    while at < end and (p[at] == c' ' or p[at] == c'\n' or p[at] == c'\r' or p[at] == c'\t'):
        at += 1
    return at


cdef inline Py_ssize_t _string_end(const uint8_t *p, Py_ssize_t at, Py_ssize_t end) noexcept nogil:
    while at < end:
        if p[at] == c'"':
            return at
        at += 2 if p[at] == c'\\' else 1
    return -1


cdef Py_ssize_t _block_end(const uint8_t *p, Py_ssize_t at, Py_ssize_t end, uint8_t opening, uint8_t closing) noexcept nogil:
    cdef int level = 0
    while at < end:
        if p[at] == c'"':
            at = _string_end(p, at + 1, end)
            if at < 0:
                return -1
        elif p[at] == opening:
            level += 1
        elif p[at] == closing:
            level -= 1
            if level == 0:
                return at + 1
        at += 1
    return -1


cdef int _json(const uint8_t *p, Py_ssize_t at, Py_ssize_t end, Fields *fields) noexcept nogil:
    # The level that a field names, UNKNOWN for none or an unusual one, ODD for a doubt.
    cdef Py_ssize_t key, key_end, value_end
    cdef int depth = 0, f
    at = _skip_space(p, at + 1, end)
    if at < end and p[at] == c'}':
        return UNKNOWN
    while True:
        if at >= end or p[at] != c'"':
            return ODD
        key = at + 1
        key_end = _string_end(p, key, end)
        if key_end < 0 or memchr(p + key, c'\\', key_end - key) != NULL:
            return ODD
        at = _skip_space(p, key_end + 1, end)
        if at >= end or p[at] != c':':
            return ODD
        at = _skip_space(p, at + 1, end)
        if at >= end:
            return ODD
        if p[at] == c'"':
            value_end = _string_end(p, at + 1, end)
            if value_end < 0:
                return ODD
            for f in range(fields.count):
                if (
                    fields.ends[f] - fields.starts[f] == key_end - key
                    and memcmp(fields.text + fields.starts[f], p + key, key_end - key) == 0
                ):
                    return _named(p + at + 1, value_end - at - 1)
            at = value_end + 1
        elif p[at] == c'{':
            if depth + 1 < MAX_DEPTH:
                at = _skip_space(p, at + 1, end)
                if at < end and p[at] == c'}':
                    at += 1
                else:
                    depth += 1
                    continue
            else:
                at = _block_end(p, at, end, c'{', c'}')
                if at < 0:
                    return ODD
        elif p[at] == c'[':
            at = _block_end(p, at, end, c'[', c']')
            if at < 0:
                return ODD
        else:
            if not (p[at] == c'-' or c'0' <= p[at] <= c'9' or p[at] == c't' or p[at] == c'f' or p[at] == c'n'):
                return ODD
            while at < end and (_letter(p[at]) or c'0' <= p[at] <= c'9' or p[at] == c'.' or p[at] == c'-' or p[at] == c'+'):
                at += 1
        while True:
            at = _skip_space(p, at, end)
            if at >= end:
                return ODD
            if p[at] == c',':
                at = _skip_space(p, at + 1, end)
                break
            if p[at] != c'}':
                return ODD
            at += 1
            if depth == 0:
                return UNKNOWN
            depth -= 1


cdef int _logfmt(const uint8_t *p, Py_ssize_t at, Py_ssize_t end, Fields *fields) noexcept nogil:
    cdef Py_ssize_t key, key_end, value, value_end, best_value = 0, best_end = 0
    cdef int best = fields.count, f
    cdef bint escaped
    while True:
        while at < end and p[at] <= 32:
            at += 1
        if at >= end:
            break
        key = at
        while at < end and p[at] > 32 and p[at] != c'=' and p[at] != c'"':
            at += 1
        key_end = at
        value = value_end = at
        escaped = False
        if at < end and p[at] > 32:
            if p[at] == c'"' or key == key_end:
                while at < end and p[at] > 32:
                    at += 1
                continue
            at += 1
            value = at
            if at < end and p[at] == c'"':
                value = at + 1
                value_end = _string_end(p, value, end)
                if value_end < 0:
                    break
                escaped = memchr(p + value, c'\\', value_end - value) != NULL
                at = value_end + 1
            else:
                while at < end and p[at] > 32 and p[at] != c'=' and p[at] != c'"':
                    at += 1
                value_end = at
                if at < end and p[at] > 32:
                    while at < end and p[at] > 32:
                        at += 1
                    continue
        for f in range(best):
            if fields.ends[f] - fields.starts[f] == key_end - key and _folded(p + key, fields.text + fields.starts[f], key_end - key):
                if escaped:
                    return ODD
                best, best_value, best_end = f, value, value_end
                break
    return _named(p + best_value, best_end - best_value) if best < fields.count else UNKNOWN


cdef inline bint _outer_space(uint8_t c) noexcept nogil:
    return c == 32 or 9 <= c <= 13 or c == 0x85 or c == 0xA0


cdef int _level(const uint8_t *p, Py_ssize_t at, Py_ssize_t end, Fields *exact, Fields *lower) noexcept nogil:
    cdef Py_ssize_t first = at, last = end
    cdef int level = UNKNOWN
    while first < last and _outer_space(p[first]):
        first += 1
    while last > first and _outer_space(p[last - 1]):
        last -= 1
    if last > first and p[first] == c'{' and p[last - 1] == c'}':
        level = _json(p, first, end, exact)
    elif memchr(p + at, c'=', end - at) != NULL:
        level = _logfmt(p, at, end, lower)
    return level if level else _word(p, at, end)


def detect(
    const uint8_t[::1] buf, const int32_t[::1] starts, const int32_t[::1] ends,  # IN lines
    const uint8_t[::1] fields, const uint8_t[::1] lower,  # IN names of fields, one after another, and in lower case
    const int32_t[::1] field_starts, const int32_t[::1] field_ends,  # IN at most 64, at least one
    uint8_t[::1] out,  # OUT levels
):
    """Writes the level of every line."""
    cdef Py_ssize_t i
    cdef Fields exact, folded
    if starts.shape[0] == 0 or field_starts.shape[0] > MAX_FIELDS:
        out[:] = ODD
        return
    exact.text = &fields[0]
    folded.text = &lower[0]
    exact.starts = folded.starts = &field_starts[0]
    exact.ends = folded.ends = &field_ends[0]
    exact.count = folded.count = <int>field_starts.shape[0]
    with nogil:
        for i in range(starts.shape[0]):
            out[i] = <uint8_t>_level(&buf[0], starts[i], ends[i], &exact, &folded)
