"""Writes one stream of a Loki push request as protobuf, from columns.

    StreamAdapter { 1: labels string; 2: repeated EntryAdapter; 3: hash uint64 (left out) }
    EntryAdapter  { 1: Timestamp { 1: seconds int64; 2: nanos int32 }; 2: line string; 3: repeated LabelPair }

The request itself is a repeated field 1 of such streams, so requests are made by joining.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.string cimport memcpy


cdef inline int varint_size(unsigned long long n) noexcept nogil:
    cdef int size = 1
    while n >= 0x80:
        n >>= 7
        size += 1
    return size


cdef inline char *put_varint(char *p, unsigned long long n) noexcept nogil:
    while n >= 0x80:
        p[0] = <char>(n & 0x7F | 0x80)
        p += 1
        n >>= 7
    p[0] = <char>n
    return p + 1


cdef inline int time_size(long long ns) noexcept nogil:
    # Floor division: nanos are never negative.
    cdef long long seconds = ns // 1000000000
    cdef long long nanos = ns - seconds * 1000000000
    if nanos < 0:
        nanos += 1000000000
        seconds -= 1
    cdef int size = 0
    if seconds:
        size += 1 + varint_size(<unsigned long long>seconds)
    if nanos:
        size += 1 + varint_size(<unsigned long long>nanos)
    return size


cdef inline char *put_time(char *p, long long ns) noexcept nogil:
    cdef long long seconds = ns // 1000000000
    cdef long long nanos = ns - seconds * 1000000000
    if nanos < 0:
        nanos += 1000000000
        seconds -= 1
    if seconds:
        p[0] = 0x08
        p = put_varint(p + 1, <unsigned long long>seconds)
    if nanos:
        p[0] = 0x10
        p = put_varint(p + 1, <unsigned long long>nanos)
    return p


def encode_stream(bytes labels, const long long[::1] timestamps, list lines):
    """One field 1 of a push request: `labels` as ``{a="b"}``, nanoseconds and the ``bytes`` of the lines.

    Raises `ValueError` when the columns differ in length, `TypeError` for a line that is not bytes.
    """
    cdef Py_ssize_t n = len(lines), i
    if timestamps.shape[0] != n:
        raise ValueError("timestamps and lines differ in length")
    cdef unsigned long long body = 1 + varint_size(PyBytes_GET_SIZE(labels)) + PyBytes_GET_SIZE(labels)
    cdef unsigned long long entry
    cdef Py_ssize_t size
    cdef int stamp
    cdef bytes line
    for i in range(n):
        line = <bytes?>lines[i]
        size = PyBytes_GET_SIZE(line)
        stamp = time_size(timestamps[i])
        entry = 1 + varint_size(stamp) + stamp + 1 + varint_size(size) + size
        body += 1 + varint_size(entry) + entry
    out = PyBytes_FromStringAndSize(NULL, 1 + varint_size(body) + body)
    cdef char *p = PyBytes_AS_STRING(out)
    p[0] = 0x0A
    p = put_varint(p + 1, body)
    p[0] = 0x0A
    p = put_varint(p + 1, PyBytes_GET_SIZE(labels))
    memcpy(p, PyBytes_AS_STRING(labels), PyBytes_GET_SIZE(labels))
    p += PyBytes_GET_SIZE(labels)
    for i in range(n):
        line = <bytes>lines[i]
        size = PyBytes_GET_SIZE(line)
        stamp = time_size(timestamps[i])
        entry = 1 + varint_size(stamp) + stamp + 1 + varint_size(size) + size
        p[0] = 0x12
        p = put_varint(p + 1, entry)
        p[0] = 0x0A
        p = put_varint(p + 1, stamp)
        p = put_time(p, timestamps[i])
        p[0] = 0x12
        p = put_varint(p + 1, size)
        memcpy(p, PyBytes_AS_STRING(line), size)
        p += size
    return out
