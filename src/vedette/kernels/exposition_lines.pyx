"""One line of an exposition page: where its parts end, and what they say.

The grammars are those of Prometheus's parsers of the text format 0.0.4/1.0.0 and of OpenMetrics 1.0. What is wrong with a
line is put into words elsewhere (`vedette.metrics.scrape.grammar`).
"""

from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.string cimport memchr, memcmp, memcpy

from vedette.kernels.decimal cimport read_double

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>
    static inline uint64_t vedette_eight(const unsigned char *p) { uint64_t v; memcpy(&v, p, 8); return v; }
    """
    uint64_t load "vedette_eight"(const unsigned char *p) noexcept nogil

# The numbers of metric types.
TYPES = ("unknown", "counter", "gauge", "histogram", "gaugehistogram", "summary", "info", "stateset")

cdef int64_t LAST_TIME = (1 << 63) - 1
cdef uint64_t HIGH_BITS = 0x8080808080808080
cdef int64_t FARTHEST = 9200000000000000000
cdef int64_t C_NO_TIME = -LAST_TIME - 1


# --- characters ---------------------------------------------------------------------------------------------------

cdef enum:
    NAME_START = 1   # [a-zA-Z_]
    METRIC_START = 2  # [a-zA-Z_:]
    DIGIT = 4

cdef uint8_t[256] CLASS

def _fill_classes():
    for c in range(256):
        CLASS[c] = 0
    for c in b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_":
        CLASS[c] = 3
    CLASS[ord(":")] = 2
    for c in b"0123456789":
        CLASS[c] = 4

_fill_classes()


cdef inline Bytes metric_name_end(Bytes p, Bytes end) noexcept nogil:
    if p < end and CLASS[p[0]] & METRIC_START:
        p += 1
        while p < end and CLASS[p[0]] & (METRIC_START | DIGIT):
            p += 1
    return p


cdef inline Bytes label_name_end(Bytes p, Bytes end) noexcept nogil:
    if p < end and CLASS[p[0]] & NAME_START:
        p += 1
        while p < end and CLASS[p[0]] & (NAME_START | DIGIT):
            p += 1
    return p


cdef inline Bytes skip_blanks(Bytes p, Bytes end) noexcept nogil:
    while p < end and (p[0] == c' ' or p[0] == c'\t'):
        p += 1
    return p


cdef Bytes quoted_end(Bytes p, Bytes end, bint line_breaks) noexcept nogil:
    """After the closing quote of a string that begins at p[0] == '"', or NULL."""
    p += 1
    while p < end:
        if p[0] == c'"':
            return p + 1
        if p[0] == c'\\':
            p += 1
            if p >= end or p[0] == c'\n':
                return NULL
        elif p[0] == c'\n' and not line_breaks:
            return NULL
        p += 1
    return NULL


cdef bint is_utf8(Bytes p, Bytes end) noexcept nogil:
    cdef unsigned int c, second_low, second_high
    cdef int more, i
    while p < end:
        if end - p >= 8 and not load(p) & HIGH_BITS:
            p += 8
            continue
        c = p[0]
        if c < 0x80:
            p += 1
            continue
        second_low, second_high = 0x80, 0xBF
        if 0xC2 <= c <= 0xDF:
            more = 1
        elif 0xE0 <= c <= 0xEF:
            more = 2
            if c == 0xE0:
                second_low = 0xA0
            elif c == 0xED:
                second_high = 0x9F
        elif 0xF0 <= c <= 0xF4:
            more = 3
            if c == 0xF0:
                second_low = 0x90
            elif c == 0xF4:
                second_high = 0x8F
        else:
            return False
        if end - p <= more or not (second_low <= p[1] <= second_high):
            return False
        for i in range(2, more + 1):
            if not (0x80 <= p[i] <= 0xBF):
                return False
        p += more + 1
    return True


# --- series -------------------------------------------------------------------------------------------------------

cdef Bytes labels_end(Bytes p, Bytes end, int syntax, bint named, bint exemplar) noexcept nogil:
    """After the closing brace of the labels that begin behind '{' at p, or NULL when they are not well-formed."""
    cdef bint text = syntax == C_TEXT
    cdef bint quoted
    cdef Bytes start
    while True:
        if text:
            p = skip_blanks(p, end)
        if p >= end:
            return NULL
        if p[0] == c'}':
            return p + 1 if named else NULL
        start = p
        quoted = p[0] == c'"'
        if quoted:
            p = quoted_end(p, end, not exemplar)
            if p == NULL or not is_utf8(start + 1, p - 1):
                return NULL
        else:
            p = label_name_end(p, end)
            if p == start:
                return NULL
        if text:
            p = skip_blanks(p, end)
        if p >= end:
            return NULL
        if quoted and (p[0] == c',' or p[0] == c'}'):
            # A quoted string without a value is the metric's name.
            if named or exemplar:
                return NULL
            named = True
            if p[0] == c'}':
                return p + 1
            p += 1
            continue
        if p[0] != c'=':
            return NULL
        p += 1
        if text:
            p = skip_blanks(p, end)
        if p >= end or p[0] != c'"':
            return NULL
        start = p
        p = quoted_end(p, end, text)
        if p == NULL or not is_utf8(start + 1, p - 1):
            return NULL
        if text:
            p = skip_blanks(p, end)
        if p >= end:
            return NULL
        if p[0] == c',':
            p += 1
        elif p[0] != c'}' and not text:
            # The original's text parser takes labels without a comma between them; so the text format has it.
            return NULL


cdef Bytes series_end(Bytes p, Bytes end, int syntax) noexcept nogil:
    """After the name and labels that begin at p, or NULL."""
    cdef Bytes name = metric_name_end(p, end)
    cdef Bytes brace = name
    if syntax == C_TEXT:
        brace = skip_blanks(name, end)
    if brace < end and brace[0] == c'{':
        return labels_end(brace + 1, end, syntax, name != p, False)
    return name if name != p else NULL


cdef bint text_sample(Bytes p, Bytes end, Line *line) noexcept nogil:
    """Value, timestamp and line end of the text format, from behind the series."""
    cdef Bytes token
    cdef int64_t time = 0
    p = skip_blanks(p, end)
    token = p
    while p < end and p[0] != c' ' and p[0] != c'\n' and p[0] != c'\t' and p[0] != c'{':
        p += 1
    if read_double(token, p, &line.value) != 1:
        return False
    line.time = C_NO_TIME
    p = skip_blanks(p, end)
    if p < end and p[0] != c'\n':
        token = p
        while p < end and CLASS[p[0]] & DIGIT:
            # 9223372036854775807 is the last one that Go's ParseInt takes.
            if time > LAST_TIME // 10 or (time == LAST_TIME // 10 and p[0] > c'7'):
                return False
            time = time * 10 + (p[0] - c'0')
            p += 1
        if p == token:
            return False
        line.time = time
        p = skip_blanks(p, end)
        if p < end and p[0] != c'\n':
            return False
    line.following = p + 1 if p < end else end
    return True


cdef bint seconds_to_ms(Bytes token, Bytes end, int64_t *out) noexcept nogil:
    cdef double seconds
    if read_double(token, end, &seconds) != 1 or seconds != seconds or seconds - seconds != 0:
        return False
    seconds *= 1000
    # Beyond int64 the original's conversion has no defined result either; clamp.
    if seconds >= 9.2e18:
        out[0] = FARTHEST
    elif seconds <= -9.2e18:
        out[0] = -FARTHEST
    else:
        out[0] = <int64_t>seconds
    return True


cdef bint openmetrics_token(Bytes *p, Bytes end, Bytes *token) noexcept nogil:
    """One blank and what stands up to the next blank or line end; leaves p behind it."""
    cdef Bytes at = p[0]
    if at >= end or at[0] != c' ':
        return False
    at += 1
    token[0] = at
    while at < end and at[0] != c' ' and at[0] != c'\n':
        at += 1
    p[0] = at
    return at != token[0]


cdef bint openmetrics_sample(Bytes p, Bytes end, Line *line) noexcept nogil:
    """Value, timestamp, exemplar and line end of OpenMetrics, from behind the series."""
    cdef Bytes token
    cdef double number
    cdef int64_t time
    if not openmetrics_token(&p, end, &token) or read_double(token, p, &line.value) != 1:
        return False
    line.time = C_NO_TIME
    if end - p >= 4 and memcmp(p, b" # {", 4) != 0 and p[0] == c' ':
        if not openmetrics_token(&p, end, &token) or not seconds_to_ms(token, p, &line.time):
            return False
    if end - p >= 4 and memcmp(p, b" # {", 4) == 0:
        p = labels_end(p + 4, end, C_OPENMETRICS, True, True)
        if p == NULL or not openmetrics_token(&p, end, &token) or read_double(token, p, &number) != 1:
            return False
        if p < end and p[0] == c' ':
            if not openmetrics_token(&p, end, &token) or not seconds_to_ms(token, p, &time):
                return False
    if p >= end or p[0] != c'\n':
        return False
    line.following = p + 1
    return True


# --- comments -----------------------------------------------------------------------------------------------------

cdef int type_number(Bytes p, Bytes end, int syntax) noexcept nogil:
    cdef int64_t n = end - p
    if n == 7 and memcmp(p, b"counter", 7) == 0:
        return 1
    if n == 5 and memcmp(p, b"gauge", 5) == 0:
        return 2
    if n == 9 and memcmp(p, b"histogram", 9) == 0:
        return 3
    if n == 7 and memcmp(p, b"summary", 7) == 0:
        return 5
    if syntax == C_TEXT:
        return 0 if n == 7 and memcmp(p, b"untyped", 7) == 0 else -1
    if n == 14 and memcmp(p, b"gaugehistogram", 14) == 0:
        return 4
    if n == 4 and memcmp(p, b"info", 4) == 0:
        return 6
    if n == 8 and memcmp(p, b"stateset", 8) == 0:
        return 7
    return 0 if n == 7 and memcmp(p, b"unknown", 7) == 0 else -1


cdef bint unit_fits(Bytes name, Bytes name_end, Bytes unit, Bytes unit_end) noexcept nogil:
    cdef int64_t n = unit_end - unit
    if n == 0:
        return True
    return name_end - name > n and memcmp(name_end - n, unit, n) == 0 and (name_end - n - 1)[0] == c'_'


cdef bint comment(Bytes p, Bytes end, int syntax, Line *line) noexcept nogil:
    """A line that begins with '#' at p."""
    cdef Bytes stop = <Bytes>memchr(p, c'\n', end - p)
    cdef Bytes word, name, name_end, rest
    cdef bint text = syntax == C_TEXT
    line.type = 0
    line.kind = REMARK
    if stop == NULL:
        if not text:
            return False
        stop = end
    line.following = stop + 1 if stop < end else end
    word = p + 1
    if text:
        word = skip_blanks(word, stop)
        if word == p + 1:
            return True
    else:
        if word >= stop or word[0] != c' ':
            return False
        word += 1
    if stop - word >= 5 and (word[4] == c' ' or (text and word[4] == c'\t')):
        if memcmp(word, b"HELP", 4) == 0:
            line.kind = HELP
        elif memcmp(word, b"TYPE", 4) == 0:
            line.kind = TYPE
        elif not text and memcmp(word, b"UNIT", 4) == 0:
            line.kind = UNIT
    if line.kind == REMARK:
        return text
    name = word + 5
    if text:
        name = skip_blanks(name, stop)
    if name < stop and name[0] == c'"':
        name_end = quoted_end(name, stop, False)
        if name_end == NULL:
            return False
        rest = name_end
        name += 1
        name_end -= 1
    else:
        name_end = metric_name_end(name, stop)
        if name_end == name:
            return False
        rest = name_end
    if not text and (rest >= stop or rest[0] != c' '):
        return False
    if rest < stop:
        rest += 1
    if line.kind == TYPE:
        line.type = type_number(rest, stop, syntax)
        return line.type >= 0
    if line.kind == HELP:
        return is_utf8(rest, stop)
    return unit_fits(name, name_end, rest, stop)


# --- labels of a new series -----------------------------------------------------------------------------------------

cdef str unescape(Bytes p, Bytes end):
    cdef bytes raw = p[:end - p]
    if memchr(p, c'\\', end - p) == NULL:
        return raw.decode("utf-8")
    out = bytearray()
    cdef unsigned char c
    while p < end:
        c = p[0]
        if c == c'\\' and p + 1 < end:
            if p[1] == c'\\' or p[1] == c'"' or p[1] == c'n':
                out.append(c'\n' if p[1] == c'n' else p[1])
                p += 2
                continue
        out.append(c)
        p += 1
    return out.decode("utf-8")


def series_labels(bytes line not None, int syntax):
    """Name and label pairs of a series line, in their order, empty values and repeated names included.

    `line` is a row of a `Page` of the same syntax. The name stands as ``__name__``. Raises `ValueError` for a line that
    no page holds.
    """
    cdef Bytes p = line
    cdef Bytes end = p + len(line)
    cdef Bytes start, stop
    cdef bint text = syntax == C_TEXT
    cdef str name
    if series_end(p, end, syntax) != end:
        raise ValueError("not a series")
    pairs = []
    stop = metric_name_end(p, end)
    if stop != p:
        pairs.append(("__name__", p[:stop - p].decode("ascii")))
    p = skip_blanks(stop, end) if text else stop
    if p >= end:
        return pairs
    p += 1
    # The grammar was checked above: what follows only cuts.
    while True:
        if text:
            p = skip_blanks(p, end)
        if p[0] == c'}':
            return pairs
        if p[0] == c'"':
            stop = quoted_end(p, end, True)
            name = unescape(p + 1, stop - 1)
        else:
            stop = label_name_end(p, end)
            name = p[:stop - p].decode("ascii")
        p = skip_blanks(stop, end) if text else stop
        if p[0] == c'=':
            p = skip_blanks(p + 1, end) if text else p + 1
            start = p
            p = quoted_end(p, end, True)
            pairs.append((name, unescape(start + 1, p - 1)))
            if text:
                p = skip_blanks(p, end)
        else:
            pairs.append(("__name__", name))
        if p[0] == c',':
            p += 1
