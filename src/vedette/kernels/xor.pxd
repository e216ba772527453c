# XOR chunks (Gorilla), the original's encoding 1: one sample's bits at a time.
#
#   first sample    varint t, 64 bits v
#   second sample   uvarint (t - t0), value bits
#   later samples   delta-of-delta bits, value bits
#
#   delta of delta  0 | 10 + 14 bits | 110 + 17 bits | 1110 + 20 bits | 1111 + 64 bits
#   value (xor)     0 | 10 + meaningful bits of the window before | 11 + 5 bits leading + 6 bits length + bits
#
# The sample count (two bytes, big-endian) stands before these bits and is not written here.

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy

cdef extern from *:
    """
    static inline uint64_t vedette_load_be64(const uint8_t *p) {
        uint64_t w;
        __builtin_memcpy(&w, p, 8);
    #if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        w = __builtin_bswap64(w);
    #endif
        return w;
    }
    static inline int vedette_clz(uint64_t x) { return __builtin_clzll(x); }
    static inline int vedette_ctz(uint64_t x) { return __builtin_ctzll(x); }
    """
    uint64_t load_be64 "vedette_load_be64" (const uint8_t *p) noexcept nogil
    int clz64 "vedette_clz" (uint64_t x) noexcept nogil
    int ctz64 "vedette_ctz" (uint64_t x) noexcept nogil


# The encoder between two samples. `leading` is 255 while no window of meaningful bits is known.
cdef struct XorState:
    int64_t t
    uint64_t delta
    uint64_t value
    uint32_t samples
    uint8_t leading
    uint8_t trailing


# The bits of one sample, at most 1 + 64 + 4 + 77 of them, left-aligned.
cdef struct Bits:
    uint64_t[4] word
    int n


# A position in chunk bytes. `fail` is set once bits were asked for that are not there.
cdef struct BitReader:
    const uint8_t *data
    int64_t bit
    int64_t end
    bint fail


cdef inline void put(Bits *out, uint64_t v, int n) noexcept nogil:
    # n in 1..64; bits of v above n are zero.
    cdef int at = out.n >> 6
    cdef int room = 64 - (out.n & 63)
    if n <= room:
        out.word[at] |= v << (room - n)
    else:
        out.word[at] |= v >> (n - room)
        out.word[at + 1] |= v << (64 - (n - room))
    out.n += n


cdef inline void put_uvarint(Bits *out, uint64_t v) noexcept nogil:
    while v >= 0x80:
        put(out, (v & 0x7F) | 0x80, 8)
        v >>= 7
    put(out, v, 8)


cdef inline bint _fits(int64_t x, int n) noexcept nogil:
    return -((<int64_t>1 << (n - 1)) - 1) <= x <= (<int64_t>1 << (n - 1))


cdef inline void xor_reset(XorState *s) noexcept nogil:
    s.t = 0
    s.delta = 0
    s.value = 0
    s.samples = 0
    s.leading = 255
    s.trailing = 0


cdef inline void _put_value(XorState *s, uint64_t value, Bits *out) noexcept nogil:
    cdef uint64_t x = value ^ s.value
    cdef int leading, trailing, significant
    if x == 0:
        put(out, 0, 1)
        return
    leading = clz64(x)
    trailing = ctz64(x)
    if leading > 31:
        leading = 31
    if s.leading != 255 and leading >= s.leading and trailing >= s.trailing:
        put(out, 0b10, 2)
        put(out, x >> s.trailing, 64 - s.leading - s.trailing)
        return
    s.leading = <uint8_t>leading
    s.trailing = <uint8_t>trailing
    significant = 64 - leading - trailing
    # A length of 64 is written as 0: length 0 never occurs.
    put(out, (0b11 << 11) | (<uint64_t>leading << 6) | (significant & 63), 13)
    put(out, x >> trailing, significant)


cdef inline void xor_put(XorState *s, int64_t t, uint64_t value, Bits *out) noexcept nogil:
    # Sets `out` to the bits of the next sample and advances the state. Any t is encodable.
    cdef uint64_t delta
    cdef int64_t dod
    out.word[0] = out.word[1] = out.word[2] = out.word[3] = 0
    out.n = 0
    if s.samples == 0:
        put_uvarint(out, (<uint64_t>t << 1) ^ <uint64_t>(t >> 63))
        put(out, value, 64)
    else:
        delta = <uint64_t>t - <uint64_t>s.t
        if s.samples == 1:
            put_uvarint(out, delta)
        else:
            dod = <int64_t>(delta - s.delta)
            if dod == 0:
                put(out, 0, 1)
            elif _fits(dod, 14):
                put(out, (<uint64_t>0b10 << 14) | (<uint64_t>dod & 0x3FFF), 16)
            elif _fits(dod, 17):
                put(out, (<uint64_t>0b110 << 17) | (<uint64_t>dod & 0x1FFFF), 20)
            elif _fits(dod, 20):
                put(out, (<uint64_t>0b1110 << 20) | (<uint64_t>dod & 0xFFFFF), 24)
            else:
                put(out, 0b1111, 4)
                put(out, <uint64_t>dod, 64)
        s.delta = delta
        _put_value(s, value, out)
    s.t = t
    s.value = value
    s.samples += 1


