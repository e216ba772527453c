"""Fields of JSON lines: finds the values of a few flattened labels in many lines, without making objects.

A row is *clean* when its line is a well-formed object as far as the original would read it, so that the spans found are
all there is to know; any doubt (a fault, an escaped key, deep nesting) makes it *odd*, and the caller reads that line by
itself. Values are spans of the buffer.
"""

from libc.stdint cimport int32_t, uint8_t, uint64_t
from libc.string cimport memcmp, memcpy

cdef extern from *:
    """
    #define vedette_little_endian (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
    """
    int ctz "__builtin_ctzll"(uint64_t word) noexcept nogil
    bint LITTLE_ENDIAN "vedette_little_endian"

cdef uint64_t ONES = <uint64_t>0x0101010101010101
cdef uint64_t HIGHS = <uint64_t>0x8080808080808080

cdef enum:
    MAX_DEPTH = 24
    MAX_NAME = 512
    MAX_TARGETS = 64
    # Kinds of values.
    TEXT = 1      # a string without escapes, without its quotes
    ESCAPED = 2   # a string with escapes, without its quotes
    SCALAR = 3    # a number or a boolean

cdef struct Targets:
    const uint8_t *names
    const int32_t *starts
    const int32_t *ends
    int count
    # Bit n: some target is n bytes long (63: or more).
    unsigned long long lengths

# Everything a line holds, for the few lines that are shown.
cdef struct Recorder:
    uint8_t *names
    int names_used
    int names_room
    int32_t *fields  # name end in `names`, value start, value end, kind
    int count
    int room


cdef inline Py_ssize_t _skip_space(const uint8_t *p, Py_ssize_t at, Py_ssize_t end) noexcept nogil:
    while at < end and (p[at] == c' ' or p[at] == c'\n' or p[at] == c'\r' or p[at] == c'\t'):
        at += 1
    return at


cdef inline Py_ssize_t _string_end(const uint8_t *p, Py_ssize_t at, Py_ssize_t end, bint *escaped) noexcept nogil:
    # The position of the closing quote of the text that starts at `at`, or -1. Eight bytes at a time: a byte of
    # `hits` has its high bit set where the byte is a quote or a backslash; only the lowest hit is exact.
    cdef uint64_t word, quote, slash, hits
    escaped[0] = False
    while LITTLE_ENDIAN and at + 8 <= end:
        memcpy(&word, p + at, 8)
        quote = word ^ <uint64_t>0x2222222222222222
        slash = word ^ <uint64_t>0x5C5C5C5C5C5C5C5C
        hits = ((quote - ONES) & ~quote | (slash - ONES) & ~slash) & HIGHS
        if hits == 0:
            at += 8
            continue
        at += ctz(hits) >> 3
        if p[at] == c'"':
            return at
        escaped[0] = True
        at += 2
    while at < end:
        if p[at] == c'"':
            return at
        if p[at] == c'\\':
            escaped[0] = True
            at += 1
        at += 1
    return -1


cdef Py_ssize_t _array_end(const uint8_t *p, Py_ssize_t at, Py_ssize_t end) noexcept nogil:
    # After the bracket that closes the one at `at`, or -1. Braces within that do not pair are a doubt: they would
    # move the end of the object around the array.
    cdef int level = 0, braces = 0
    cdef bint escaped
    while at < end:
        if p[at] == c'"':
            at = _string_end(p, at + 1, end, &escaped)
            if at < 0:
                return -1
        elif p[at] == c'[':
            level += 1
        elif p[at] == c']':
            level -= 1
            if level == 0:
                return at + 1 if braces == 0 else -1
        elif p[at] == c'{':
            braces += 1
        elif p[at] == c'}':
            braces -= 1
            if braces < 0:
                return -1
        at += 1
    return -1


cdef inline bint _digit(uint8_t c) noexcept nogil:
    return c'0' <= c <= c'9'


cdef inline Py_ssize_t _number_end(const uint8_t *p, Py_ssize_t at, Py_ssize_t end) noexcept nogil:
    if at < end and p[at] == c'-':
        at += 1
    if at >= end or not _digit(p[at]):
        return -1
    while at < end and _digit(p[at]):
        at += 1
    if at < end and p[at] == c'.':
        at += 1
        while at < end and _digit(p[at]):
            at += 1
    if at < end and (p[at] == c'e' or p[at] == c'E'):
        at += 1
        if at < end and (p[at] == c'+' or p[at] == c'-'):
            at += 1
        while at < end and _digit(p[at]):
            at += 1
    return at


