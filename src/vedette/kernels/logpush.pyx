"""The protobuf push body, read in two passes: count, then fill columns the caller allocated.

    PushRequest { streams=1 { labels=1 string, entries=2 { timestamp=1 { seconds=1, nanos=2 }, line=2,
                  structuredMetadata=3 { name=1, value=2 } } } }

Every length is checked against its enclosing message; unknown fields are skipped.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t

cdef struct Reader:
    const uint8_t *buf
    Py_ssize_t at
    Py_ssize_t end


cdef inline int _varint(Reader *r, uint64_t *value) noexcept nogil:
    cdef uint64_t v = 0
    cdef int shift = 0
    cdef uint8_t b
    while r.at < r.end and shift < 64:
        b = r.buf[r.at]
        r.at += 1
        v |= <uint64_t>(b & 0x7F) << shift
        if b < 0x80:
            value[0] = v
            return 0
        shift += 7
    return -1


cdef inline int _sub(Reader *r, Reader *inner) noexcept nogil:
    # The length-delimited field at r, as a reader of its own.
    cdef uint64_t length
    if _varint(r, &length) or length > <uint64_t>(r.end - r.at):
        return -1
    inner.buf = r.buf
    inner.at = r.at
    inner.end = r.at + <Py_ssize_t>length
    r.at = inner.end
    return 0


cdef inline int _skip(Reader *r, int wire) noexcept nogil:
    cdef uint64_t ignored
    cdef Reader inner
    if wire == 0:
        return _varint(r, &ignored)
    if wire == 1:
        r.at += 8
    elif wire == 2:
        return _sub(r, &inner)
    elif wire == 5:
        r.at += 4
    else:
        return -1
    return 0 if r.at <= r.end else -1


cdef int _timestamp(Reader r, int64_t *ns) noexcept nogil:
    cdef uint64_t tag, value
    cdef int64_t seconds = 0, nanos = 0
    while r.at < r.end:
        if _varint(&r, &tag):
            return -1
        if tag == 8 or tag == 16:
            if _varint(&r, &value):
                return -1
            if tag == 8:
                seconds = <int64_t>value
            else:
                nanos = <int64_t>value
        elif _skip(&r, tag & 7):
            return -1
    if seconds > 9223372035LL or seconds < -9223372036LL or nanos < 0 or nanos > 999999999:
        return -1
    ns[0] = seconds * 1000000000 + nanos
    return 0


cdef int _pair(Reader r, int32_t *out) noexcept nogil:
    cdef uint64_t tag
    cdef Reader inner
    out[0] = out[1] = out[2] = out[3] = 0
    while r.at < r.end:
        if _varint(&r, &tag):
            return -1
        if tag == 10 or tag == 18:
            if _sub(&r, &inner):
                return -1
            if tag == 10:
                out[0], out[1] = <int32_t>inner.at, <int32_t>inner.end
            else:
                out[2], out[3] = <int32_t>inner.at, <int32_t>inner.end
        elif _skip(&r, tag & 7):
            return -1
    return 0


cdef int _walk(
    const uint8_t *buf, Py_ssize_t size, Py_ssize_t *counts,
    int32_t *streams, int64_t *times, int32_t *lines, int32_t *metas,
) noexcept nogil:
    # counts: streams, entries, metadata pairs so far. The columns are NULL while counting.
    cdef Reader top, stream, entry, inner
    cdef uint64_t tag
    cdef Py_ssize_t first_entry, first_meta
    cdef int64_t when
    cdef int32_t label_start, label_end, line_start, line_end
    cdef int32_t[4] pair
    top.buf, top.at, top.end = buf, 0, size
    while top.at < top.end:
        if _varint(&top, &tag):
            return -1
        if tag != 10:
            if _skip(&top, tag & 7):
                return -1
            continue
        if _sub(&top, &stream):
            return -1
        label_start = label_end = 0
        first_entry = counts[1]
        while stream.at < stream.end:
            if _varint(&stream, &tag):
                return -1
            if tag == 10:
                if _sub(&stream, &inner):
                    return -1
                label_start, label_end = <int32_t>inner.at, <int32_t>inner.end
                continue
            if tag != 18:
                if _skip(&stream, tag & 7):
                    return -1
                continue
            if _sub(&stream, &entry):
                return -1
            when = 0
            line_start = line_end = 0
            first_meta = counts[2]
            while entry.at < entry.end:
                if _varint(&entry, &tag):
                    return -1
                if tag == 10:
                    if _sub(&entry, &inner) or _timestamp(inner, &when):
                        return -1
                elif tag == 18:
                    if _sub(&entry, &inner):
                        return -1
                    line_start, line_end = <int32_t>inner.at, <int32_t>inner.end
                elif tag == 26:
                    if _sub(&entry, &inner) or _pair(inner, pair):
                        return -1
                    if metas != NULL:
                        metas[4 * counts[2]] = pair[0]
                        metas[4 * counts[2] + 1] = pair[1]
                        metas[4 * counts[2] + 2] = pair[2]
                        metas[4 * counts[2] + 3] = pair[3]
                    counts[2] += 1
                elif _skip(&entry, tag & 7):
                    return -1
            if times != NULL:
                times[counts[1]] = when
                lines[4 * counts[1]] = line_start
                lines[4 * counts[1] + 1] = line_end
                lines[4 * counts[1] + 2] = <int32_t>first_meta
                lines[4 * counts[1] + 3] = <int32_t>counts[2]
            counts[1] += 1
        if streams != NULL:
            streams[4 * counts[0]] = label_start
            streams[4 * counts[0] + 1] = label_end
            streams[4 * counts[0] + 2] = <int32_t>first_entry
            streams[4 * counts[0] + 3] = <int32_t>counts[1]
        counts[0] += 1
    return 0


def count(const uint8_t[::1] body):
    """``(streams, entries, metadata pairs)`` of `body`, or None when it is malformed."""
    cdef Py_ssize_t[3] counts
    cdef int failed
    counts[0] = counts[1] = counts[2] = 0
    if body.shape[0] == 0:
        return (0, 0, 0)
    if body.shape[0] > 0x7FFFFFFF:
        return None
    with nogil:
        failed = _walk(&body[0], body.shape[0], counts, NULL, NULL, NULL, NULL)
    return None if failed else (counts[0], counts[1], counts[2])


def fill(
    const uint8_t[::1] body,  # IN a body that `count` accepted
    int32_t[:, ::1] streams,  # OUT label start, label end, first entry, entry after the last
    int64_t[::1] times,  # OUT ns
    int32_t[:, ::1] lines,  # OUT line start, line end, first pair, pair after the last
    int32_t[:, ::1] metas,  # OUT name start, name end, value start, value end
):
    """Fills the columns, whose lengths are those that `count` gave (at least one row each)."""
    cdef Py_ssize_t[3] counts
    counts[0] = counts[1] = counts[2] = 0
    if body.shape[0]:
        with nogil:
            _walk(&body[0], body.shape[0], counts, &streams[0, 0], &times[0], &lines[0, 0], &metas[0, 0])
