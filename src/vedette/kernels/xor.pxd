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


# The bits from `bit` on, left-aligned, 57 or more of them. Eight bytes must stand there.
cdef inline uint64_t bits_at(const uint8_t *data, int64_t bit) noexcept nogil:
    return load_be64(data + (bit >> 3)) << (bit & 7)


# How a chunk is being decoded: where, the sample before, and the window of meaningful bits.
cdef struct XorReader:
    BitReader bits
    int64_t t
    uint64_t delta
    uint64_t value
    int trailing
    int significant  # 1..64


# The next sample of a chunk after its second one, anywhere in the chunk. False when the bytes end too early.
cdef inline bint xor_next(XorReader *x) noexcept nogil:
    cdef BitReader *r = &x.bits
    if take(r, 1):
        if not take(r, 1):
            x.delta += <uint64_t>_signed(take(r, 14), 14)
        elif not take(r, 1):
            x.delta += <uint64_t>_signed(take(r, 17), 17)
        elif not take(r, 1):
            x.delta += <uint64_t>_signed(take(r, 20), 20)
        else:
            x.delta += take(r, 64)
    x.t = <int64_t>(<uint64_t>x.t + x.delta)
    return xor_next_value(x)


cdef inline bint xor_next_value(XorReader *x) noexcept nogil:
    cdef BitReader *r = &x.bits
    cdef int leading
    if take(r, 1):
        if take(r, 1):
            leading = <int>take(r, 5)
            x.significant = <int>take(r, 6)
            if x.significant == 0:
                x.significant = 64
            x.trailing = 64 - leading - x.significant
            if x.trailing < 0:
                return False
        x.value ^= take(r, x.significant) << x.trailing
    return not r.fail


# Decodes the first `samples` samples whose bits start at byte 0 of `data`, and keeps those with mint <= t <= maxt
# (ends early when past maxt: times ascend). There is room for all of them. Returns how many were written, or -1 when
# the bytes end too early. `slack` bytes behind the chunk may be read too, though nothing in them counts: with 26 of
# them no sample has to be read with care.
cdef inline int64_t xor_decode(
    const uint8_t *data,
    int64_t size,
    int64_t slack,
    int64_t samples,
    int64_t mint,
    int64_t maxt,
    int64_t *ts,
    double *values,
) noexcept nogil:
    cdef XorReader x
    cdef BitReader *r = &x.bits
    # A sample takes 141 bits at most, so up to here it can be read without asking where the bytes end.
    cdef int64_t limit = size * 8, safe = min(size, size + slack - 26) * 8
    cdef int64_t i, n = 0, bit
    cdef uint64_t w, value, delta
    cdef int64_t t
    cdef int leading, trailing, significant
    if samples <= 0:
        return 0
    r.data = data
    r.bit = 0
    r.end = size
    r.fail = False
    w = take_uvarint(r)
    x.t = <int64_t>(w >> 1) ^ -<int64_t>(w & 1)
    x.value = take(r, 64)
    x.delta = 0
    x.trailing = 0
    x.significant = 64
    if r.fail:
        return -1
    if x.t > maxt:
        return 0
    ts[0] = x.t
    memcpy(&values[0], &x.value, 8)
    n = x.t >= mint
    if samples == 1:
        return n
    x.delta = take_uvarint(r)
    x.t = <int64_t>(<uint64_t>x.t + x.delta)
    if r.fail or not xor_next_value(&x):
        return -1
    if x.t > maxt:
        return n
    ts[n] = x.t
    memcpy(&values[n], &x.value, 8)
    n += x.t >= mint
    i = 2
    bit, t, delta, value, trailing, significant = r.bit, x.t, x.delta, x.value, x.trailing, x.significant
    while i < samples and bit < safe:
        w = bits_at(data, bit)
        if not (w >> 63):
            w <<= 1
            bit += 1
        else:
            if not (w >> 62) & 1:
                delta += <uint64_t>_signed((w >> 48) & 0x3FFF, 14)
                bit += 16
            elif not (w >> 61) & 1:
                delta += <uint64_t>_signed((w >> 44) & 0x1FFFF, 17)
                bit += 20
            elif not (w >> 60) & 1:
                delta += <uint64_t>_signed((w >> 40) & 0xFFFFF, 20)
                bit += 24
            else:
                r.bit = bit + 4
                delta += take(r, 64)
                bit += 68
            w = bits_at(data, bit)
        t = <int64_t>(<uint64_t>t + delta)
        if t > maxt:
            return n if bit < limit else -1
        if not (w >> 63):
            bit += 1
        else:
            if (w >> 62) & 1:
                leading = (w >> 57) & 31
                significant = (((w >> 51) & 63) - 1 & 63) + 1
                trailing = 64 - leading - significant
                if trailing < 0:
                    return -1
                bit += 13
            else:
                bit += 2
            if significant <= 57:
                value ^= (bits_at(data, bit) >> (64 - significant)) << trailing
            else:
                r.bit = bit
                value ^= take(r, significant) << trailing
            bit += significant
        ts[n] = t
        memcpy(&values[n], &value, 8)
        n += t >= mint
        i += 1
    if bit > limit:
        return -1
    r.bit, x.t, x.delta, x.value, x.trailing, x.significant = bit, t, delta, value, trailing, significant
    while i < samples:
        if not xor_next(&x):
            return -1
        if x.t > maxt:
            return n
        ts[n] = x.t
        memcpy(&values[n], &x.value, 8)
        n += x.t >= mint
        i += 1
    return n
