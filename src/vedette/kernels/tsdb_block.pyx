"""Bytes of a block's index and chunk files: symbols, series entries, postings tables. See metrics/tsdb/FORMAT.md.

Readers check every bound and the checksums of series entries: files may be damaged.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy

from vedette.kernels.crc32c cimport crc32c_update

import numpy as np


cdef inline const uint8_t *get_uvarint(const uint8_t *p, const uint8_t *end, uint64_t *v) noexcept nogil:
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


cdef inline uint8_t *put_uvarint(uint8_t *p, uint64_t v) noexcept nogil:
    while v >= 0x80:
        p[0] = <uint8_t>(v | 0x80)
        p += 1
        v >>= 7
    p[0] = <uint8_t>v
    return p + 1


cdef inline uint64_t zigzag(int64_t v) noexcept nogil:
    return (<uint64_t>v << 1) ^ <uint64_t>(v >> 63)


cdef inline uint32_t be32(const uint8_t *p) noexcept nogil:
    return (<uint32_t>p[0] << 24) | (<uint32_t>p[1] << 16) | (<uint32_t>p[2] << 8) | p[3]


cdef inline void put_be32(uint8_t *p, uint32_t v) noexcept nogil:
    p[0] = <uint8_t>(v >> 24)
    p[1] = <uint8_t>(v >> 16)
    p[2] = <uint8_t>(v >> 8)
    p[3] = <uint8_t>v


def parse_strings(const unsigned char[::1] index, int64_t start, int64_t end, int64_t count):
    """``(starts int64, lengths int32)`` of `count` length-prefixed strings in ``index[start:end]``. `ValueError`."""
    cdef int64_t i
    cdef uint64_t length
    cdef const uint8_t *p
    cdef const uint8_t *last
    if not 0 <= start <= end <= index.shape[0] or count < 0 or count > end - start:
        raise ValueError("the symbol table is cut off")
    starts = np.empty(count, dtype=np.int64)
    lengths = np.empty(count, dtype=np.int32)
    cdef int64_t[::1] s = starts
    cdef int32_t[::1] n = lengths
    if count == 0:
        return starts, lengths
    p = &index[0] + start
    last = &index[0] + end
    for i in range(count):
        p = get_uvarint(p, last, &length)
        if p == NULL or length > <uint64_t>(last - p):
            raise ValueError("the symbol table is cut off")
        s[i] = p - &index[0]
        n[i] = <int32_t>length
        p += length
    return starts, lengths


def parse_postings_table(const unsigned char[::1] index, int64_t start, int64_t end, int64_t count):
    """Entries of the postings offset table: ``int64[count, 5]`` of name start, length, value start, length, offset."""
    cdef int64_t i
    cdef uint64_t u
    cdef const uint8_t *p
    cdef const uint8_t *last
    cdef int k
    if not 0 <= start <= end <= index.shape[0] or count < 0 or count > end - start:
        raise ValueError("the postings offset table is cut off")
    table = np.empty((count, 5), dtype=np.int64)
    cdef int64_t[:, ::1] t = table
    if count == 0:
        return table
    p = &index[0] + start
    last = &index[0] + end
    for i in range(count):
        p = get_uvarint(p, last, &u)
        if p == NULL or u != 2:
            raise ValueError("the postings offset table is damaged")
        for k in range(2):
            p = get_uvarint(p, last, &u)
            if p == NULL or u > <uint64_t>(last - p):
                raise ValueError("the postings offset table is cut off")
            t[i, 2 * k] = p - &index[0]
            t[i, 2 * k + 1] = <int64_t>u
            p += u
        p = get_uvarint(p, last, &u)
        if p == NULL:
            raise ValueError("the postings offset table is cut off")
        t[i, 4] = <int64_t>u
    return table


# One pass over a series entry. With `fill` NULLs nothing is written; labels and chunks in range are counted.
cdef inline int walk_entry(
    const uint8_t *index, int64_t size, uint64_t id, int64_t mint, int64_t maxt,
    int64_t *labels, int64_t *chunks, int32_t *pairs, int64_t *mints, int64_t *maxts, uint64_t *refs,
) noexcept nogil:
    cdef const uint8_t *p
    cdef const uint8_t *end
    cdef uint64_t length, count, u, ref = 0
    cdef int64_t i, lo, hi = 0, kept = 0
    if id * 16 >= <uint64_t>size:
        return 1
    p = get_uvarint(index + id * 16, index + size, &length)
    if p == NULL or length > <uint64_t>(index + size - p) or <uint64_t>(index + size - p) - length < 4:
        return 1
    end = p + length
    if pairs == NULL and crc32c_update(0, p, length) != be32(end):
        return 2
    p = get_uvarint(p, end, &count)
    if p == NULL or count > <uint64_t>(end - p):
        return 1
    labels[0] = <int64_t>count
    for i in range(<int64_t>count * 2):
        p = get_uvarint(p, end, &u)
        if p == NULL or u > 0x7FFFFFFF:
            return 1
        if pairs != NULL:
            pairs[i] = <int32_t>u
    p = get_uvarint(p, end, &count)
    if p == NULL or count > <uint64_t>(end - p):
        return 1
    for i in range(<int64_t>count):
        p = get_uvarint(p, end, &u)
        if p == NULL:
            return 1
        lo = unzigzag(u) if i == 0 else hi + <int64_t>u
        p = get_uvarint(p, end, &u)
        if p == NULL:
            return 1
        hi = lo + <int64_t>u
        p = get_uvarint(p, end, &u)
        if p == NULL:
            return 1
        ref = u if i == 0 else ref + <uint64_t>unzigzag(u)
        if lo <= maxt and hi >= mint:
            if pairs != NULL:
                mints[kept] = lo
                maxts[kept] = hi
                refs[kept] = ref
            kept += 1
    chunks[0] = kept
    return 0


def parse_series(const unsigned char[::1] index, const uint32_t[::1] ids, int64_t mint, int64_t maxt):
    """Series entries that have a chunk in mint..maxt.

    IN: ids (offset / 16) of entries. Returns ``(which int64[n], label_offsets int64[n + 1], pairs int32, chunk_offsets
    int64[n + 1], mints, maxts, refs)``: `which` are positions in `ids`, pairs are symbol numbers. Raises `ValueError`.
    """
    cdef Py_ssize_t i, n = 0
    cdef int64_t label_total = 0, chunk_total = 0, labels, chunks
    cdef int problem = 0
    which = np.empty(ids.shape[0], dtype=np.int64)
    label_offsets = np.zeros(ids.shape[0] + 1, dtype=np.int64)
    chunk_offsets = np.zeros(ids.shape[0] + 1, dtype=np.int64)
    cdef int64_t[::1] w = which, lo = label_offsets, co = chunk_offsets
    cdef const uint8_t *base = &index[0] if index.shape[0] else NULL
    cdef int64_t size = index.shape[0]
    with nogil:
        for i in range(ids.shape[0]):
            problem = walk_entry(base, size, ids[i], mint, maxt, &labels, &chunks, NULL, NULL, NULL, NULL)
            if problem:
                break
            if chunks:
                w[n] = i
                label_total += labels * 2
                chunk_total += chunks
                n += 1
                lo[n] = label_total
                co[n] = chunk_total
    if problem:
        raise ValueError(
            f"the entry of series {ids[i]} " + ("has a wrong checksum" if problem == 2 else "is damaged or cut off")
        )
    pairs = np.empty(label_total + 1, dtype=np.int32)
    mints = np.empty(chunk_total + 1, dtype=np.int64)
    maxts = np.empty(chunk_total + 1, dtype=np.int64)
    refs = np.empty(chunk_total + 1, dtype=np.uint64)
    cdef int32_t[::1] p = pairs
    cdef int64_t[::1] a = mints, b = maxts
    cdef uint64_t[::1] r = refs
    with nogil:
        for i in range(n):
            walk_entry(
                base, size, ids[w[i]], mint, maxt, &labels, &chunks, &p[lo[i]], &a[co[i]], &b[co[i]], &r[co[i]]
            )
    return (
        which[:n],
        label_offsets[: n + 1],
        pairs[:label_total],
        chunk_offsets[: n + 1],
        mints[:chunk_total],
        maxts[:chunk_total],
        refs[:chunk_total],
    )


def build_series(
    const int64_t[::1] label_offsets,
    const int32_t[::1] pairs,
    const int64_t[::1] chunk_offsets,
    const int64_t[::1] mints,
    const int64_t[::1] maxts,
    const uint64_t[::1] refs,
    int64_t start,
):
    """Series entries as they stand in an index from byte `start` (a multiple of 16) on.

    IN: the columns that `parse_series` returns. Returns ``(bytes, ids uint32[n])``.
    """
    cdef Py_ssize_t n = label_offsets.shape[0] - 1, i
    cdef int64_t k, at = 0, head
    cdef uint8_t *base
    cdef uint8_t *p
    cdef uint8_t *body
    cdef uint8_t[::1] out, scratch
    cdef int64_t body_size
    cdef int64_t most = n * 64 + pairs.shape[0] * 5 + mints.shape[0] * 30
    cdef int64_t longest = 0
    for i in range(n):
        k = 32 + (label_offsets[i + 1] - label_offsets[i]) * 5 + (chunk_offsets[i + 1] - chunk_offsets[i]) * 30
        if k > longest:
            longest = k
    buffer = np.zeros(most + 16, dtype=np.uint8)
    spare = np.empty(longest + 16, dtype=np.uint8)
    ids = np.empty(n, dtype=np.uint32)
    cdef uint32_t[::1] d = ids
    out = buffer
    scratch = spare
    if n == 0:
        return b"", ids
    with nogil:
        base = &out[0]
        body = &scratch[0]
        for i in range(n):
            p = put_uvarint(body, <uint64_t>((label_offsets[i + 1] - label_offsets[i]) // 2))
            for k in range(label_offsets[i], label_offsets[i + 1]):
                p = put_uvarint(p, <uint64_t>pairs[k])
            p = put_uvarint(p, <uint64_t>(chunk_offsets[i + 1] - chunk_offsets[i]))
            for k in range(chunk_offsets[i], chunk_offsets[i + 1]):
                if k == chunk_offsets[i]:
                    p = put_uvarint(p, zigzag(mints[k]))
                    p = put_uvarint(p, <uint64_t>(maxts[k] - mints[k]))
                    p = put_uvarint(p, refs[k])
                else:
                    p = put_uvarint(p, <uint64_t>(mints[k] - maxts[k - 1]))
                    p = put_uvarint(p, <uint64_t>(maxts[k] - mints[k]))
                    p = put_uvarint(p, zigzag(<int64_t>(refs[k] - refs[k - 1])))
            body_size = p - body
            at = (at + 15) & ~<int64_t>15
            d[i] = <uint32_t>((start + at) >> 4)
            p = put_uvarint(base + at, <uint64_t>body_size)
            memcpy(p, body, body_size)
            put_be32(p + body_size, crc32c_update(0, body, body_size))
            at = (p - base) + body_size + 4
    return buffer[:at].tobytes(), ids


def build_chunks(
    const unsigned char[::1] data,
    const int64_t[::1] starts,
    const int64_t[::1] lengths,
    const unsigned char[::1] encodings,
    int64_t start,
):
    """Chunks as a chunk file holds them, from byte `start` of the file on.

    IN: chunk i is ``data[starts[i]:starts[i] + lengths[i]]``. Returns ``(bytes uint8[], positions int64[n])``.
    """
    cdef Py_ssize_t n = starts.shape[0], i
    cdef int64_t at = 0, total = 0
    cdef uint8_t *p
    for i in range(n):
        if starts[i] < 0 or lengths[i] < 0 or starts[i] + lengths[i] > data.shape[0]:
            raise IndexError(f"chunk {i} lies outside of its bytes")
        total += lengths[i]
    buffer = np.empty(total + n * 16 + 1, dtype=np.uint8)
    positions = np.empty(n, dtype=np.int64)
    cdef uint8_t[::1] out = buffer
    cdef int64_t[::1] where = positions
    with nogil:
        for i in range(n):
            where[i] = start + at
            p = put_uvarint(&out[at], <uint64_t>lengths[i])
            p[0] = encodings[i]
            memcpy(p + 1, &data[starts[i]], lengths[i])
            put_be32(p + 1 + lengths[i], crc32c_update(0, p, lengths[i] + 1))
            at = (p - &out[0]) + lengths[i] + 5
    return buffer[:at], positions


def raw_chunks(list segments, const uint64_t[::1] refs):
    """``(offsets int64[n + 1], data uint8[], encodings uint8[n], samples int64[n])`` of chunks in a block's files.

    Checks checksums. Raises `ValueError`, which names the reference.
    """
    cdef Py_ssize_t n = refs.shape[0], i
    cdef uint64_t length = 0
    cdef int64_t total = 0
    cdef const uint8_t[::1] view
    cdef const uint8_t *p
    cdef const uint8_t *end
    cdef uint64_t segment
    offsets = np.zeros(n + 1, dtype=np.int64)
    starts = np.empty(n, dtype=np.int64)
    encodings = np.empty(n, dtype=np.uint8)
    samples = np.empty(n, dtype=np.int64)
    cdef int64_t[::1] o = offsets, s = starts, c = samples
    cdef uint8_t[::1] e = encodings
    views = [np.frombuffer(segment_bytes, dtype=np.uint8) for segment_bytes in segments]
    for i in range(n):
        segment = refs[i] >> 32
        if segment >= <uint64_t>len(views):
            raise ValueError(f"chunk {refs[i]} lies in a file that does not exist")
        view = views[segment]
        if <int64_t><uint32_t>refs[i] >= view.shape[0]:
            raise ValueError(f"chunk {refs[i]} lies beyond its file")
        end = &view[0] + view.shape[0]
        p = get_uvarint(&view[0] + <uint32_t>refs[i], end, &length)
        if p == NULL or length < 2 or length > <uint64_t>(end - p) or <uint64_t>(end - p) - length < 5:
            raise ValueError(f"chunk {refs[i]} is cut off")
        if crc32c_update(0, p, length + 1) != be32(p + 1 + length):
            raise ValueError(f"chunk {refs[i]} has a wrong checksum")
        e[i] = p[0]
        c[i] = (<int64_t>p[1] << 8) | p[2]
        s[i] = p + 1 - &view[0]
        total += <int64_t>length
        o[i + 1] = total
    data = np.empty(total, dtype=np.uint8)
    cdef uint8_t[::1] d = data
    for i in range(n):
        view = views[refs[i] >> 32]
        memcpy(&d[o[i]], &view[s[i]], o[i + 1] - o[i])
    return offsets, data, encodings, samples
