# What the kernels that read exposition pages know of a line.

from libc.stdint cimport int64_t

ctypedef const unsigned char *Bytes

cdef enum:
    C_TEXT = 0
    C_OPENMETRICS = 1
    # Kinds of lines.
    SERIES = 0
    HELP = 1
    TYPE = 2
    UNIT = 3
    REMARK = 4

cdef struct Line:
    Bytes following  # where the next line begins
    double value
    int64_t time  # milliseconds; the smallest int64 when the line has none
    int kind
    int type  # of a TYPE line

# After the name and labels that begin at p, or NULL when they are not well-formed.
cdef Bytes series_end(Bytes p, Bytes end, int syntax) noexcept nogil

# The rest of a sample's line, from behind its series. False when it is not well-formed.
cdef bint text_sample(Bytes p, Bytes end, Line *line) noexcept nogil
cdef bint openmetrics_sample(Bytes p, Bytes end, Line *line) noexcept nogil

# A line that begins with '#' at p. False when it is not well-formed.
cdef bint comment(Bytes p, Bytes end, int syntax, Line *line) noexcept nogil
