"""Exposition pages to samples: one pass that finds line ends, looks series up and reads numbers.

A target shows nearly the same page at each scrape. A `Page` remembers the bytes of every series line (name and labels)
and of every metadata line in the order in which they came, so a line costs one comparison with the line expected there;
only when that fails is it taken apart and looked up by hash. No Python object is made per line.

How a line reads is the affair of `vedette.kernels.exposition_lines`.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memcmp, memcpy

import os

import numpy as np

from vedette.kernels.exposition_lines cimport (
    C_TEXT,
    HELP,
    SERIES,
    TYPE,
    UNIT,
    REMARK,
    Bytes,
    Line,
    comment,
    openmetrics_sample,
    series_end,
    text_sample,
)

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>
    static inline uint64_t vedette_fold(uint64_t a, uint64_t b) {
        unsigned __int128 product = (unsigned __int128)a * b;
        return (uint64_t)product ^ (uint64_t)(product >> 64);
    }
    static inline uint64_t vedette_load(const unsigned char *p) { uint64_t v; memcpy(&v, p, 8); return v; }
    """
    uint64_t fold "vedette_fold"(uint64_t a, uint64_t b) noexcept nogil
    uint64_t load "vedette_load"(const unsigned char *p) noexcept nogil

# Syntaxes.
TEXT = 0
OPENMETRICS = 1

# What a row stands for, when not a storage reference.
DROPPED = -1
NEW = -2

# No timestamp on the line.
NO_TIME = -(1 << 63)

cdef enum:
    C_NEW = -2

cdef int64_t LAST_TIME = (1 << 63) - 1
cdef int64_t C_NO_TIME = -LAST_TIME - 1

cdef struct Row:
    int64_t offset   # of the line's bytes in the arena
    int64_t ref
    int32_t length
    int32_t following  # the row that came after this one last time; -1 unknown
    uint32_t seen    # the pass that saw it last
    uint8_t kind
    uint8_t type     # of the family: in force when the series appeared, or declared by the TYPE line

# Seeds drawn at start, so that a target can't choose lines that collide.
cdef uint64_t SEED_A = int.from_bytes(os.urandom(8), "little") | 1
cdef uint64_t SEED_B = int.from_bytes(os.urandom(8), "little") | 1
cdef uint64_t SEED_C = int.from_bytes(os.urandom(8), "little") | 1


cdef inline uint64_t hash_bytes(Bytes p, int64_t n) noexcept nogil:
    cdef uint64_t h = SEED_A ^ <uint64_t>n
    cdef uint64_t tail = 0
    while n >= 16:
        h = fold(load(p) ^ SEED_B, load(p + 8) ^ h)
        p += 16
        n -= 16
    if n >= 8:
        h = fold(load(p) ^ SEED_B, h ^ SEED_C)
        p += 8
        n -= 8
    if n:
        memcpy(&tail, p, n)
    return fold(tail ^ SEED_C, h ^ SEED_B)


# --- the page -----------------------------------------------------------------------------------------------------

