"""Bytes of the write-ahead log: records and the fragments that pages are made of. See metrics/tsdb/FORMAT.md."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.unicode cimport PyUnicode_AsUTF8AndSize

from vedette.kernels.crc32c cimport crc32c_update
from vedette.kernels.xor cimport load_be64

import numpy as np

cdef enum:
    PAGE = 32768
    HEADER = 7
    FULL = 1
    FIRST = 2
    MIDDLE = 3
    LAST = 4


cdef inline uint8_t *put_be64(uint8_t *p, uint64_t v) noexcept nogil:
    cdef int i
    for i in range(8):
        p[i] = <uint8_t>(v >> (56 - 8 * i))
    return p + 8


cdef inline uint8_t *put_uvarint(uint8_t *p, uint64_t v) noexcept nogil:
    while v >= 0x80:
        p[0] = <uint8_t>(v | 0x80)
        p += 1
        v >>= 7
    p[0] = <uint8_t>v
    return p + 1


cdef inline uint8_t *put_varint(uint8_t *p, int64_t v) noexcept nogil:
    return put_uvarint(p, (<uint64_t>v << 1) ^ <uint64_t>(v >> 63))


cdef inline const uint8_t *get_uvarint(const uint8_t *p, const uint8_t *end, uint64_t *v) noexcept nogil:
    # NULL when the bytes end too early or the number is too long.
    cdef int shift = 0
    v[0] = 0
    while p < end and shift < 64:
        v[0] |= <uint64_t>(p[0] & 0x7F) << shift
        if p[0] < 0x80:
            return p + 1
        p += 1
        shift += 7
    return NULL


cdef inline int64_t unzigzag(uint64_t v) noexcept nogil:
    return <int64_t>(v >> 1) ^ -<int64_t>(v & 1)


def encode_samples(const int64_t[::1] refs, const int64_t[::1] ts, const double[::1] values):
    """A samples record (type 2). IN: columns of one length, at least one sample."""
    cdef Py_ssize_t n = refs.shape[0], i
    cdef uint8_t *start
    cdef uint8_t *p
    cdef uint64_t bits
    if n == 0 or ts.shape[0] != n or values.shape[0] != n:
        raise ValueError("a samples record has columns of one length, not empty")
    buffer = np.empty(17 + n * 28, dtype=np.uint8)
    cdef uint8_t[::1] view = buffer
    with nogil:
        start = &view[0]
        start[0] = 2
        p = put_be64(start + 1, <uint64_t>refs[0])
        p = put_be64(p, <uint64_t>ts[0])
        for i in range(n):
            p = put_varint(p, refs[i] - refs[0])
            p = put_varint(p, <int64_t>(<uint64_t>ts[i] - <uint64_t>ts[0]))
            memcpy(&bits, &values[i], 8)
            p = put_be64(p, bits)
    return buffer[: p - start].tobytes()


def decode_samples(const unsigned char[::1] record):
    """``(refs, ts, values)`` of a samples record with its type byte. Raises `ValueError`."""
    cdef Py_ssize_t size = record.shape[0], n = 0
    cdef const uint8_t *p
    cdef const uint8_t *end
    cdef uint64_t u, bits
    cdef int64_t ref0, t0
    cdef bint bad = False
    empty = np.empty(0, dtype=np.int64)
    if size == 1:
        return empty, empty.copy(), np.empty(0, dtype=np.float64)
    if size < 17:
        raise ValueError("a samples record of less than 17 bytes")
    most = (size - 17) // 10
    refs = np.empty(most, dtype=np.int64)
    ts = np.empty(most, dtype=np.int64)
    values = np.empty(most, dtype=np.float64)
    cdef int64_t[::1] r = refs, t = ts
    cdef double[::1] v = values
    with nogil:
        p = &record[0] + 1
        end = &record[0] + size
        ref0 = <int64_t>load_be64(p)
        t0 = <int64_t>load_be64(p + 8)
        p += 16
        while p < end:
            p = get_uvarint(p, end, &u)
            if p == NULL:
                bad = True
                break
            bits = u
            p = get_uvarint(p, end, &u)
            if p == NULL or end - p < 8 or n >= t.shape[0]:
                bad = True
                break
            r[n] = <int64_t>(<uint64_t>ref0 + <uint64_t>unzigzag(bits))
            t[n] = <int64_t>(<uint64_t>t0 + <uint64_t>unzigzag(u))
            bits = load_be64(p)
            memcpy(&v[n], &bits, 8)
            p += 8
            n += 1
    if bad:
        raise ValueError("a samples record ends inside a sample")
    return refs[:n], ts[:n], values[:n]


def encode_series(const int64_t[::1] ids, const int64_t[::1] offsets, const int32_t[::1] pairs, list names, list values):
    """A series record (type 1) for series whose labels are pairs of indices into `names` and `values`.

    IN: ids int64[n], offsets int64[n + 1] into pairs (name id, value id, ...).
    """
    cdef Py_ssize_t n = ids.shape[0], i, k, length, used = 1
    cdef Py_ssize_t room = 1 + n * 256
    cdef const char *text
    cdef uint8_t *base
    cdef uint8_t *p
    out = bytearray(room)
    base = <uint8_t *><char *>out
    base[0] = 1
    for i in range(n):
        if used + 32 > room:
            room = room * 2 + 32
            out.extend(bytes(room - len(out)))
            base = <uint8_t *><char *>out
        p = put_be64(base + used, <uint64_t>ids[i])
        p = put_uvarint(p, <uint64_t>((offsets[i + 1] - offsets[i]) // 2))
        used = p - base
        for k in range(offsets[i], offsets[i + 1]):
            string = names[pairs[k]] if (k - offsets[i]) % 2 == 0 else values[pairs[k]]
            try:
                text = PyUnicode_AsUTF8AndSize(string, &length)
                raw = None
            except UnicodeEncodeError:
                # Text that was not UTF-8 in a log that was taken over.
                raw = string.encode("utf-8", "surrogateescape")
                text = raw
                length = len(raw)
            if used + length + 10 > room:
                room = room * 2 + length + 10
                out.extend(bytes(room - len(out)))
                base = <uint8_t *><char *>out
            p = put_uvarint(base + used, <uint64_t>length)
            memcpy(p, text, length)
            used = (p - base) + length
    return bytes(out[:used])


def decode_series(const unsigned char[::1] record):
    """``[(id, ((name, value), ...)), ...]`` of a series record with its type byte. Raises `ValueError`."""
    cdef const uint8_t *p
    cdef const uint8_t *end
    cdef uint64_t u, count, i
    cdef int64_t ref
    cdef list out = [], strings
    if record.shape[0] < 1:
        raise ValueError("an empty series record")
    p = &record[0] + 1
    end = &record[0] + record.shape[0]
    while p < end:
        if end - p < 8:
            raise ValueError("a series record ends inside an id")
        ref = <int64_t>load_be64(p)
        p = get_uvarint(p + 8, end, &count)
        if p == NULL or count > <uint64_t>(end - p):
            raise ValueError("a series record has a bad label count")
        strings = []
        for i in range(count * 2):
            p = get_uvarint(p, end, &u)
            if p == NULL or u > <uint64_t>(end - p):
                raise ValueError("a series record ends inside a label")
            strings.append((<const char *>p)[:u].decode("utf-8", "surrogateescape"))
            p += u
        out.append((ref, tuple(zip(strings[::2], strings[1::2], strict=True))))
    return out


def frame(list records, const unsigned char[::1] flags, Py_ssize_t used):
    """The bytes that append `records` to a segment whose last page holds `used` bytes.

    `flags` (uint8[len(records)]) are or-ed into the type byte (8: snappy). Pads a page that has no room for a header.
    """
    cdef Py_ssize_t total = 0, size, part, at, out_at = 0, k, pieces
    cdef const uint8_t *src
    cdef uint8_t *dst
    cdef uint8_t kind
    cdef uint32_t crc
    cdef bytes record, result
    for record in records:
        size = len(record)
        total += size + HEADER * (size // (PAGE - HEADER) + 3) + HEADER
    result = PyBytes_FromStringAndSize(NULL, total)
    dst = <uint8_t *>PyBytes_AS_STRING(result)
    for k, record in enumerate(records):
        size = len(record)
        src = <const uint8_t *>PyBytes_AS_STRING(record)
        at = 0
        pieces = 0
        while pieces == 0 or at < size:
            if PAGE - used < HEADER:
                memset(dst + out_at, 0, PAGE - used)
                out_at += PAGE - used
                used = 0
            part = PAGE - used - HEADER
            if part > size - at:
                part = size - at
            if pieces == 0:
                kind = FULL if part == size else FIRST
            else:
                kind = LAST if at + part == size else MIDDLE
            crc = crc32c_update(0, src + at, part)
            dst[out_at] = kind | flags[k]
            dst[out_at + 1] = <uint8_t>(part >> 8)
            dst[out_at + 2] = <uint8_t>part
            dst[out_at + 3] = <uint8_t>(crc >> 24)
            dst[out_at + 4] = <uint8_t>(crc >> 16)
            dst[out_at + 5] = <uint8_t>(crc >> 8)
            dst[out_at + 6] = <uint8_t>crc
            memcpy(dst + out_at + HEADER, src + at, part)
            out_at += HEADER + part
            used = used + HEADER + part
            if used == PAGE:
                used = 0
            at += part
            pieces += 1
    return result[:out_at]


def unframe(const unsigned char[::1] segment, Py_ssize_t start=0):
    """The records of a segment from byte `start` (a record boundary) on.

    Returns ``(data bytes, offsets int64[n + 1], flags uint8[n], ends int64[n + 1], problem)``: record i is
    ``data[offsets[i]:offsets[i + 1]]`` and ends before byte ``ends[i + 1]`` of the segment; `problem` is None or what
    is wrong after the last of them.
    """
    cdef Py_ssize_t size = segment.shape[0], at = start, page_end, length, filled = 0
    cdef const uint8_t *src
    cdef uint8_t kind, flag = 0
    cdef uint32_t want
    cdef bint inside = False
    cdef list offsets = [0], flags = [], ends = [start]
    cdef bytes data = PyBytes_FromStringAndSize(NULL, size - start if size > start else 0)
    cdef uint8_t *dst = <uint8_t *>PyBytes_AS_STRING(data)
    problem = None
    if size == 0:
        return b"", np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.uint8), np.array(ends, dtype=np.int64), None
    src = &segment[0]
    while at < size:
        page_end = (at // PAGE + 1) * PAGE
        if page_end > size:
            page_end = size
        if src[at] & 7 == 0:
            # The rest of the page is padding.
            while at < page_end and src[at] == 0:
                at += 1
            if at < page_end:
                problem = f"byte {at} of a page's padding is not zero"
                break
            continue
        if page_end - at < HEADER:
            problem = "a fragment's header is cut off"
            break
        kind = src[at] & 7
        length = (<Py_ssize_t>src[at + 1] << 8) | src[at + 2]
        if kind > LAST or at + HEADER + length > page_end:
            problem = f"the fragment at byte {at} is cut off or its header is damaged"
            break
        if (kind == FULL or kind == FIRST) == inside:
            problem = f"the fragment at byte {at} is out of place"
            break
        want = (<uint32_t>src[at + 3] << 24) | (<uint32_t>src[at + 4] << 16) | (<uint32_t>src[at + 5] << 8) | src[at + 6]
        if crc32c_update(0, src + at + HEADER, length) != want:
            problem = f"the fragment at byte {at} has a wrong checksum"
            break
        if kind == FULL or kind == FIRST:
            flag = src[at] & 0xF8
            inside = kind == FIRST
        elif kind == LAST:
            inside = False
        memcpy(dst + filled, src + at + HEADER, length)
        filled += length
        at += HEADER + length
        if not inside:
            offsets.append(filled)
            flags.append(flag)
            ends.append(at)
    if problem is None and inside:
        problem = "the last record is cut off"
    return data, np.array(offsets, dtype=np.int64), np.array(flags, dtype=np.uint8), np.array(ends, dtype=np.int64), problem
