"""Text of numbers, as Go's strconv and Prometheus's JSON writer produce it.

Shortest decimal that reads back as the same double; plain notation for 1e-6 <= |v| < 1e21, exponent
notation (``1e+21``, ``5e-07``) outside; ``NaN``, ``+Inf``, ``-Inf``.
"""

from libc.math cimport fabs, floor, isinf, isnan, rint, signbit
from libc.string cimport memcpy, memset

cdef double[4] POW10
POW10[:] = [1e0, 1e1, 1e2, 1e3]


cdef const char *PAIRS = (
    b"0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
    b"5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899"
)


cdef inline int write_uint(unsigned long long n, char *out) noexcept nogil:
    # Two digits a division, the last ones first.
    cdef char[24] tmp
    cdef int at = 24
    cdef unsigned long long rest
    while n >= 100:
        rest = n // 100
        at -= 2
        memcpy(&tmp[at], PAIRS + 2 * (n - 100 * rest), 2)
        n = rest
    if n >= 10:
        at -= 2
        memcpy(&tmp[at], PAIRS + 2 * n, 2)
    else:
        at -= 1
        tmp[at] = <char>(c'0' + n)
    memcpy(out, &tmp[at], 24 - at)
    return 24 - at


cdef extern from *:
    """
    static inline unsigned long long vedette_mulhi(unsigned long long a, unsigned long long b) {
        return (unsigned long long)(((unsigned __int128)a * b) >> 64);
    }
    """
    unsigned long long vedette_mulhi(unsigned long long a, unsigned long long b) noexcept nogil

ctypedef unsigned long long u64

cdef enum:
    K_MIN = -324
    K_COUNT = 617

# 126-bit approximations of 10**-k from above, for Schubfach ("The Schubfach way to render doubles", R. Giulietti):
# floor(10**-k * 2**(125 - e)) + 1 with 2**e <= 10**-k < 2**(e + 1), split as high * 2**63 + low.
cdef u64[617] POW10_HIGH
cdef u64[617] POW10_LOW


def _fill_powers():
    for i in range(K_COUNT):
        k = K_MIN + i
        exponent = (-k * 913124641741) >> 38
        if k <= 0:
            top = 10 ** -k
            shift = 125 - exponent
            g = (top << shift if shift >= 0 else top >> -shift) + 1
        else:
            g = (1 << (125 - exponent)) // 10**k + 1
        POW10_HIGH[i] = g >> 63
        POW10_LOW[i] = g & ((1 << 63) - 1)


_fill_powers()


cdef inline u64 _round_to_odd(u64 high, u64 low, u64 cp) noexcept nogil:
    cdef u64 z = ((high * cp) >> 1) + vedette_mulhi(low, cp)
    cdef u64 w = vedette_mulhi(high, cp) + (z >> 63)
    return w | (((z & 0x7FFFFFFFFFFFFFFFULL) + 0x7FFFFFFFFFFFFFFFULL) >> 63)