cdef inline int _append_key(
    const uint8_t *p, Py_ssize_t at, Py_ssize_t end, uint8_t *name, int length, bint first
) noexcept nogil:
    # Appends the key as part of a label name: the new length, `length` itself for an empty key, -1 for a doubt.
    cdef uint8_t c
    while at < end and (p[at] == c' ' or 9 <= p[at] <= 13):
        at += 1
    while end > at and (p[end - 1] == c' ' or 9 <= p[end - 1] <= 13):
        end -= 1
    if at == end:
        return length
    # White space beyond ASCII would be trimmed too.
    if p[at] >= 128 or p[end - 1] >= 128 or 28 <= p[at] <= 31 or 28 <= p[end - 1] <= 31:
        return -1
    if length + (end - at) + 3 > MAX_NAME:
        return -1
    if not first:
        name[length] = c'_'
        length += 1
    elif _digit(p[at]):
        name[length] = c'_'
        length += 1
    while at < end:
        c = p[at]
        at += 1
        if 128 <= c < 192:
            continue
        if not (c'a' <= c <= c'z' or c'A' <= c <= c'Z' or _digit(c)):
            c = c'_'
        name[length] = c
        length += 1
    return length


cdef inline int _find(Targets *targets, const uint8_t *name, int length) noexcept nogil:
    cdef int t
    if not (targets.lengths >> (length if length < 63 else 63)) & 1:
        return -1
    for t in range(targets.count):
        if targets.ends[t] - targets.starts[t] == length and memcmp(targets.names + targets.starts[t], name, length) == 0:
            return t
    return -1


cdef bint _line(
    const uint8_t *p, Py_ssize_t at, Py_ssize_t end, Targets *targets,
    int32_t *out_starts, int32_t *out_ends, uint8_t *out_kinds, Py_ssize_t stride, Recorder *recorder,
) noexcept nogil:
    # True when the line is clean. Outputs of target t are at t * stride; a recorder, if any, takes every field.
    cdef uint8_t[MAX_NAME] name
    cdef int[MAX_DEPTH] lengths
    cdef bint[MAX_DEPTH] skipped
    cdef int depth = 0, length, t
    cdef Py_ssize_t key_end, value, value_end
    cdef bint escaped, hidden
    cdef uint8_t kind
    at = _skip_space(p, at, end)
    if at >= end or p[at] != c'{':
        return False
    at = _skip_space(p, at + 1, end)
    lengths[0] = 0
    skipped[0] = False
    if at < end and p[at] == c'}':
        return True
    while True:
        # A key.
        if at >= end or p[at] != c'"':
            return False
        key_end = _string_end(p, at + 1, end, &escaped)
        if key_end < 0 or escaped:
            return False
        length = _append_key(p, at + 1, key_end, name, lengths[depth], depth == 0)
        if length < 0:
            return False
        hidden = skipped[depth] or length == lengths[depth]
        at = _skip_space(p, key_end + 1, end)
        if at >= end or p[at] != c':':
            return False
        at = _skip_space(p, at + 1, end)
        if at >= end:
            return False
        # Its value.
        kind = 0
        value = at
        if p[at] == c'"':
            value = at + 1
            value_end = _string_end(p, value, end, &escaped)
            if value_end < 0:
                return False
            kind = ESCAPED if escaped else TEXT
            at = value_end + 1
        elif p[at] == c'{':
            at = _skip_space(p, at + 1, end)
            if at >= end:
                return False
            if p[at] == c'}':
                at += 1
            else:
                depth += 1
                if depth == MAX_DEPTH:
                    return False
                lengths[depth] = length
                skipped[depth] = hidden
                continue
        elif p[at] == c'[':
            at = _array_end(p, at, end)
            if at < 0:
                return False
        elif p[at] == c't' and end - at >= 4 and memcmp(p + at, b"true", 4) == 0:
            at += 4
            kind = SCALAR
            value_end = at
        elif p[at] == c'f' and end - at >= 5 and memcmp(p + at, b"false", 5) == 0:
            at += 5
            kind = SCALAR
            value_end = at
        elif p[at] == c'n' and end - at >= 4 and memcmp(p + at, b"null", 4) == 0:
            at += 4
        else:
            at = _number_end(p, at, end)
            if at < 0:
                return False
            kind = SCALAR
            value_end = at
        if kind and not hidden and recorder != NULL:
            if recorder.count == recorder.room or recorder.names_used + length > recorder.names_room:
                return False
            memcpy(recorder.names + recorder.names_used, name, length)
            recorder.names_used += length
            recorder.fields[4 * recorder.count] = recorder.names_used
            recorder.fields[4 * recorder.count + 1] = <int32_t>value
            recorder.fields[4 * recorder.count + 2] = <int32_t>value_end
            recorder.fields[4 * recorder.count + 3] = kind
            recorder.count += 1
        elif kind and not hidden:
            t = _find(targets, name, length)
            if t >= 0 and out_starts[t * stride] < 0:
                out_starts[t * stride] = <int32_t>value
                out_ends[t * stride] = <int32_t>value_end
                out_kinds[t * stride] = kind
        # What follows it.
        while True:
            at = _skip_space(p, at, end)
            if at >= end:
                return False
            if p[at] == c',':
                at = _skip_space(p, at + 1, end)
                break
            if p[at] != c'}':
                return False
            at += 1
            if depth == 0:
                return True
            depth -= 1