cdef class Page:
    """What one target showed: a row for each series line and metadata line, and the order in which they came.

    Not safe across threads; `scan` releases the GIL while it reads.
    """

    cdef Row *rows
    cdef int64_t used, room
    cdef unsigned char *arena
    cdef int64_t arena_used, arena_room
    cdef int32_t *table      # open addressing: row + 1, 0 empty
    cdef uint64_t mask
    cdef int syntax
    cdef int32_t first       # the row that began the last page
    cdef uint32_t passes
    # What the running scan found.
    cdef int32_t *out_rows
    cdef double *out_values
    cdef int64_t *out_times
    cdef int64_t out_used, out_room
    cdef bint out_of_memory

    cdef readonly int64_t total        # series lines of the last scan, up to the fault if there was one
    cdef readonly int64_t duplicates   # of these, lines without timestamp that repeat a known series
    cdef readonly int64_t fault        # offset of the line that is wrong, -1 when none; len(body): the end is missing
    cdef readonly int64_t seen         # rows of any kind on the last page
    cdef readonly bint any_time        # whether a line had a timestamp

    def __cinit__(self):
        self.syntax = -1
        self.first = -1
        self.fault = -1
        self.mask = 255
        self.table = <int32_t *>calloc(256, sizeof(int32_t))
        if self.table == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.rows)
        free(self.arena)
        free(self.table)
        free(self.out_rows)
        free(self.out_values)
        free(self.out_times)

    def __len__(self):
        return self.used

    # --- lookup ---

    cdef int32_t find(self, Bytes p, int64_t n, uint64_t h) noexcept nogil:
        cdef uint64_t slot = h & self.mask
        cdef int32_t row
        while True:
            row = self.table[slot] - 1
            if row < 0:
                return -1
            if self.rows[row].length == n and memcmp(self.arena + self.rows[row].offset, p, n) == 0:
                return row
            slot = (slot + 1) & self.mask

    cdef void put(self, int32_t row, uint64_t h) noexcept nogil:
        cdef uint64_t slot = h & self.mask
        while self.table[slot]:
            slot = (slot + 1) & self.mask
        self.table[slot] = row + 1

    cdef int32_t add(self, Bytes p, int64_t n, uint64_t h, int kind, int type) noexcept nogil:
        """A new row, or -1 without memory."""
        cdef Row *rows
        cdef unsigned char *arena
        cdef int32_t *table
        cdef int64_t room, i
        if n > 0x7FFFFFFF or self.used >= 0x7FFFFFF0:
            return -1
        if self.used == self.room:
            room = self.room * 2 if self.room else 64
            rows = <Row *>realloc(self.rows, room * sizeof(Row))
            if rows == NULL:
                return -1
            self.rows, self.room = rows, room
        if self.arena_used + n > self.arena_room:
            room = self.arena_room * 2 if self.arena_room else 4096
            while room < self.arena_used + n:
                room *= 2
            arena = <unsigned char *>realloc(self.arena, room)
            if arena == NULL:
                return -1
            self.arena, self.arena_room = arena, room
        if <uint64_t>self.used * 3 >= self.mask * 2:
            table = <int32_t *>calloc((self.mask + 1) * 2, sizeof(int32_t))
            if table == NULL:
                return -1
            free(self.table)
            self.table = table
            self.mask = self.mask * 2 + 1
            for i in range(self.used):
                self.put(<int32_t>i, hash_bytes(self.arena + self.rows[i].offset, self.rows[i].length))
        memcpy(self.arena + self.arena_used, p, n)
        self.rows[self.used].offset = self.arena_used
        self.rows[self.used].length = <int32_t>n
        self.rows[self.used].ref = C_NEW
        self.rows[self.used].following = -1
        self.rows[self.used].seen = 0
        self.rows[self.used].kind = <uint8_t>kind
        self.rows[self.used].type = <uint8_t>type
        self.arena_used += n
        self.put(<int32_t>self.used, h)
        self.used += 1
        return <int32_t>(self.used - 1)

    cdef bint emit(self, int32_t row, double value, int64_t time) noexcept nogil:
        cdef int64_t room
        cdef void *grown
        if self.out_used == self.out_room:
            room = self.out_room * 2 if self.out_room else 256
            grown = realloc(self.out_rows, room * sizeof(int32_t))
            if grown == NULL:
                return False
            self.out_rows = <int32_t *>grown
            grown = realloc(self.out_values, room * sizeof(double))
            if grown == NULL:
                return False
            self.out_values = <double *>grown
            grown = realloc(self.out_times, room * sizeof(int64_t))
            if grown == NULL:
                return False
            self.out_times = <int64_t *>grown
            self.out_room = room
        self.out_rows[self.out_used] = row
        self.out_values[self.out_used] = value
        self.out_times[self.out_used] = time
        self.out_used += 1
        return True

    # --- the pass ---

    cdef void read(self, Bytes body, Bytes end, bint honor_times) noexcept nogil:
        cdef Bytes p = body
        cdef Bytes begin, key_end
        cdef Line line
        cdef Row *row
        cdef int32_t guess = self.first, found, last = -1
        cdef int64_t n
        cdef uint64_t h
        cdef int type = 0
        cdef bint text = self.syntax == C_TEXT
        cdef bint hit
        while True:
            if text:
                while p < end and (p[0] == c'\n' or p[0] == c' ' or p[0] == c'\t'):
                    p += 1
                if p >= end or p[0] == 0:
                    return  # a NUL where a line begins ends the page, as in the original
            elif p >= end:
                self.fault = end - body
                return
            begin = p
            found = -1
            if guess >= 0:
                row = &self.rows[guess]
                n = row.length
                if end - p > n and memcmp(p, self.arena + row.offset, n) == 0:
                    if row.kind != SERIES:
                        # A last line without its end could go on here.
                        if p[n - 1] == c'\n':
                            found = guess
                            p += n
                    elif p[n] == c' ' and p[n + 1] != c' ' and p[n + 1] != c'{' and p[n + 1] != c'\t':
                        found = guess
                        key_end = p + n
            if found < 0:
                if p[0] == c'#':
                    if not text and end - p >= 5 and memcmp(p, b"# EOF", 5) == 0:
                        p += 5
                        if p < end and p[0] == c'\n':
                            p += 1
                        if p < end:
                            self.fault = begin - body
                        return
                    if not comment(p, end, self.syntax, &line):
                        self.fault = begin - body
                        return
                    p = line.following
                    if line.kind == REMARK and not text:
                        self.fault = begin - body
                        return
                    n = p - begin
                    h = hash_bytes(begin, n)
                    found = self.find(begin, n, h)
                    if found < 0:
                        found = self.add(begin, n, h, line.kind, line.type)
                else:
                    key_end = series_end(p, end, self.syntax)
                    if key_end == NULL:
                        self.fault = begin - body
                        return
                    n = key_end - begin
                    h = hash_bytes(begin, n)
                    found = self.find(begin, n, h)
                    if found < 0:
                        found = self.add(begin, n, h, SERIES, type)
                if found < 0:
                    self.out_of_memory = True
                    return
            row = &self.rows[found]
            if row.kind == SERIES:
                hit = text_sample(key_end, end, &line) if text else openmetrics_sample(key_end, end, &line)
                if not hit:
                    self.fault = begin - body
                    return
                p = line.following
                self.total += 1
                if not honor_times:
                    line.time = C_NO_TIME
                if line.value != line.value:
                    # Only the store's own NaN has a meaning; all others are this one.
                    memcpy(&line.value, &NORMAL_NAN, 8)
                if row.seen == self.passes and line.time == C_NO_TIME and row.ref != C_NEW:
                    self.duplicates += row.ref >= 0
                else:
                    if line.time != C_NO_TIME:
                        self.any_time = True
                    if not self.emit(found, line.value, line.time):
                        self.out_of_memory = True
                        return
            elif row.kind == TYPE:
                type = row.type
            if row.seen != self.passes:
                row.seen = self.passes
                self.seen += 1
            if last >= 0:
                self.rows[last].following = found
            else:
                self.first = found
            last = found
            guess = row.following

    def scan(self, bytes body not None, int syntax, bint honor_times=True):
        """Reads a page. Returns ``(rows int32[n], values float64[n], times int64[n])`` of its samples, in order.

        A time is `NO_TIME` where the line has none (always, without `honor_times`). Lines without timestamp that repeat
        a series are left out, and counted in `duplicates` if the series has a reference; those of a `NEW` row are all
        there, for who names the row to judge. Reading stops at the first faulty line, whose offset
        is then in `fault`. Raises `MemoryError`.
        """
        cdef Bytes p = body
        cdef Bytes end = p + len(body)
        if syntax != self.syntax:
            self.clear()
            self.syntax = syntax
        self.passes += 1
        if self.passes == 0:
            self.clear()
            self.passes = 1
        self.total = self.duplicates = self.seen = self.out_used = 0
        self.fault = -1
        self.any_time = False
        self.out_of_memory = False
        with nogil:
            self.read(p, end, honor_times)
        if self.out_of_memory:
            raise MemoryError("no memory for an exposition page")
        rows = np.empty(self.out_used, dtype=np.int32)
        values = np.empty(self.out_used, dtype=np.float64)
        times = np.empty(self.out_used, dtype=np.int64)
        cdef int32_t[::1] rows_view = rows
        cdef double[::1] values_view = values
        cdef int64_t[::1] times_view = times
        if self.out_used:
            memcpy(&rows_view[0], self.out_rows, self.out_used * sizeof(int32_t))
            memcpy(&values_view[0], self.out_values, self.out_used * sizeof(double))
            memcpy(&times_view[0], self.out_times, self.out_used * sizeof(int64_t))
        return rows, values, times

    def refs(self, const int32_t[::1] rows):
        """int64[n]: the reference of each row, `DROPPED` or `NEW`."""
        out = np.empty(rows.shape[0], dtype=np.int64)
        cdef int64_t[::1] view = out
        cdef Py_ssize_t i
        cdef int32_t row
        for i in range(rows.shape[0]):
            row = rows[i]
            if not 0 <= row < self.used:
                raise IndexError("no such row")
            view[i] = self.rows[row].ref
        return out

    def set_ref(self, int32_t row, int64_t ref):
        if not 0 <= row < self.used:
            raise IndexError("no such row")
        self.rows[row].ref = ref

    def ref(self, int32_t row):
        if not 0 <= row < self.used:
            raise IndexError("no such row")
        return self.rows[row].ref

    def line(self, int32_t row):
        """The bytes of a row: name and labels of a series, or a whole comment line."""
        if not 0 <= row < self.used:
            raise IndexError("no such row")
        return <bytes>self.arena[self.rows[row].offset:self.rows[row].offset + self.rows[row].length]

    def row_type(self, int32_t row):
        """The family's type in force where the row appeared first: an index into `exposition_lines.TYPES`."""
        if not 0 <= row < self.used:
            raise IndexError("no such row")
        return self.rows[row].type

    def metadata_lines(self, uint32_t passes):
        """HELP, TYPE and UNIT lines seen in the last `passes` scans, in order of first appearance."""
        cdef int64_t i
        out = []
        for i in range(self.used):
            if HELP <= self.rows[i].kind <= UNIT and self.passes - self.rows[i].seen < passes:
                out.append(self.line(<int32_t>i))
        return out

    def forget_unseen(self):
        """Drops the rows that were not on the last page. Numbers of rows change."""
        cdef Row *old_rows = self.rows
        cdef unsigned char *old_arena = self.arena
        cdef int64_t old_used = self.used, i, start
        cdef uint32_t passes = self.passes
        cdef int syntax = self.syntax
        cdef int32_t row, last = -1
        cdef Row *old
        self.rows = NULL
        self.arena = NULL
        self.clear()
        self.passes = passes
        self.syntax = syntax
        try:
            for i in range(old_used):
                old = &old_rows[i]
                if old.seen != passes:
                    continue
                row = self.add(old_arena + old.offset, old.length,
                               hash_bytes(old_arena + old.offset, old.length), old.kind, old.type)
                if row < 0:
                    raise MemoryError("no memory for an exposition page")
                self.rows[row].ref = old.ref
                self.rows[row].seen = passes
                if last >= 0:
                    self.rows[last].following = row
                else:
                    self.first = row
                last = row
        finally:
            free(old_rows)
            free(old_arena)

    def clear(self):
        """Forgets everything."""
        free(self.rows)
        free(self.arena)
        self.rows = NULL
        self.arena = NULL
        self.used = self.room = self.arena_used = self.arena_room = 0
        self.first = -1
        self.syntax = -1
        cdef int32_t *table = <int32_t *>calloc(256, sizeof(int32_t))
        if table == NULL:
            raise MemoryError("no memory for an exposition page")
        free(self.table)
        self.table = table
        self.mask = 255


cdef uint64_t NORMAL_NAN = 0x7FF8000000000001