cdef u64 _shortest(double a, int *power) noexcept nogil:
    # The integer d and the power k with the fewest digits such that d * 10**k reads back as the finite a > 0.
    cdef u64 bits, c, odd, cb, cbl, vb, vbl, vbr, s, t, sp10, tp10, high, low
    cdef int q, k, h
    cdef bint lower_in, upper_in
    memcpy(&bits, &a, 8)
    c = bits & 0xFFFFFFFFFFFFFULL
    q = <int>(bits >> 52)
    if q == 0:
        q = -1074
    else:
        c |= 0x10000000000000ULL
        q -= 1075
    odd = c & 1
    cb = c << 2
    if c != 0x10000000000000ULL or q == -1074:
        cbl = cb - 2
        k = <int>((<long long>q * 661971961083LL) >> 41)
    else:
        # A power of two: its lower neighbour is nearer than its upper one.
        cbl = cb - 1
        k = <int>((<long long>q * 661971961083LL - 274743187321LL) >> 41)
    h = q + <int>((<long long>(-k) * 913124641741LL) >> 38) + 2
    high, low = POW10_HIGH[k - K_MIN], POW10_LOW[k - K_MIN]
    vb = _round_to_odd(high, low, cb << h)
    vbl = _round_to_odd(high, low, cbl << h)
    vbr = _round_to_odd(high, low, (cb + 2) << h)
    s = vb >> 2
    power[0] = k
    if s >= 10:
        sp10 = 10 * (s // 10)
        tp10 = sp10 + 10
        lower_in = vbl + odd <= sp10 << 2
        upper_in = (tp10 << 2) + odd <= vbr
        if lower_in != upper_in:
            return sp10 if lower_in else tp10
    t = s + 1
    lower_in = vbl + odd <= s << 2
    upper_in = (t << 2) + odd <= vbr
    if lower_in != upper_in:
        return s if lower_in else t
    if vb < (s + t) << 1 or (vb == (s + t) << 1 and not s & 1):
        return s
    return t


cdef int _shortest_digits(double a, char *digits, int *exponent) noexcept nogil:
    # Digits d1..dn without trailing zeros and the exponent e of d1.d2...dn x 10**e, for finite a > 0.
    cdef int power = 0, n
    cdef u64 d = _shortest(a, &power)
    n = write_uint(d, digits)
    exponent[0] = power + n - 1
    while n > 1 and digits[n - 1] == c'0':
        n -= 1
    return n


cdef int write_value(double v, char *out) noexcept nogil:
    cdef char *p = out
    cdef double a, m
    cdef int k, n, e, i
    cdef unsigned long long whole, part
    cdef char[40] digits
    if isnan(v):
        memcpy(p, b"NaN", 3)
        return 3
    if isinf(v):
        memcpy(p, b"+Inf" if v > 0 else b"-Inf", 4)
        return 4
    if signbit(v):
        p[0] = c'-'
        p += 1
    a = fabs(v)
    if a < 9007199254740992.0:
        if a == floor(a):
            return <int>(p - out) + write_uint(<unsigned long long>a, p)
        if a >= 1e-6:
            # A short decimal m / 10**k: both are exact and division rounds correctly, so equality proves it. With more
            # decimals, trying them out takes longer than the search for the shortest.
            for k in range(1, 4):
                m = rint(a * POW10[k])
                if m >= 9007199254740992.0:
                    break
                if m / POW10[k] == a:
                    whole = <unsigned long long>m // <unsigned long long>POW10[k]
                    part = <unsigned long long>m % <unsigned long long>POW10[k]
                    p += write_uint(whole, p)
                    p[0] = c'.'
                    for i in range(k):
                        p[k - i] = <char>(c'0' + part % 10)
                        part //= 10
                    return <int>(p - out) + 1 + k
    n = _shortest_digits(a, digits, &e)
    if a < 1e-6 or a >= 1e21:
        p[0] = digits[0]
        p += 1
        if n > 1:
            p[0] = c'.'
            memcpy(p + 1, digits + 1, n - 1)
            p += n
        p[0] = c'e'
        p[1] = c'-' if e < 0 else c'+'
        p += 2
        if e < 0:
            e = -e
        if e < 10:
            p[0] = c'0'
            p += 1
        return <int>(p - out) + write_uint(e, p)
    if e < 0:
        p[0] = c'0'
        p[1] = c'.'
        memset(p + 2, c'0', -e - 1)
        memcpy(p + 1 - e, digits, n)
        return <int>(p - out) + 1 - e + n
    if n <= e + 1:
        memcpy(p, digits, n)
        memset(p + n, c'0', e + 1 - n)
        return <int>(p - out) + e + 1
    memcpy(p, digits, e + 1)
    p[e + 1] = c'.'
    memcpy(p + e + 2, digits + e + 1, n - e - 1)
    return <int>(p - out) + n + 1


cdef int write_seconds(long long ms, char *out) noexcept nogil:
    cdef char *p = out
    cdef unsigned long long n
    cdef int rest
    if ms < 0:
        p[0] = c'-'
        p += 1
        n = <unsigned long long>(-(ms + 1)) + 1
    else:
        n = <unsigned long long>ms
    p += write_uint(n // 1000, p)
    rest = <int>(n % 1000)
    if rest:
        p[0] = c'.'
        p[1] = <char>(c'0' + rest // 100)
        p[2] = <char>(c'0' + rest // 10 % 10)
        p[3] = <char>(c'0' + rest % 10)
        p += 4
        while (p - 1)[0] == c'0':
            p -= 1
    return <int>(p - out)


def format_value(double v):
    """The text of one sample value, e.g. ``0.1``, ``1e+21``, ``+Inf``."""
    cdef char[VALUE_TEXT_MAX] buffer
    cdef int n = write_value(v, buffer)
    return buffer[:n].decode("ascii")


def format_seconds(long long ms):
    """The text of a millisecond timestamp in seconds, e.g. ``1435781451.781``."""
    cdef char[VALUE_TEXT_MAX] buffer
    cdef int n = write_seconds(ms, buffer)
    return buffer[:n].decode("ascii")