def extract(
    const uint8_t[::1] buf, const int32_t[::1] starts, const int32_t[::1] ends,  # IN lines
    const int32_t[::1] rows,  # IN
    const uint8_t[::1] names,  # IN label names, one after another, at least one byte
    const int32_t[::1] name_starts, const int32_t[::1] name_ends,  # IN at most 64
    int32_t[:, ::1] out_starts, int32_t[:, ::1] out_ends,  # OUT [names, rows]: where the value is, -1 for none
    uint8_t[:, ::1] out_kinds,  # OUT [names, rows]: 1 text, 2 text with escapes, 3 number or boolean
    uint8_t[::1] clean,  # OUT [rows]: 1 when what was found is all there is to know
):
    """Finds the values of the labels `names` that ``| json`` would make of the lines `rows`."""
    cdef Py_ssize_t i, count = rows.shape[0]
    cdef Targets targets
    cdef int t, length
    if count == 0 or name_starts.shape[0] == 0 or name_starts.shape[0] > MAX_TARGETS:
        return
    targets.names = &names[0]
    targets.starts = &name_starts[0]
    targets.ends = &name_ends[0]
    targets.count = <int>name_starts.shape[0]
    targets.lengths = 0
    for t in range(targets.count):
        length = name_ends[t] - name_starts[t]
        targets.lengths |= 1ULL << (length if length < 63 else 63)
    out_starts[:, :] = -1
    with nogil:
        for i in range(count):
            clean[i] = _line(
                &buf[0], starts[rows[i]], ends[rows[i]], &targets,
                &out_starts[0, i], &out_ends[0, i], &out_kinds[0, i], count, NULL,
            )


def check(
    const uint8_t[::1] buf, const int32_t[::1] starts, const int32_t[::1] ends,  # IN lines
    const int32_t[::1] rows,  # IN
    uint8_t[::1] clean,  # OUT [rows]: 1 when the line is surely no fault
):
    """Looks only whether the lines are well-formed."""
    cdef Py_ssize_t i
    cdef Targets targets
    cdef int32_t none = -1
    cdef uint8_t kind = 0
    targets.names = NULL
    targets.starts = &none
    targets.ends = &none
    targets.count = 0
    targets.lengths = 0
    if buf.shape[0] == 0:
        return
    with nogil:
        for i in range(rows.shape[0]):
            clean[i] = _line(&buf[0], starts[rows[i]], ends[rows[i]], &targets, &none, &none, &kind, 0, NULL)


def fields(const uint8_t[::1] line):
    """``[(name, kind, raw value), ...]`` of one line in order, or None when it is odd. Kinds as in `extract`."""
    cdef uint8_t[8192] names
    cdef int32_t[1024] found
    cdef Recorder recorder
    cdef Targets targets
    cdef bint clean
    cdef int i, at = 0
    if line.shape[0] == 0:
        return None
    targets.count = 0
    targets.lengths = 0
    recorder.names = names
    recorder.names_used = 0
    recorder.names_room = 8192
    recorder.fields = found
    recorder.count = 0
    recorder.room = 256
    clean = _line(&line[0], 0, line.shape[0], &targets, NULL, NULL, NULL, 0, &recorder)
    if not clean:
        return None
    out = []
    for i in range(recorder.count):
        out.append((
            names[at:found[4 * i]].decode("ascii"),
            found[4 * i + 3],
            (<char *>&line[0])[found[4 * i + 1]:found[4 * i + 2]],
        ))
        at = found[4 * i]
    return out
