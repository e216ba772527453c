"""XOR chunks, whole ones: what blocks hold and tests compare. The head appends sample by sample (`xor.pxd`)."""

from libc.stdint cimport INT64_MAX, INT64_MIN, int64_t, uint8_t, uint64_t
from libc.string cimport memcpy

import numpy as np


def encode_chunk(const int64_t[::1] timestamps, const double[::1] values):
    """The bytes of one XOR chunk with its two-byte sample count.

    IN: ``timestamps, values`` of one length, 1 to 65535. Raises `ValueError` outside of that.
    """
    cdef Py_ssize_t n = timestamps.shape[0], i
    cdef XorState state
    cdef Bits bits
    cdef uint64_t value
    cdef int64_t bit = 16
    cdef unsigned char[::1] out
    if n == 0 or n > 65535 or values.shape[0] != n:
        raise ValueError(f"a chunk holds 1 to 65535 samples, got {n} times and {values.shape[0]} values")
    # 146 bits are the most that a sample takes.
    buffer = np.zeros(2 + n * 19 + 8, dtype=np.uint8)
    out = buffer
    out[0] = <uint8_t>(n >> 8)
    out[1] = <uint8_t>(n & 255)
    with nogil:
        xor_reset(&state)
        for i in range(n):
            memcpy(&value, &values[i], 8)
            xor_put(&state, timestamps[i], value, &bits)
            write_bits(&out[0], bit, &bits)
            bit += bits.n
    return buffer[: (bit + 7) >> 3].tobytes()


cdef void write_bits(uint8_t *out, int64_t bit, const Bits *bits) noexcept nogil:
    cdef int done = 0, room, step
    cdef uint64_t w
    while done < bits.n:
        room = 8 - (bit & 7)
        step = min(room, bits.n - done, 64 - (done & 63))
        w = (bits.word[done >> 6] << (done & 63)) >> (64 - step)
        out[bit >> 3] |= <uint8_t>(w << (room - step))
        bit += step
        done += step


def decode_chunk(const unsigned char[::1] data):
    """``(timestamps, values)`` of one XOR chunk. Raises `ValueError` when the bytes end too early."""
    cdef Py_ssize_t size = data.shape[0]
    cdef int64_t n, got
    cdef int64_t[::1] ts
    cdef double[::1] vs
    if size < 2:
        raise ValueError(f"a chunk has at least 2 bytes, got {size}")
    n = (data[0] << 8) | data[1]
    timestamps = np.empty(n, dtype=np.int64)
    values = np.empty(n, dtype=np.float64)
    if n == 0:
        return timestamps, values
    if size == 2:
        raise ValueError("the chunk ends before its first sample")
    ts = timestamps
    vs = values
    with nogil:
        got = xor_decode(&data[2], size - 2, 0, n, INT64_MIN, INT64_MAX, &ts[0], &vs[0])
    if got < 0:
        raise ValueError(f"the chunk ends before its {n} samples do")
    return timestamps[:got], values[:got]
