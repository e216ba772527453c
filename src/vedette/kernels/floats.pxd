# Number text shared by every kernel that writes or reads it.

# Room for the longest text of write_value, with a margin.
cdef enum:
    VALUE_TEXT_MAX = 344

# Writes `v` as Prometheus writes sample values and returns the number of bytes.
cdef int write_value(double v, char *out) noexcept nogil

# Writes a millisecond timestamp as seconds with at most three decimals; returns the number of bytes.
cdef int write_seconds(long long ms, char *out) noexcept nogil
