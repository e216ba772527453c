# Decimal text to double, shared by every kernel that reads numbers from a network or a file.

# Reads [p, end) as Go's strconv.ParseFloat does without hexadecimal and underscores: decimal notation, inf, infinity,
# nan, in any case. `end[0]` must be readable and no digit, sign, point or letter e. Returns 0 when the text is no such number,
# -1 when it is one but too large for a double, else 1.
cdef int read_double(const unsigned char *p, const unsigned char *end, double *out) noexcept nogil
