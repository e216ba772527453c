"""Text of numbers, as Go's strconv and Prometheus's JSON writer produce it.

Shortest decimal that reads back as the same double; plain notation for 1e-6 <= |v| < 1e21, exponent
notation (``1e+21``, ``5e-07``) outside; ``NaN``, ``+Inf``, ``-Inf``.
"""

from libc.math cimport fabs, floor, isinf, isnan, rint, signbit
from libc.stdio cimport snprintf
from libc.stdlib cimport strtod
from libc.string cimport memcpy, memset

cdef double[10] POW10
POW10[:] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]


cdef inline int write_uint(unsigned long long n, char *out) noexcept nogil:
    cdef char[24] tmp
    cdef int i = 0, j
    if n == 0:
        out[0] = c'0'
        return 1
    while n:
        tmp[i] = <char>(c'0' + n % 10)
        n //= 10
        i += 1
    for j in range(i):
        out[j] = tmp[i - 1 - j]
    return i


cdef int _shortest_digits(double a, char *digits, int *exponent) noexcept nogil:
    # Digits d1..dn without trailing zeros and the exponent e of d1.d2...dn x 10**e, for finite a > 0.
    cdef char[40] text
    cdef int precision, i, n = 0, length
    cdef int e = 0, sign = 1
    # Subnormal numbers have fewer digits to give.
    for precision in range(0 if a < 2.3e-308 else 14, 17):
        length = snprintf(text, 40, b"%.*e", precision, a)
        if precision == 16 or strtod(text, NULL) == a:
            break
        # Halfway between two decimals, printf takes the even one; the odd one may be what reads back.
        i = length
        while i > 0 and text[i] != c'e':
            i -= 1
        if precision and c'0' <= text[i - 1] < c'9':
            text[i - 1] += 1
            if strtod(text, NULL) == a:
                break
    i = 0
    while i < length and text[i] != c'e':
        if text[i] != c'.':
            digits[n] = text[i]
            n += 1
        i += 1
    i += 1
    if text[i] == c'-':
        sign = -1
    i += 1
    while i < length:
        e = e * 10 + (text[i] - c'0')
        i += 1
    while n > 1 and digits[n - 1] == c'0':
        n -= 1
    exponent[0] = sign * e
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
            # A short decimal m / 10**k: both are exact and division rounds correctly, so equality proves it.
            for k in range(1, 10):
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