cdef inline uint64_t peek(BitReader *r) noexcept nogil:
    # The next 57 or more bits, left-aligned; zeros beyond the end.
    cdef int64_t byte = r.bit >> 3
    cdef int shift = r.bit & 7
    cdef uint64_t w = 0
    cdef int i
    if byte + 8 <= r.end:
        return load_be64(r.data + byte) << shift
    for i in range(8):
        w <<= 8
        if byte + i < r.end:
            w |= r.data[byte + i]
    return w << shift


cdef inline uint64_t take(BitReader *r, int n) noexcept nogil:
    # n in 1..64
    cdef uint64_t v
    if r.bit + n > r.end * 8:
        r.fail = True
        return 0
    if n <= 57:
        v = peek(r) >> (64 - n)
        r.bit += n
        return v
    v = peek(r) >> 32
    r.bit += 32
    n -= 32
    v = (v << n) | (peek(r) >> (64 - n))
    r.bit += n
    return v


cdef inline uint64_t take_uvarint(BitReader *r) noexcept nogil:
    cdef uint64_t v = 0, byte
    cdef int shift = 0
    while shift < 64:
        byte = take(r, 8)
        v |= (byte & 0x7F) << shift
        if byte < 0x80:
            return v
        shift += 7
    r.fail = True
    return v


cdef inline int64_t _signed(uint64_t v, int n) noexcept nogil:
    # The range is -(2**(n-1) - 1) .. 2**(n-1): the pattern 10...0 is positive.
    return <int64_t>v - (<int64_t>1 << n) if v > (<uint64_t>1 << (n - 1)) else <int64_t>v


# Decodes the first `samples` samples whose bits start at byte 0 of `data`, and keeps those with mint <= t <= maxt
# (ends early when past maxt: times ascend). Returns how many were written, or -1 when the bytes end too early.
cdef inline int64_t xor_decode(
    const uint8_t *data,
    int64_t size,
    int64_t samples,
    int64_t mint,
    int64_t maxt,
    int64_t *ts,
    double *values,
) noexcept nogil:
    cdef BitReader r
    cdef int64_t i, dod, t, n = 0, limit = size * 8
    cdef uint64_t w, value, u, delta = 0, fresh
    # `significant` is one less than the bits of the window, as its six bits have it: 63 stands for 64.
    cdef int used, width, header, leading = 0, trailing = 0, significant = 63
    if samples <= 0:
        return 0
    r.data = data
    r.bit = 0
    r.end = size
    r.fail = False
    u = take_uvarint(&r)
    t = <int64_t>(u >> 1) ^ -<int64_t>(u & 1)
    value = take(&r, 64)
    if r.fail:
        return -1
    for i in range(samples):
        if i == 1:
            delta = take_uvarint(&r)
            if r.fail:
                return -1
            t = <int64_t>(<uint64_t>t + delta)
            w = peek(&r)
            used = 0
        elif i > 1:
            w = peek(&r)
            if not (w >> 63):
                used = 1
            else:
                if not (w >> 62) & 1:
                    used, width = 16, 14
                elif not (w >> 61) & 1:
                    used, width = 20, 17
                elif not (w >> 60) & 1:
                    used, width = 24, 20
                else:
                    used, width = 0, 64
                if width == 64:
                    r.bit += 4
                    dod = <int64_t>take(&r, 64)
                    if r.fail:
                        return -1
                    w = peek(&r)
                else:
                    dod = _signed((w >> (64 - used)) & ((<uint64_t>1 << width) - 1), width)
                delta += <uint64_t>dod
                w <<= used
            if used == 1:
                w <<= 1
            t = <int64_t>(<uint64_t>t + delta)
        if i >= 1:
            # At least 57 - 24 = 33 bits of w are good here: enough for the 13 bits of a header.
            if not (w >> 63):
                r.bit += used + 1
            else:
                # Whether a sample brings its own window is a toss-up, so both cases take the same path.
                fresh = -((w >> 62) & 1)
                leading = (leading & ~fresh) | ((w >> 57) & 31 & fresh)
                significant = (significant & ~fresh) | (((((w >> 51) & 63) - 1) & 63) & fresh)
                trailing = 63 - leading - significant
                if trailing < 0:
                    return -1
                header = 2 + (11 & <int>fresh)
                r.bit += used + header
                if used + header + significant < 57:
                    value ^= ((w << header) >> (63 - significant)) << trailing
                    r.bit += significant + 1
                else:
                    value ^= take(&r, significant + 1) << trailing
            if r.fail or r.bit > limit:
                return -1
        if t >= mint:
            if t > maxt:
                return n
            ts[n] = t
            memcpy(&values[n], &value, 8)
            n += 1
    return n
