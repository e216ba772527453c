"""Remote write requests (``prometheus.WriteRequest``, protobuf) as columns.

    WriteRequest  1: TimeSeries...      TimeSeries  1: Label...   2: Sample...      Sample  1: double value
                  3: metadata, skipped              3, 4: exemplars, histograms            2: int64 timestamp
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memcpy

import numpy as np

cdef struct Reader:
    const unsigned char *at
    const unsigned char *end


cdef inline bint read_varint(Reader *r, uint64_t *out) noexcept nogil:
    cdef uint64_t value = 0
    cdef int shift = 0
    cdef unsigned char byte
    while r.at < r.end and shift < 64:
        byte = r.at[0]
        r.at += 1
        value |= (<uint64_t>(byte & 0x7F)) << shift
        if byte < 0x80:
            out[0] = value
            return True
        shift += 7
    return False


cdef inline bint read_chunk(Reader *r, Reader *out) noexcept nogil:
    # The bytes of a length-delimited field.
    cdef uint64_t length
    if not read_varint(r, &length) or length > <uint64_t>(r.end - r.at):
        return False
    out.at = r.at
    out.end = r.at + length
    r.at = out.end
    return True


cdef inline bint skip_field(Reader *r, int wire) noexcept nogil:
    cdef uint64_t ignored
    cdef Reader chunk
    if wire == 0:
        return read_varint(r, &ignored)
    if wire == 2:
        return read_chunk(r, &chunk)
    cdef int size = 8 if wire == 1 else 4 if wire == 5 else 0
    if size == 0 or r.end - r.at < size:
        return False
    r.at += size
    return True


cdef bint read_sample(Reader r, int64_t *time, double *value) noexcept nogil:
    cdef uint64_t tag, number
    time[0] = 0
    value[0] = 0.0
    while r.at < r.end:
        if not read_varint(&r, &tag):
            return False
        if tag == 9:  # field 1, 64 bits
            if r.end - r.at < 8:
                return False
            memcpy(value, r.at, 8)
            r.at += 8
        elif tag == 16:  # field 2, varint
            if not read_varint(&r, &number):
                return False
            time[0] = <int64_t>number
        elif not skip_field(&r, <int>(tag & 7)):
            return False
    return True


cdef bint count(Reader r, Py_ssize_t *series, Py_ssize_t *samples) noexcept nogil:
    # How many series and samples there are. False for bytes that are no such message.
    cdef uint64_t tag
    cdef Reader inner, chunk
    while r.at < r.end:
        if not read_varint(&r, &tag):
            return False
        if tag != 10:
            if not skip_field(&r, <int>(tag & 7)):
                return False
            continue
        if not read_chunk(&r, &inner):
            return False
        series[0] += 1
        while inner.at < inner.end:
            if not read_varint(&inner, &tag):
                return False
            if tag == 18:
                samples[0] += 1
            if not skip_field(&inner, <int>(tag & 7)):
                return False
    return True


def decode_write_request(bytes data):
    """Returns ``(keys, offsets, timestamps, values, histograms)``.

    `keys[i]` are the encoded labels of series `i`, equal bytes for equal labels of one sender; its samples are
    ``offsets[i]:offsets[i + 1]`` of the columns. `histograms` counts native histograms, which are left out.
    Raises `ValueError` for bytes that are no write request.
    """
    cdef Reader whole, r, inner, chunk
    cdef Py_ssize_t series = 0, samples = 0, row = 0, at = 0, used
    cdef int64_t histograms = 0
    cdef uint64_t tag
    cdef const unsigned char *field
    cdef const unsigned char *first
    cdef const unsigned char *last
    cdef bytes key
    cdef bint together
    whole.at = <const unsigned char *>PyBytes_AS_STRING(data)
    whole.end = whole.at + PyBytes_GET_SIZE(data)
    if not count(whole, &series, &samples):
        raise ValueError("not a remote write request: the message is cut short or malformed")
    offsets = np.zeros(series + 1, dtype=np.int64)
    timestamps = np.empty(samples, dtype=np.int64)
    values = np.empty(samples, dtype=np.float64)
    cdef int64_t[::1] offset_view = offsets
    cdef int64_t[::1] time_view = timestamps
    cdef double[::1] value_view = values
    cdef int64_t time
    cdef double value
    cdef list keys = []
    r = whole
    while r.at < r.end:
        read_varint(&r, &tag)
        if tag != 10:
            skip_field(&r, <int>(tag & 7))
            continue
        read_chunk(&r, &inner)
        first = last = NULL
        together = True
        key = None
        while inner.at < inner.end:
            field = inner.at
            read_varint(&inner, &tag)
            if tag == 18:
                read_chunk(&inner, &chunk)
                if not read_sample(chunk, &time, &value):
                    raise ValueError("not a remote write request: a sample is malformed")
                time_view[at] = time
                value_view[at] = value
                at += 1
                continue
            skip_field(&inner, <int>(tag & 7))
            if tag == 34:
                histograms += 1
            if tag != 10:
                continue
            if first == NULL:
                first = field
            elif field != last:
                # Labels with something between them: gathered, one run after the other.
                if together:
                    key = PyBytes_FromStringAndSize(<const char *>first, last - first)
                    together = False
                key += PyBytes_FromStringAndSize(<const char *>field, inner.at - field)
            elif not together:
                key += PyBytes_FromStringAndSize(<const char *>field, inner.at - field)
            last = inner.at
        if together:
            key = b"" if first == NULL else PyBytes_FromStringAndSize(<const char *>first, last - first)
        keys.append(key)
        row += 1
        offset_view[row] = at
    return keys, offsets, timestamps, values, histograms


def decode_labels(bytes key):
    """The ``(name, value)`` pairs of a key of `decode_write_request`. Raises `ValueError`."""
    cdef Reader r, label, text
    cdef uint64_t tag
    cdef list pairs = []
    r.at = <const unsigned char *>PyBytes_AS_STRING(key)
    r.end = r.at + PyBytes_GET_SIZE(key)
    while r.at < r.end:
        name = value = ""
        if not read_varint(&r, &tag) or tag != 10 or not read_chunk(&r, &label):
            raise ValueError("not a remote write request: a label is malformed")
        while label.at < label.end:
            if not read_varint(&label, &tag):
                raise ValueError("not a remote write request: a label is malformed")
            if tag == 10 or tag == 18:
                if not read_chunk(&label, &text):
                    raise ValueError("not a remote write request: a label is malformed")
                decoded = PyBytes_FromStringAndSize(<const char *>text.at, text.end - text.at).decode("utf-8")
                if tag == 10:
                    name = decoded
                else:
                    value = decoded
            elif not skip_field(&label, <int>(tag & 7)):
                raise ValueError("not a remote write request: a label is malformed")
        pairs.append((name, value))
    return pairs
