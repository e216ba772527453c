"""Decimal text to double, correctly rounded.

Short decimals are one exact multiplication or division (Clinger). The others, up to 19 digits, are multiplied by a
128-bit power of ten and rounded when the product proves which double is nearest (Eisel and Lemire, "Number Parsing at a
Gigabyte per Second"). What is left, very long or ambiguous or subnormal, goes to strtod.
"""

from libc.stdint cimport int64_t, uint64_t
from libc.stdlib cimport strtod
from libc.math cimport isinf
from libc.string cimport memcpy

cdef extern from *:
    """
    #include <stdint.h>
    static inline uint64_t vedette_mul128(uint64_t a, uint64_t b, uint64_t *low) {
        unsigned __int128 product = (unsigned __int128)a * b;
        *low = (uint64_t)product;
        return (uint64_t)(product >> 64);
    }
    static inline int vedette_clz64(uint64_t a) { return __builtin_clzll(a); }
    """
    uint64_t mul128 "vedette_mul128"(uint64_t a, uint64_t b, uint64_t *low) noexcept nogil
    int clz64 "vedette_clz64"(uint64_t a) noexcept nogil

cdef enum:
    SMALLEST = -342
    LARGEST = 308

cdef uint64_t FRACTION = 0x000FFFFFFFFFFFFF
cdef double[23] EXACT
cdef uint64_t[651] POWER_HIGH
cdef uint64_t[651] POWER_LOW
cdef double INFINITE = float("inf")
cdef double NOT_A_NUMBER = float("nan")


def _fill_tables():
    # 10**e as 0.1xxx * 2**k with 128 bits of x, rounded down.
    for e in range(23):
        EXACT[e] = 10.0 ** e
    for e in range(SMALLEST, LARGEST + 1):
        if e >= 0:
            power = 10 ** e
            bits = power.bit_length()
            top = power << (128 - bits) if bits <= 128 else power >> (bits - 128)
        else:
            power = 10 ** -e
            bits = power.bit_length()
            top = (1 << (bits + 127)) // power
            if top.bit_length() > 128:
                top >>= 1
        POWER_HIGH[e - SMALLEST] = top >> 64
        POWER_LOW[e - SMALLEST] = top & 0xFFFFFFFFFFFFFFFF


_fill_tables()


cdef inline bint _same_letters(const unsigned char *p, const char *lower, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        if (p[i] | 0x20) != <unsigned char>lower[i]:
            return False
    return True


cdef int _special(const unsigned char *p, const unsigned char *end, double *out) noexcept nogil:
    cdef bint negative = False
    cdef bint signed_ = False
    if p < end and (p[0] == c'+' or p[0] == c'-'):
        negative = p[0] == c'-'
        signed_ = True
        p += 1
    if (end - p == 3 and _same_letters(p, b"inf", 3)) or (end - p == 8 and _same_letters(p, b"infinity", 8)):
        out[0] = -INFINITE if negative else INFINITE
        return 1
    if not signed_ and end - p == 3 and _same_letters(p, b"nan", 3):
        out[0] = NOT_A_NUMBER
        return 1
    return 0


cdef bint _by_product(uint64_t digits, int64_t exponent, bint negative, double *out) noexcept nogil:
    # digits * 10**exponent, digits > 0; False when the product does not prove the rounding.
    cdef uint64_t high, low, high2, low2, mantissa, bits
    cdef int64_t binary
    cdef int zeros, top
    if exponent < SMALLEST or exponent > LARGEST:
        return False
    zeros = clz64(digits)
    digits <<= zeros
    # floor(log2(10) * exponent), exact in this range.
    binary = ((217706 * exponent) >> 16) + 64 + 1023 - zeros
    high = mul128(digits, POWER_HIGH[exponent - SMALLEST], &low)
    if (high & 0x1FF) == 0x1FF and low + digits < digits:
        # The cut-off half of the power may still carry into the bits that decide.
        high2 = mul128(digits, POWER_LOW[exponent - SMALLEST], &low2)
        low += high2
        if low < high2:
            high += 1
        if (high & 0x1FF) == 0x1FF and low + 1 == 0 and low2 + digits < digits:
            return False
    top = <int>(high >> 63)
    mantissa = high >> (top + 9)
    binary -= 1 ^ top
    if low == 0 and (high & 0x1FF) == 0 and (mantissa & 3) == 1:
        return False  # exactly between two doubles
    mantissa += mantissa & 1
    mantissa >>= 1
    if mantissa >> 53:
        mantissa >>= 1
        binary += 1
    if binary < 1 or binary > 2046:
        return False
    bits = (<uint64_t>binary << 52) | (mantissa & FRACTION)
    if negative:
        bits |= <uint64_t>1 << 63
    memcpy(out, &bits, 8)
    return True


cdef int read_double(const unsigned char *p, const unsigned char *end, double *out) noexcept nogil:
    cdef const unsigned char *start = p
    cdef uint64_t digits = 0
    cdef int64_t exponent = 0, written = 0
    cdef int kept = 0
    cdef bint any_digit = False, negative = False, cut = False, negative_exponent = False
    cdef double value
    if p < end and (p[0] == c'+' or p[0] == c'-'):
        negative = p[0] == c'-'
        p += 1
    while p < end and c'0' <= p[0] <= c'9':
        any_digit = True
        if kept < 19:
            digits = digits * 10 + (p[0] - c'0')
            if digits:
                kept += 1
        else:
            exponent += 1
            cut = True
        p += 1
    if p < end and p[0] == c'.':
        p += 1
        while p < end and c'0' <= p[0] <= c'9':
            any_digit = True
            if kept < 19:
                digits = digits * 10 + (p[0] - c'0')
                if digits:
                    kept += 1
                exponent -= 1
            else:
                cut = True
            p += 1
    if not any_digit:
        return _special(start, end, out)
    if p < end and (p[0] | 0x20) == c'e':
        p += 1
        if p < end and (p[0] == c'+' or p[0] == c'-'):
            negative_exponent = p[0] == c'-'
            p += 1
        if p >= end or not (c'0' <= p[0] <= c'9'):
            return 0
        while p < end and c'0' <= p[0] <= c'9':
            if written < 100000:
                written = written * 10 + (p[0] - c'0')
            p += 1
        exponent += -written if negative_exponent else written
    if p != end:
        return 0
    if not cut:
        if digits == 0:
            out[0] = -0.0 if negative else 0.0
            return 1
        if (digits >> 53) == 0 and -22 <= exponent <= 22:
            value = <double>digits
            value = value * EXACT[exponent] if exponent >= 0 else value / EXACT[-exponent]
            out[0] = -value if negative else value
            return 1
        if _by_product(digits, exponent, negative, out):
            return 1
    value = strtod(<const char *>start, NULL)
    out[0] = value
    return -1 if isinf(value) else 1


def parse_float(bytes text):
    """The double of `text`. Raises `ValueError` when it is no number, `OverflowError` when it is too large."""
    cdef const unsigned char *p = text
    cdef double value = 0.0
    cdef int state = read_double(p, p + len(text), &value)
    if state == 0:
        raise ValueError("invalid syntax")
    if state < 0:
        raise OverflowError("value out of range")
    return value
