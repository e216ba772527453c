"""The head of the metrics store: newest samples as XOR chunks in slabs, written a whole batch at a time.

One thread writes at a time (the caller holds the head's lock); readers run beside it without a lock, on the sample
counts they were given under that lock (see `vedette.kernels.tsdb_read`). What a reader may hold is never moved, and
chunks taken out by `truncate` are only reused after `release`.
"""

from libc.stdint cimport INT64_MAX, INT64_MIN, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcmp, memcpy, memset

from vedette.kernels.xor cimport Bits, XorState, xor_put

import numpy as np

cdef enum:
    OK = 0
    OUT_OF_ORDER = 1
    DUPLICATE = 2
    OUT_OF_BOUNDS = 3
    UNKNOWN_SERIES = 4
    STORED = 255  # inside this module: the same sample is already there

cdef enum:
    # A chunk is cut near this many samples: its end is reckoned at a quarter of them.
    SAMPLES_PER_CHUNK = 120

cdef int64_t MIN_TIME = INT64_MIN
cdef int64_t MAX_TIME = INT64_MAX


cdef inline uint32_t hash_pairs(const int32_t *pairs, int n) noexcept nogil:
    cdef uint64_t h = 0x9E3779B97F4A7C15
    cdef int i
    for i in range(n):
        h ^= <uint32_t>pairs[i]
        h *= <uint64_t>0xff51afd7ed558ccd
        h ^= h >> 32
    return <uint32_t>h


