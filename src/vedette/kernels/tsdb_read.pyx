"""Reading the metrics store: from rows to flat columns of samples, from label pairs to label columns.

Nothing here takes a lock. A row of the head is read up to the sample count that the caller took under the head's lock;
what lies before that count never changes.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memcmp, memcpy

from vedette.kernels.crc32c cimport crc32c_update
from vedette.kernels.tsdb_head cimport CELL_DATA, Cell, Chunk, HeadStore, Series, cell_at, chunk_at, series_at
from vedette.kernels.xor cimport xor_decode

import numpy as np

cdef enum:
    XOR = 1
    # The most bytes of an open or closed chunk of the head: its bit count is 16 bits wide.
    HEAD_CHUNK_BYTES = 8192
    SCRATCH_SLACK = 64

# Where a chunk is. In the head: `where` is its number. In a block: `segment` and `where` name bytes.
cdef struct Source:
    int64_t mint
    uint64_t where
    int64_t samples
    int32_t source  # -1: the head
    int32_t order

cdef struct Sources:
    Source *at
    int64_t n
    int64_t room
    int64_t skipped

cdef struct BlockView:
    const int64_t *positions
    const int64_t *offsets
    const int64_t *mints
    const int64_t *maxts
    const uint64_t *refs
    const uint8_t **segments
    const int64_t *sizes
    int64_t segment_count


cdef class BlockChunks:
    """The chunks of some series of one block, as the read kernel wants them. Keeps what it points into alive.

    offsets int64[series + 1] into the chunk columns mints, maxts (int64) and refs (uint64); segments: the block's
    chunk files, first one first.
    """

    cdef readonly object offsets, mints, maxts, refs, segments
    cdef const int64_t[::1] _offsets
    cdef const int64_t[::1] _mints
    cdef const int64_t[::1] _maxts
    cdef const uint64_t[::1] _refs
    cdef const uint8_t **pointers
    cdef int64_t *sizes
    cdef list views

    def __cinit__(self, offsets, mints, maxts, refs, segments):
        cdef const uint8_t[::1] view
        cdef Py_ssize_t i
        self.offsets, self.mints, self.maxts, self.refs, self.segments = offsets, mints, maxts, refs, segments
        self._offsets, self._mints, self._maxts, self._refs = offsets, mints, maxts, refs
        self.views = []
        self.pointers = <const uint8_t **>calloc(len(segments) + 1, sizeof(void *))
        self.sizes = <int64_t *>calloc(len(segments) + 1, sizeof(int64_t))
        if self.pointers == NULL or self.sizes == NULL:
            raise MemoryError
        for i, segment in enumerate(segments):
            view = segment
            self.views.append(view)
            self.sizes[i] = view.shape[0]
            if view.shape[0]:
                self.pointers[i] = &view[0]

    def __dealloc__(self):
        free(self.pointers)
        free(self.sizes)

    cdef BlockView view(self, const int64_t[::1] positions):
        cdef BlockView v
        v.positions = &positions[0] if positions.shape[0] else NULL
        v.offsets = &self._offsets[0]
        v.mints = &self._mints[0] if self._mints.shape[0] else NULL
        v.maxts = &self._maxts[0] if self._maxts.shape[0] else NULL
        v.refs = &self._refs[0] if self._refs.shape[0] else NULL
        v.segments = self.pointers
        v.sizes = self.sizes
        v.segment_count = len(self.segments)
        return v


cdef inline bint push(Sources *list_, int64_t mint, uint64_t where, int64_t samples, int32_t source) noexcept nogil:
    cdef Source *grown
    cdef int64_t i
    cdef Source s
    if list_.n == list_.room:
        list_.room = list_.room * 2 if list_.room else 32
        grown = <Source *>realloc(list_.at, list_.room * sizeof(Source))
        if grown == NULL:
            return False
        list_.at = grown
    s.mint = mint
    s.where = where
    s.samples = samples
    s.source = source
    s.order = <int32_t>list_.n
    # Chunks mostly come in order: from the right place downwards.
    i = list_.n
    while i > 0 and list_.at[i - 1].mint > mint:
        list_.at[i] = list_.at[i - 1]
        i -= 1
    list_.at[i] = s
    list_.n += 1
    return True


# The chunk at `ref`: sets data, size (of the samples' bits) and samples. Returns 0, or an error code.
cdef inline int open_chunk(
    BlockView *b, uint64_t ref, const uint8_t **data, int64_t *size, int64_t *samples, bint verify
) noexcept nogil:
    cdef int64_t segment = <int64_t>(ref >> 32), at = <int64_t><uint32_t>ref, end
    cdef const uint8_t *p
    cdef uint64_t length = 0
    cdef int shift = 0
    cdef uint32_t want
    if segment >= b.segment_count or at >= b.sizes[segment]:
        return 1
    p = b.segments[segment]
    end = b.sizes[segment]
    while True:
        if at >= end or shift > 28:
            return 1
        length |= <uint64_t>(p[at] & 0x7F) << shift
        at += 1
        if p[at - 1] < 0x80:
            break
        shift += 7
    if <int64_t>length > end - at - 5 or length < 2:
        return 1
    if p[at] != XOR:
        return 3
    if verify:
        want = (
            (<uint32_t>p[at + 1 + length] << 24)
            | (<uint32_t>p[at + 2 + length] << 16)
            | (<uint32_t>p[at + 3 + length] << 8)
            | p[at + 4 + length]
        )
        if crc32c_update(0, p + at, length + 1) != want:
            return 2
    samples[0] = (<int64_t>p[at + 1] << 8) | p[at + 2]
    data[0] = p + at + 3
    size[0] = <int64_t>length - 2
    return 0


cdef inline int64_t collect(
    HeadStore head, int64_t head_row, uint32_t limit, BlockView *blocks, int block_count, int64_t row,
    int64_t mint, int64_t maxt, int64_t floor, Sources *out, bint count_only, int *problem,
) noexcept nogil:
    # The chunks of one row in the range, ordered by their first sample. Returns at least their sample count.
    cdef int64_t total = 0, k, position
    cdef int b
    cdef uint32_t chunk, n
    cdef Chunk *c
    cdef const uint8_t *data
    cdef int64_t size, samples
    out.n = 0
    for b in range(block_count):
        position = blocks[b].positions[row]
        if position < 0:
            continue
        for k in range(blocks[b].offsets[position], blocks[b].offsets[position + 1]):
            if blocks[b].mints[k] > maxt or blocks[b].maxts[k] < mint:
                continue
            problem[0] = open_chunk(&blocks[b], blocks[b].refs[k], &data, &size, &samples, False)
            if problem[0] == 3:
                # A histogram chunk: not samples of this reader's kind. The caller says so.
                problem[0] = 0
                out.skipped += 1
                continue
            if problem[0]:
                return b
            total += samples
            if not count_only and not push(out, blocks[b].mints[k], blocks[b].refs[k], samples, b):
                problem[0] = 4
                return b
    if head_row >= 0 and limit:
        chunk = series_at(head, head_row).chunk
        while chunk:
            c = chunk_at(head, chunk)
            if c.base < limit and c.mint <= maxt:
                n = limit - c.base
                if n >= c.samples:
                    n = c.samples
                    # Whole, so that its last time is final; older ones end earlier still.
                    if c.maxt < mint or c.maxt < floor:
                        break
                total += n
                if not count_only and not push(out, c.mint, chunk, n, -1):
                    problem[0] = 4
                    return -1
            chunk = c.prev
    return total


cdef inline int64_t drop_deleted(
    int64_t *ts, double *values, int64_t n, const int64_t *lo, const int64_t *hi, int64_t count
) noexcept nogil:
    cdef int64_t i, k, kept = 0
    cdef bint gone
    for i in range(n):
        gone = False
        for k in range(count):
            if lo[k] <= ts[i] <= hi[k]:
                gone = True
                break
        if not gone:
            ts[kept] = ts[i]
            values[kept] = values[i]
            kept += 1
    return kept


cdef int64_t merge_sort(int64_t *ts, double *values, int64_t n) noexcept nogil:
    # Stable sort by time, then the first of equal times. Returns the new length, or -1 without memory.
    cdef int64_t *a = ts
    cdef double *va = values
    cdef int64_t *b = <int64_t *>malloc(n * 8)
    cdef double *vb = <double *>malloc(n * 8)
    cdef int64_t *swap_t
    cdef double *swap_v
    cdef int64_t width = 1, lo, mid, hi, i, j, k
    if b == NULL or vb == NULL:
        free(b)
        free(vb)
        return -1
    while width < n:
        lo = 0
        while lo < n:
            mid = lo + width if lo + width < n else n
            hi = lo + 2 * width if lo + 2 * width < n else n
            i, j, k = lo, mid, lo
            while k < hi:
                if i < mid and (j >= hi or a[i] <= a[j]):
                    b[k] = a[i]
                    vb[k] = va[i]
                    i += 1
                else:
                    b[k] = a[j]
                    vb[k] = va[j]
                    j += 1
                k += 1
            lo = hi
        swap_t, a, b = a, b, a
        swap_v, va, vb = va, vb, va
        width *= 2
    k = 0
    for i in range(n):
        if k == 0 or a[i] != ts[k - 1]:
            ts[k] = a[i]
            values[k] = va[i]
            k += 1
    # When `a` is the caller's array the loop above ran in place, which is safe: k <= i.
    if a == ts:
        free(b)
        free(vb)
    else:
        free(a)
        free(va)
    return k


cdef inline int64_t decode_source(
    HeadStore head, BlockView *blocks, Source *s, int64_t mint, int64_t maxt, int64_t *ts, double *values,
    uint8_t *scratch, int *problem,
) noexcept nogil:
    cdef const uint8_t *data
    cdef int64_t size, samples, n, slack
    cdef uint32_t cell
    cdef Cell *c
    if s.source < 0:
        size = 0
        cell = chunk_at(head, s.where).first_cell
        while cell and size <= HEAD_CHUNK_BYTES - CELL_DATA:
            c = cell_at(head, cell)
            memcpy(scratch + size, c.data, CELL_DATA)
            size += CELL_DATA
            cell = c.next
        n = xor_decode(scratch, size, SCRATCH_SLACK, s.samples, mint, maxt, ts, values)
        if n < 0:
            problem[0] = 5
            return 0
        return n
    problem[0] = open_chunk(&blocks[s.source], s.where, &data, &size, &samples, True)
    if problem[0]:
        return 0
    # What is left of the file: the checksum and, mostly, the chunks that follow.
    slack = blocks[s.source].sizes[s.where >> 32] - (data + size - blocks[s.source].segments[s.where >> 32])
    n = xor_decode(data, size, slack, samples, mint, maxt, ts, values)
    if n < 0:
        problem[0] = 2
        return 0
    return n


SKIPPED = -2
PROBLEMS = {
    1: "a chunk reference points outside of the chunk files",
    2: "a chunk has a wrong checksum",
    4: "out of memory",
    5: "BUG: a chunk of the head is damaged",
}


def read(
    HeadStore head,
    const int64_t[::1] head_rows,
    const uint32_t[::1] limits,
    list blocks,
    list positions,
    list deleted,
    int64_t start,
    int64_t stop,
    int64_t mint,
    int64_t maxt,
    int64_t floor,
):
    """Samples of rows start..stop with mint <= t <= maxt, per row in time order and without duplicates.

    IN
      head_rows, limits   per row its row in the head (-1: none) and how many samples of it may be seen
      blocks, positions   a `BlockChunks` each, and per row the series within it (int64, -1: none)
      floor               the head's chunks that end before it are gone
      deleted             per source (blocks in order, then the head) None or ``(offsets int64[rows + 1], mins, maxs)``

    Returns ``(offsets int64[n + 1], timestamps, values, problem, source)``: problem 0 or a key of `PROBLEMS`, then
    `source` is the number of the block (-1: the head) that has it. Without a problem `source` is -1, or `SKIPPED` when
    there are chunks that don't hold floats.
    """
    cdef int block_count = <int>len(blocks), problem = 0, b
    cdef int64_t n = stop - start, row, total = 0, filled = 0, at, got, k, before, bad = -1
    cdef BlockView *views
    cdef Sources sources
    cdef uint8_t *scratch
    cdef const int64_t **gone_offsets
    cdef const int64_t **gone_mins
    cdef const int64_t **gone_maxs
    cdef const int64_t[::1] column
    cdef bint sorted_, any_deleted = False
    cdef Source *s
    cdef int slot
    cdef list alive = []
    if start < 0 or stop < start or stop > head_rows.shape[0] or limits.shape[0] != head_rows.shape[0]:
        raise IndexError(f"rows {start}:{stop} of {head_rows.shape[0]}")
    offsets = np.zeros(n + 1, dtype=np.int64)
    cdef int64_t[::1] o = offsets
    views = <BlockView *>calloc(block_count + 1, sizeof(BlockView))
    gone_offsets = <const int64_t **>calloc(3 * (block_count + 1), sizeof(void *))
    gone_mins = gone_offsets + block_count + 1
    gone_maxs = gone_mins + block_count + 1
    scratch = <uint8_t *>malloc(HEAD_CHUNK_BYTES + SCRATCH_SLACK)
    sources.at = NULL
    sources.n = sources.room = sources.skipped = 0
    cdef int64_t[::1] t
    cdef double[::1] v
    cdef int64_t *tp = NULL
    cdef double *vp = NULL
    try:
        if views == NULL or gone_offsets == NULL or scratch == NULL:
            raise MemoryError
        for b in range(block_count):
            views[b] = (<BlockChunks?>blocks[b]).view(positions[b])
            alive.append(positions[b])
        for b in range(block_count + 1):
            if b < len(deleted) and deleted[b] is not None and len(deleted[b][1]):
                any_deleted = True
                column = deleted[b][0]
                gone_offsets[b] = &column[0]
                column = deleted[b][1]
                gone_mins[b] = &column[0]
                column = deleted[b][2]
                gone_maxs[b] = &column[0]
                alive.append(deleted[b])
        with nogil:
            for row in range(start, stop):
                got = collect(
                    head, head_rows[row], limits[row], views, block_count, row, mint, maxt, floor, &sources, True, &problem
                )
                if problem:
                    bad = got
                    break
                total += got
        timestamps = np.empty(total if not problem else 0, dtype=np.int64)
        values = np.empty(total if not problem else 0, dtype=np.float64)
        if total and not problem:
            t = timestamps
            v = values
            tp = &t[0]
            vp = &v[0]
            with nogil:
                for row in range(start, stop):
                    collect(
                        head, head_rows[row], limits[row], views, block_count, row, mint, maxt, floor, &sources, False, &problem
                    )
                    if problem:
                        break
                    before = filled
                    sorted_ = True
                    for k in range(sources.n):
                        s = &sources.at[k]
                        got = decode_source(
                            head, views, s, mint, maxt, tp + filled, vp + filled, scratch, &problem
                        )
                        if problem:
                            bad = s.source
                            break
                        if any_deleted and got:
                            slot = block_count if s.source < 0 else s.source
                            if gone_offsets[slot] != NULL:
                                at = gone_offsets[slot][row]
                                if gone_offsets[slot][row + 1] > at:
                                    got = drop_deleted(
                                        tp + filled, vp + filled, got,
                                        gone_mins[slot] + at, gone_maxs[slot] + at,
                                        gone_offsets[slot][row + 1] - at,
                                    )
                        if got and filled > before and tp[filled] <= tp[filled - 1]:
                            sorted_ = False
                        filled += got
                    if problem:
                        break
                    if not sorted_:
                        got = merge_sort(tp + before, vp + before, filled - before)
                        if got < 0:
                            problem = 4
                            break
                        filled = before + got
                    o[row - start + 1] = filled
    finally:
        free(views)
        free(gone_offsets)
        free(scratch)
        free(sources.at)
    if not problem and sources.skipped:
        bad = SKIPPED
    return offsets, timestamps[:filled], values[:filled], problem, bad


def unite(list label_sets):
    """Numbers equal label sets of several sources alike.

    `label_sets` holds ``(offsets int64[n + 1], pairs int32)`` per source, ids of one vocabulary. Returns
    ``(rows, numbers)``: how many different sets there are, and per source int64[n] of their numbers, which run from 0
    in order of first appearance.
    """
    cdef Py_ssize_t total = 0, i, source, n
    cdef int64_t size = 16, mask, at, rows = 0
    cdef uint64_t h
    cdef int64_t k, lo, hi
    cdef const int64_t[::1] offsets
    cdef const int32_t[::1] pairs
    cdef int64_t[::1] out
    cdef const int32_t *p
    for source_sets in label_sets:
        total += len(source_sets[0]) - 1
    while size < total * 2:
        size *= 2
    mask = size - 1
    # Per slot: number + 1, hash, where the first such set stands.
    slots = np.zeros(size, dtype=np.int64)
    hashes = np.empty(size, dtype=np.uint64)
    cdef int64_t[::1] slot = slots
    cdef uint64_t[::1] slot_hash = hashes
    cdef const int32_t **first = <const int32_t **>malloc(size * sizeof(void *))
    cdef int64_t *first_n = <int64_t *>malloc(size * sizeof(int64_t))
    cdef list numbers = []
    if first == NULL or first_n == NULL:
        free(first)
        free(first_n)
        raise MemoryError
    try:
        for source in range(len(label_sets)):
            offsets = label_sets[source][0]
            pairs = label_sets[source][1]
            n = offsets.shape[0] - 1
            numbering = np.empty(n, dtype=np.int64)
            out = numbering
            with nogil:
                for i in range(n):
                    lo = offsets[i]
                    hi = offsets[i + 1]
                    p = &pairs[0] + lo if pairs.shape[0] else NULL
                    h = 0x9E3779B97F4A7C15
                    for k in range(hi - lo):
                        h ^= <uint32_t>p[k]
                        h *= <uint64_t>0xff51afd7ed558ccd
                        h ^= h >> 32
                    at = <int64_t>(h & <uint64_t>mask)
                    while True:
                        if slot[at] == 0:
                            rows += 1
                            slot[at] = rows
                            slot_hash[at] = h
                            first[at] = p
                            first_n[at] = hi - lo
                            out[i] = rows - 1
                            break
                        if slot_hash[at] == h and first_n[at] == hi - lo and (
                            hi == lo or memcmp(first[at], p, (hi - lo) * 4) == 0
                        ):
                            out[i] = slot[at] - 1
                            break
                        at = (at + 1) & mask
            numbers.append(numbering)
    finally:
        free(first)
        free(first_n)
    return rows, numbers


def label_columns(list label_sets, list numbers, int64_t rows, int64_t names):
    """Label columns of `rows` label sets: ``(name_ids int32[k], matrix int32[k, rows])``, 0 where a label is absent.

    IN: label_sets as for `unite`, `numbers` the row of each set, `names` how many name ids there may be.
    """
    cdef Py_ssize_t source, i
    cdef int64_t k
    cdef const int64_t[::1] offsets, number
    cdef const int32_t[::1] pairs
    column_of = np.full(max(names, 1), -1, dtype=np.int32)
    cdef int32_t[::1] c = column_of
    cdef int32_t columns = 0
    for source in range(len(label_sets)):
        pairs = label_sets[source][1]
        with nogil:
            for k in range(0, pairs.shape[0], 2):
                if c[pairs[k]] < 0:
                    c[pairs[k]] = columns
                    columns += 1
    matrix = np.zeros((columns, rows), dtype=np.int32)
    cdef int32_t[:, ::1] m = matrix
    for source in range(len(label_sets)):
        offsets = label_sets[source][0]
        pairs = label_sets[source][1]
        number = numbers[source]
        with nogil:
            for i in range(offsets.shape[0] - 1):
                for k in range(offsets[i], offsets[i + 1], 2):
                    m[c[pairs[k]], number[i]] = pairs[k + 1]
    name_ids = np.empty(columns, dtype=np.int32)
    used = np.flatnonzero(column_of >= 0)
    name_ids[column_of[used]] = used
    return name_ids, matrix


def head_chunks(HeadStore head, const int64_t[::1] rows, int64_t mint, int64_t maxt):
    """The head's chunks of `rows` that overlap mint..maxt, oldest first, as ``(offsets, chunk numbers, mints, maxts)``.

    Call with the head's lock held, or for ranges that nobody appends to any more.
    """
    cdef Py_ssize_t n = rows.shape[0], i
    cdef int64_t total = 0, k
    cdef uint32_t chunk
    cdef Chunk *c
    offsets = np.zeros(n + 1, dtype=np.int64)
    cdef int64_t[::1] o = offsets
    for i in range(n):
        chunk = series_at(head, rows[i]).chunk
        while chunk:
            c = chunk_at(head, chunk)
            if c.maxt < mint:
                break
            if c.mint <= maxt:
                total += 1
            chunk = c.prev
        o[i + 1] = total
    numbers = np.empty(total, dtype=np.uint32)
    mints = np.empty(total, dtype=np.int64)
    maxts = np.empty(total, dtype=np.int64)
    cdef uint32_t[::1] out = numbers
    cdef int64_t[::1] lo = mints, hi = maxts
    for i in range(n):
        k = o[i + 1]
        chunk = series_at(head, rows[i]).chunk
        while chunk and k > o[i]:
            c = chunk_at(head, chunk)
            if c.mint <= maxt:
                k -= 1
                out[k] = chunk
                lo[k] = c.mint
                hi[k] = c.maxt
            chunk = c.prev
    return offsets, numbers, mints, maxts


def chunk_bytes(HeadStore head, const uint32_t[::1] chunks):
    """``(offsets int64[n + 1], bytes uint8[], samples int64[n])`` of the head's chunks as block files hold them."""
    cdef Py_ssize_t n = chunks.shape[0], i
    cdef int64_t total = 0, size, step
    cdef Chunk *c
    cdef uint32_t cell
    offsets = np.zeros(n + 1, dtype=np.int64)
    samples = np.empty(n, dtype=np.int64)
    cdef int64_t[::1] o = offsets, counts = samples
    for i in range(n):
        counts[i] = chunk_at(head, chunks[i]).samples
        total += 2 + ((chunk_at(head, chunks[i]).bits + 7) >> 3)
        o[i + 1] = total
    data = np.empty(total, dtype=np.uint8)
    cdef uint8_t[::1] d = data
    cdef uint8_t *p
    with nogil:
        for i in range(n):
            c = chunk_at(head, chunks[i])
            p = &d[o[i]]
            size = o[i + 1] - o[i] - 2
            p[0] = <uint8_t>(c.samples >> 8)
            p[1] = <uint8_t>(c.samples & 255)
            p += 2
            cell = c.first_cell
            while size > 0 and cell:
                step = CELL_DATA if size > CELL_DATA else size
                memcpy(p, cell_at(head, cell).data, step)
                p += step
                size -= step
                cell = cell_at(head, cell).next
    return offsets, data, samples
