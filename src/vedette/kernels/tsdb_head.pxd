# The memory of the head: slabs of series, chunks and cells. Nothing here ever moves, so that readers need no lock.
#
#   series   one record per row, 64 bytes
#   pending  what appenders that have not committed know of a row
#   chunk    one XOR chunk: its range, how many samples came before it, its first cell, the chunk before it
#   cell     64 bytes: 60 of chunk data and the number of the next cell (0: last)
#   ids      series id of the write-ahead log -> row + 1 (0: unknown)
#   labels   (name id, value id) pairs, one run per series

from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from vedette.kernels.xor cimport XorState

cdef enum:
    CELL_DATA = 60
    SERIES_SHIFT = 12
    CHUNK_SHIFT = 14
    CELL_SHIFT = 14
    LABEL_SHIFT = 16
    ID_SHIFT = 12
    MAX_SLABS = 1 << 18
    MAX_ID_SLABS = 1 << 20

cdef struct Series:
    int64_t last_t
    int64_t first_t
    int64_t next_at
    uint64_t delta
    uint64_t value
    uint32_t chunk
    uint32_t tail
    uint32_t count
    uint32_t labels_at
    uint16_t labels
    uint16_t bit
    uint8_t leading
    uint8_t trailing
    uint8_t live
    uint8_t spare

cdef struct Pending:
    int64_t t
    uint64_t value
    uint64_t id
    uint32_t owner
    uint32_t hash

cdef struct Chunk:
    int64_t mint
    int64_t maxt
    uint32_t base
    uint32_t first_cell
    uint32_t prev
    uint16_t samples
    uint16_t bits

cdef struct Cell:
    uint8_t[CELL_DATA] data
    uint32_t next


cdef class HeadStore:
    cdef Series **series
    cdef Pending **pending
    cdef Chunk **chunks
    cdef Cell **cells
    cdef int32_t **labels
    cdef uint32_t **ids
    cdef readonly int64_t rows, chunk_top, cell_top, label_top, cell_count, chunk_count, live_series
    cdef uint32_t free_cell
    cdef uint32_t free_chunk
    cdef uint32_t *table
    cdef int64_t table_size, table_used
    cdef list free_rows
    cdef dict free_labels
    cdef readonly int64_t chunk_range
    cdef int64_t head_mint, head_maxt
    cdef bint out_of_memory

    cdef uint32_t new_cell(self) noexcept nogil
    cdef uint32_t new_chunk(self) noexcept nogil
    cdef int append_one(self, uint32_t row, int64_t t, uint64_t value) noexcept nogil
    cdef int64_t find_row(self, const int32_t *pairs, int n, uint32_t h) noexcept nogil
    cdef int64_t row_of(self, int64_t ref) noexcept nogil
    cdef void grow_table(self)


cdef inline Series *series_at(HeadStore head, int64_t row) noexcept nogil:
    return &head.series[row >> SERIES_SHIFT][row & ((1 << SERIES_SHIFT) - 1)]


cdef inline Pending *pending_at(HeadStore head, int64_t row) noexcept nogil:
    return &head.pending[row >> SERIES_SHIFT][row & ((1 << SERIES_SHIFT) - 1)]


cdef inline Chunk *chunk_at(HeadStore head, int64_t chunk) noexcept nogil:
    return &head.chunks[chunk >> CHUNK_SHIFT][chunk & ((1 << CHUNK_SHIFT) - 1)]


cdef inline Cell *cell_at(HeadStore head, int64_t cell) noexcept nogil:
    return &head.cells[cell >> CELL_SHIFT][cell & ((1 << CELL_SHIFT) - 1)]


cdef inline int32_t *labels_at(HeadStore head, int64_t at) noexcept nogil:
    return &head.labels[at >> LABEL_SHIFT][at & ((1 << LABEL_SHIFT) - 1)]


# Copies up to `room` bytes of a chain of cells; returns how many.
cdef inline int64_t gather_cells(HeadStore head, uint32_t cell, uint8_t *out, int64_t room) noexcept nogil:
    cdef int64_t n = 0, step
    cdef Cell *c
    cdef int i
    while cell and n < room:
        c = cell_at(head, cell)
        step = CELL_DATA if room - n >= CELL_DATA else room - n
        for i in range(step):
            out[n + i] = c.data[i]
        n += step
        cell = c.next
    return n