cdef inline int64_t range_end(int64_t t, int64_t width) noexcept nogil:
    # The end of the aligned window that holds t, rounding towards zero as the original does.
    return (t // width) * width + width


cdef inline int64_t chunk_end(int64_t start, int64_t now, int64_t limit) noexcept nogil:
    # Where to cut so that the chunks up to `limit` come out evenly filled; asked at a quarter of a chunk.
    cdef double n = <double>(limit - start) / (<double>(now - start + 1) * 4)
    if n <= 1:
        return limit
    return <int64_t>(<double>start + <double>(limit - start) / <double>(<int64_t>n))


cdef class HeadStore:
    """Series and chunks by number. Rows are reused after `drop`; series ids never are.

    Every method must be called with the head's lock held, except where it says otherwise.
    """

    def __cinit__(self, int64_t chunk_range):
        self.series = <Series **>calloc(MAX_SLABS, sizeof(void *))
        self.pending = <Pending **>calloc(MAX_SLABS, sizeof(void *))
        self.chunks = <Chunk **>calloc(MAX_SLABS, sizeof(void *))
        self.cells = <Cell **>calloc(MAX_SLABS, sizeof(void *))
        self.labels = <int32_t **>calloc(MAX_SLABS, sizeof(void *))
        self.ids = <uint32_t **>calloc(MAX_ID_SLABS, sizeof(void *))
        self.table_size = 1024
        self.table = <uint32_t *>calloc(self.table_size, sizeof(uint32_t))
        if not (self.series and self.pending and self.chunks and self.cells and self.labels and self.ids):
            raise MemoryError
        if self.table == NULL:
            raise MemoryError
        # Chunk 0 and cell 0 mean "none".
        self.chunk_top = 1
        self.cell_top = 1
        self.chunk_range = chunk_range
        self.free_rows = []
        self.free_labels = {}
        self.head_mint = MAX_TIME
        self.head_maxt = MIN_TIME

    def __dealloc__(self):
        cdef int i
        for i in range(MAX_SLABS):
            if self.series != NULL and self.series[i] != NULL:
                free(self.series[i])
                free(self.pending[i])
            if self.chunks != NULL and self.chunks[i] != NULL:
                free(self.chunks[i])
            if self.cells != NULL and self.cells[i] != NULL:
                free(self.cells[i])
            if self.labels != NULL and self.labels[i] != NULL:
                free(self.labels[i])
        if self.ids != NULL:
            for i in range(MAX_ID_SLABS):
                if self.ids[i] != NULL:
                    free(self.ids[i])
        free(self.series)
        free(self.pending)
        free(self.chunks)
        free(self.cells)
        free(self.labels)
        free(self.ids)
        free(self.table)

    # ---- slabs ----

    cdef uint32_t new_cell(self) noexcept nogil:
        cdef uint32_t cell = self.free_cell
        cdef int64_t slab
        cdef Cell *c
        if cell:
            c = cell_at(self, cell)
            self.free_cell = c.next
            memset(c, 0, sizeof(Cell))
        else:
            slab = self.cell_top >> CELL_SHIFT
            if slab >= MAX_SLABS:
                return 0
            if self.cells[slab] == NULL:
                self.cells[slab] = <Cell *>calloc(1 << CELL_SHIFT, sizeof(Cell))
                if self.cells[slab] == NULL:
                    return 0
            cell = <uint32_t>self.cell_top
            self.cell_top += 1
        self.cell_count += 1
        return cell

    cdef uint32_t new_chunk(self) noexcept nogil:
        cdef uint32_t chunk = self.free_chunk
        cdef int64_t slab
        if chunk:
            self.free_chunk = chunk_at(self, chunk).prev
            memset(chunk_at(self, chunk), 0, sizeof(Chunk))
        else:
            slab = self.chunk_top >> CHUNK_SHIFT
            if slab >= MAX_SLABS:
                return 0
            if self.chunks[slab] == NULL:
                self.chunks[slab] = <Chunk *>calloc(1 << CHUNK_SHIFT, sizeof(Chunk))
                if self.chunks[slab] == NULL:
                    return 0
            chunk = <uint32_t>self.chunk_top
            self.chunk_top += 1
        self.chunk_count += 1
        return chunk

    # ---- series ----

    cdef int64_t find_row(self, const int32_t *pairs, int n, uint32_t h) noexcept nogil:
        cdef int64_t mask = self.table_size - 1, at = h & mask
        cdef uint32_t entry
        cdef Series *s
        while True:
            entry = self.table[at]
            if entry == 0:
                return -1
            if pending_at(self, entry - 1).hash == h:
                s = series_at(self, entry - 1)
                if s.live and s.labels * 2 == n and memcmp(labels_at(self, s.labels_at), pairs, n * 4) == 0:
                    return entry - 1
            at = (at + 1) & mask

    cdef void grow_table(self):
        # Also sweeps out entries of dropped rows.
        cdef int64_t size = 1024, at, row, mask
        cdef uint32_t *table
        while size < self.live_series * 4:
            size *= 2
        table = <uint32_t *>calloc(size, sizeof(uint32_t))
        if table == NULL:
            raise MemoryError
        mask = size - 1
        self.table_used = 0
        for row in range(self.rows):
            if series_at(self, row).live:
                at = pending_at(self, row).hash & mask
                while table[at]:
                    at = (at + 1) & mask
                table[at] = <uint32_t>(row + 1)
                self.table_used += 1
        free(self.table)
        self.table = table
        self.table_size = size

    cdef int64_t row_of(self, int64_t ref) noexcept nogil:
        cdef uint32_t *page
        if ref < 0 or (ref >> ID_SHIFT) >= MAX_ID_SLABS:
            return -1
        page = self.ids[ref >> ID_SHIFT]
        if page == NULL:
            return -1
        return <int64_t>page[ref & ((1 << ID_SHIFT) - 1)] - 1

    def find(self, const int32_t[::1] pairs):
        """The row with exactly these (name id, value id) pairs, or -1. Pairs are ordered by name text."""
        cdef int n = <int>pairs.shape[0]
        cdef const int32_t *p = &pairs[0] if n else NULL
        return self.find_row(p, n, hash_pairs(p, n))

    def id_of(self, int64_t row):
        """The series id that the write-ahead log knows the row by."""
        if row < 0 or row >= self.rows:
            raise IndexError(row)
        return pending_at(self, row).id

    def row(self, int64_t ref):
        """The row of a series id, or -1."""
        return self.row_of(ref)

    def rows_of(self, const int64_t[::1] refs):
        """The rows of series ids, -1 where there is none."""
        cdef Py_ssize_t n = refs.shape[0], i
        out = np.empty(n, dtype=np.int64)
        cdef int64_t[::1] o = out
        with nogil:
            for i in range(n):
                o[i] = self.row_of(refs[i])
        return out

    def alias(self, int64_t ref, int64_t row):
        """Makes a further series id name `row` (a log may hold one label set under several ids)."""
        self._set_id(ref, row + 1)

    def _set_id(self, int64_t ref, int64_t entry):
        cdef int64_t slab = ref >> ID_SHIFT
        if ref < 0 or slab >= MAX_ID_SLABS:
            raise OverflowError(f"series id {ref} is beyond {(<int64_t>MAX_ID_SLABS << ID_SHIFT) - 1}")
        if self.ids[slab] == NULL:
            self.ids[slab] = <uint32_t *>calloc(1 << ID_SHIFT, sizeof(uint32_t))
            if self.ids[slab] == NULL:
                raise MemoryError
        self.ids[slab][ref & ((1 << ID_SHIFT) - 1)] = <uint32_t>entry

    def create(self, const int32_t[::1] pairs, int64_t ref):
        """A new row for `pairs` (which must be new), known to the log as `ref`. Raises `MemoryError`."""
        cdef int n = <int>pairs.shape[0]
        cdef int64_t row, slab, at
        cdef uint32_t h = hash_pairs(&pairs[0] if n else NULL, n)
        cdef Series *s
        cdef Pending *p
        cdef list spare
        if n > 65534 or n % 2:
            raise ValueError(f"{n // 2} labels in one series")
        if self.free_rows:
            row = self.free_rows.pop()
        else:
            row = self.rows
            slab = row >> SERIES_SHIFT
            if slab >= MAX_SLABS:
                raise MemoryError
            if self.series[slab] == NULL:
                self.pending[slab] = <Pending *>calloc(1 << SERIES_SHIFT, sizeof(Pending))
                self.series[slab] = <Series *>calloc(1 << SERIES_SHIFT, sizeof(Series))
                if self.series[slab] == NULL or self.pending[slab] == NULL:
                    raise MemoryError
            self.rows += 1
        spare = self.free_labels.get(n)
        if spare:
            at = spare.pop()
        else:
            at = self.label_top
            # A run never crosses slabs.
            if (at & ((1 << LABEL_SHIFT) - 1)) + n > (1 << LABEL_SHIFT):
                at = ((at >> LABEL_SHIFT) + 1) << LABEL_SHIFT
            slab = at >> LABEL_SHIFT
            if slab >= (1 << (32 - LABEL_SHIFT)):
                raise MemoryError
            if self.labels[slab] == NULL:
                self.labels[slab] = <int32_t *>calloc(1 << LABEL_SHIFT, sizeof(int32_t))
                if self.labels[slab] == NULL:
                    raise MemoryError
            self.label_top = at + n
        if n:
            memcpy(labels_at(self, at), &pairs[0], n * 4)
        s = series_at(self, row)
        p = pending_at(self, row)
        memset(s, 0, sizeof(Series))
        memset(p, 0, sizeof(Pending))
        s.labels_at = <uint32_t>at
        s.labels = <uint16_t>(n // 2)
        s.first_t = MAX_TIME
        s.last_t = MIN_TIME
        s.live = 1
        p.hash = h
        p.id = ref
        self._set_id(ref, row + 1)
        self.live_series += 1
        if (self.table_used + 1) * 2 > self.table_size:
            self.grow_table()  # counts the new row
        else:
            at = h & (self.table_size - 1)
            while self.table[at]:
                at = (at + 1) & (self.table_size - 1)
            self.table[at] = <uint32_t>(row + 1)
            self.table_used += 1
        return row

    def pairs(self, const int64_t[::1] rows):
        """``(offsets int64[n + 1], pairs int32[2 * labels])`` of the rows' labels."""
        cdef Py_ssize_t n = rows.shape[0], i
        cdef int64_t total = 0
        cdef Series *s
        offsets = np.empty(n + 1, dtype=np.int64)
        cdef int64_t[::1] o = offsets
        for i in range(n):
            o[i] = total
            total += series_at(self, rows[i]).labels * 2
        o[n] = total
        flat = np.empty(total, dtype=np.int32)
        cdef int32_t[::1] f = flat
        for i in range(n):
            s = series_at(self, rows[i])
            if s.labels:
                memcpy(&f[o[i]], labels_at(self, s.labels_at), s.labels * 8)
        return offsets, flat

    # ---- samples ----

    def check(
        self,
        const int64_t[::1] refs,
        const int64_t[::1] ts,
        const double[::1] values,
        int64_t min_valid,
        uint32_t owner,
        unsigned char[::1] statuses,
        unsigned char[::1] keep,
    ):
        """What `apply` would say of each sample, seeing also what `owner` (not 0) has pending.

        IN refs, ts, values; OUT statuses (`AppendStatus`), keep (1: to be applied). Returns how many to keep.
        """
        cdef Py_ssize_t n = refs.shape[0], i
        cdef int64_t row, last, kept = 0
        cdef uint64_t value, last_value
        cdef Series *s
        cdef Pending *p
        cdef int status
        with nogil:
            for i in range(n):
                keep[i] = 0
                row = self.row_of(refs[i])
                if row < 0:
                    statuses[i] = UNKNOWN_SERIES
                    continue
                s = series_at(self, row)
                p = pending_at(self, row)
                if ts[i] < min_valid:
                    statuses[i] = OUT_OF_BOUNDS
                    continue
                memcpy(&value, &values[i], 8)
                last = s.last_t
                last_value = s.value
                if p.owner == owner and p.t >= last:
                    last = p.t
                    last_value = p.value
                elif s.count == 0:
                    last = MIN_TIME
                if ts[i] > last or (s.count == 0 and p.owner != owner):
                    statuses[i] = OK
                    keep[i] = 1
                    kept += 1
                    p.owner = owner
                    p.t = ts[i]
                    p.value = value
                elif ts[i] < last:
                    statuses[i] = OUT_OF_ORDER
                else:
                    statuses[i] = OK if value == last_value else DUPLICATE
        return kept

    cdef int append_one(self, uint32_t row, int64_t t, uint64_t value) noexcept nogil:
        cdef Series *s = series_at(self, row)
        cdef Chunk *c
        cdef Cell *cell
        cdef XorState state
        cdef Bits bits
        cdef uint32_t chunk, fresh, base
        cdef int done, room, step, bit
        cdef uint64_t w
        if s.count:
            if t < s.last_t:
                return OUT_OF_ORDER
            if t == s.last_t:
                return STORED if value == s.value else DUPLICATE
        chunk = s.chunk
        if chunk:
            c = chunk_at(self, chunk)
            if t >= s.next_at or c.samples >= 2 * SAMPLES_PER_CHUNK:
                chunk = 0
        if chunk == 0:
            chunk = self.new_chunk()
            fresh = self.new_cell()
            if chunk == 0 or fresh == 0:
                self.out_of_memory = True
                return OUT_OF_BOUNDS
            c = chunk_at(self, chunk)
            c.mint = t
            c.base = s.count
            c.first_cell = fresh
            c.prev = s.chunk
            c.maxt = t
            s.tail = fresh
            s.bit = 0
            s.next_at = range_end(t, self.chunk_range)
            s.leading = 255
            s.trailing = 0
            s.delta = 0
            # Published last: a reader that walks from here finds a whole chunk.
            s.chunk = chunk
        state.t = s.last_t
        state.delta = s.delta
        state.value = s.value
        state.samples = c.samples
        state.leading = s.leading
        state.trailing = s.trailing
        xor_put(&state, t, value, &bits)
        cell = cell_at(self, s.tail)
        bit = s.bit
        done = 0
        while done < bits.n:
            if bit == CELL_DATA * 8:
                fresh = self.new_cell()
                if fresh == 0:
                    # The bits already written lie beyond the last sample; the next chunk starts afresh.
                    self.out_of_memory = True
                    s.next_at = MIN_TIME
                    return OUT_OF_BOUNDS
                cell.next = fresh
                s.tail = fresh
                cell = cell_at(self, fresh)
                bit = 0
            room = 8 - (bit & 7)
            step = bits.n - done
            if step > room:
                step = room
            if step > 64 - (done & 63):
                step = 64 - (done & 63)
            w = (bits.word[done >> 6] << (done & 63)) >> (64 - step)
            cell.data[bit >> 3] |= <uint8_t>(w << (room - step))
            bit += step
            done += step
        s.bit = <uint16_t>bit
        s.delta = state.delta
        s.value = value
        s.leading = state.leading
        s.trailing = state.trailing
        s.last_t = t
        if t < s.first_t:
            s.first_t = t
        c.maxt = t
        c.bits += <uint16_t>bits.n
        c.samples += 1
        s.count += 1
        if c.samples == SAMPLES_PER_CHUNK // 4:
            s.next_at = chunk_end(c.mint, t, s.next_at)
        if t > self.head_maxt:
            self.head_maxt = t
        if t < self.head_mint:
            self.head_mint = t
        return OK

    def apply(
        self,
        const int64_t[::1] refs,
        const int64_t[::1] ts,
        const double[::1] values,
        int64_t min_valid,
        int64_t[::1] tally,
    ):
        """Appends samples, leaving out what can't be. `tally` (int64[5]) counts samples by `AppendStatus`.

        Samples already stored count in neither place. Raises `MemoryError` when slabs can't grow.
        """
        cdef Py_ssize_t n = refs.shape[0], i
        cdef int64_t row
        cdef uint64_t value
        cdef int status
        if ts.shape[0] != n or values.shape[0] != n or tally.shape[0] < 5:
            raise ValueError("columns of different lengths")
        self.out_of_memory = False
        with nogil:
            for i in range(n):
                row = self.row_of(refs[i])
                if row < 0:
                    tally[UNKNOWN_SERIES] += 1
                elif ts[i] < min_valid:
                    tally[OUT_OF_BOUNDS] += 1
                else:
                    memcpy(&value, &values[i], 8)
                    status = self.append_one(<uint32_t>row, ts[i], value)
                    if status != STORED:
                        tally[status] += 1
                    if self.out_of_memory:
                        break
        if self.out_of_memory:
            raise MemoryError("the head can't grow")

    def limits(self, const int64_t[::1] rows):
        """``uint32[n]``: how many samples each row has had so far; what readers may see up to."""
        cdef Py_ssize_t n = rows.shape[0], i
        out = np.empty(n, dtype=np.uint32)
        cdef uint32_t[::1] o = out
        with nogil:
            for i in range(n):
                o[i] = series_at(self, rows[i]).count
        return out

    def all_limits(self):
        """`limits` of every row."""
        cdef int64_t n = self.rows, i
        out = np.empty(n, dtype=np.uint32)
        cdef uint32_t[::1] o = out
        with nogil:
            for i in range(n):
                o[i] = series_at(self, i).count
        return out

    def times(self, const int64_t[::1] rows):
        """``(first, last)`` sample time of each row; first > last where there is none."""
        cdef Py_ssize_t n = rows.shape[0], i
        first = np.empty(n, dtype=np.int64)
        last = np.empty(n, dtype=np.int64)
        cdef int64_t[::1] f = first, l = last
        with nogil:
            for i in range(n):
                f[i] = series_at(self, rows[i]).first_t
                l[i] = series_at(self, rows[i]).last_t
        return first, last

    def live_rows(self):
        """``int64``: the rows in use."""
        cdef int64_t i, n = 0
        out = np.empty(self.rows, dtype=np.int64)
        cdef int64_t[::1] o = out
        for i in range(self.rows):
            if series_at(self, i).live:
                o[n] = i
                n += 1
        return out[:n]

    @property
    def bounds(self):
        """``(oldest, newest)`` sample time of the head; oldest > newest when it is empty."""
        return self.head_mint, self.head_maxt

    # ---- taking out ----

    def truncate(self, int64_t mint):
        """Ends series before `mint`: chunks that end earlier are no longer theirs.

        Returns ``(cuts int64[k, 2], empty int64[])``: (row, newest chunk that went) for `release` once no reader can
        hold them, and the live rows that are left without a sample. Readers that were made before still find the
        chunks; those made after must stop at `mint` by themselves (``floor`` in `vedette.kernels.tsdb_read.read`).
        """
        cdef int64_t row
        cdef uint32_t chunk, newer
        cdef Series *s
        cdef Chunk *c
        cdef int64_t oldest = MAX_TIME
        cdef list cuts = [], empty = []
        for row in range(self.rows):
            s = series_at(self, row)
            if not s.live:
                continue
            newer = 0
            chunk = s.chunk
            while chunk:
                c = chunk_at(self, chunk)
                if c.maxt < mint:
                    break
                newer = chunk
                chunk = c.prev
            if newer:
                if s.first_t < mint:
                    s.first_t = chunk_at(self, newer).mint
                if s.first_t < oldest:
                    oldest = s.first_t
            else:
                s.first_t = MAX_TIME
                # The next sample, should there be one, starts a chunk of its own.
                s.next_at = MIN_TIME
                # Somebody may be about to commit a sample: then the series stays.
                if pending_at(self, row).owner == 0 or pending_at(self, row).t < mint:
                    empty.append(row)
            if chunk:
                cuts.append((row, chunk))
        self.head_mint = oldest
        return np.array(cuts, dtype=np.int64).reshape(-1, 2), np.array(empty, dtype=np.int64)

    def release(self, const int64_t[:, ::1] cuts):
        """Gives chunks that `truncate` took out, and their cells, to new series. No reader may hold them."""
        cdef Py_ssize_t i
        cdef uint32_t cell, after, chunk, before
        cdef Series *s
        cdef Chunk *c
        with nogil:
            for i in range(cuts.shape[0]):
                s = series_at(self, cuts[i, 0])
                chunk = s.chunk
                before = 0
                while chunk and chunk != <uint32_t>cuts[i, 1]:
                    before = chunk
                    chunk = chunk_at(self, chunk).prev
                if chunk == 0:
                    # An earlier call went this far already.
                    continue
                if before:
                    chunk_at(self, before).prev = 0
                else:
                    s.chunk = 0
                    s.tail = 0
                while chunk:
                    c = chunk_at(self, chunk)
                    cell = c.first_cell
                    while cell:
                        after = cell_at(self, cell).next
                        cell_at(self, cell).next = self.free_cell
                        self.free_cell = cell
                        self.cell_count -= 1
                        cell = after
                    before = c.prev
                    c.prev = self.free_chunk
                    self.free_chunk = chunk
                    self.chunk_count -= 1
                    chunk = before

    def drop(self, const int64_t[::1] rows):
        """Forgets series without samples: their ids are refused from now on. The rows wait for `reuse_rows`."""
        cdef Py_ssize_t i
        for i in range(rows.shape[0]):
            series_at(self, rows[i]).live = 0
            self._set_id(pending_at(self, rows[i]).id, 0)
            self.live_series -= 1
        self.grow_table()

    def unalias(self, int64_t ref):
        """Forgets one id."""
        self._set_id(ref, 0)

    def reuse_rows(self, const int64_t[::1] rows):
        """Gives dropped rows and their label runs to new series. No reader may hold them."""
        cdef Py_ssize_t i
        cdef Series *s
        for i in range(rows.shape[0]):
            s = series_at(self, rows[i])
            self.free_labels.setdefault(s.labels * 2, []).append(s.labels_at)
            self.free_rows.append(rows[i])

    def memory(self):
        """Bytes held in slabs."""
        cdef int64_t total = self.table_size * 4, i
        for i in range(MAX_SLABS):
            if self.series[i] != NULL:
                total += (<int64_t>1 << SERIES_SHIFT) * (sizeof(Series) + sizeof(Pending))
            if self.chunks[i] != NULL:
                total += (<int64_t>1 << CHUNK_SHIFT) * sizeof(Chunk)
            if self.cells[i] != NULL:
                total += (<int64_t>1 << CELL_SHIFT) * sizeof(Cell)
            if self.labels[i] != NULL:
                total += (<int64_t>1 << LABEL_SHIFT) * sizeof(int32_t)
        return total
