# CRC-32 with the Castagnoli polynomial, as every file of the metrics store uses it.

from libc.stddef cimport size_t
from libc.stdint cimport uint8_t, uint32_t

cdef extern from *:
    """
    #if defined(__x86_64__) && defined(__GNUC__)
    #define VEDETTE_CRC_HW 1
    __attribute__((target("sse4.2")))
    static uint32_t vedette_crc32c_hw(uint32_t crc, const uint8_t *p, size_t n) {
        uint64_t c = ~crc & 0xFFFFFFFFu, w;
        while (n >= 8) { __builtin_memcpy(&w, p, 8); c = __builtin_ia32_crc32di(c, w); p += 8; n -= 8; }
        while (n--) c = __builtin_ia32_crc32qi((uint32_t)c, *p++);
        return ~(uint32_t)c;
    }
    #endif
    static uint32_t vedette_crc32c_table[8][256];
    static volatile int vedette_crc32c_ready = 0;
    static void vedette_crc32c_fill(void) {
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t c = i;
            for (int k = 0; k < 8; k++) c = c & 1 ? (c >> 1) ^ 0x82F63B78u : c >> 1;
            vedette_crc32c_table[0][i] = c;
        }
        for (uint32_t i = 0; i < 256; i++)
            for (int k = 1; k < 8; k++) {
                uint32_t c = vedette_crc32c_table[k - 1][i];
                vedette_crc32c_table[k][i] = (c >> 8) ^ vedette_crc32c_table[0][c & 255];
            }
        vedette_crc32c_ready = 1;
    }
    static uint32_t vedette_crc32c_soft(uint32_t crc, const uint8_t *p, size_t n) {
        /* Two threads may fill the tables at once: they write the same numbers. */
        if (!vedette_crc32c_ready) vedette_crc32c_fill();
        uint32_t c = ~crc;
        while (n >= 8) {
            c ^= (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
            c = vedette_crc32c_table[7][c & 255] ^ vedette_crc32c_table[6][(c >> 8) & 255]
              ^ vedette_crc32c_table[5][(c >> 16) & 255] ^ vedette_crc32c_table[4][c >> 24]
              ^ vedette_crc32c_table[3][p[4]] ^ vedette_crc32c_table[2][p[5]]
              ^ vedette_crc32c_table[1][p[6]] ^ vedette_crc32c_table[0][p[7]];
            p += 8; n -= 8;
        }
        while (n--) c = (c >> 8) ^ vedette_crc32c_table[0][(c ^ *p++) & 255];
        return ~c;
    }
    static uint32_t vedette_crc32c(uint32_t crc, const uint8_t *p, size_t n) {
    #ifdef VEDETTE_CRC_HW
        if (__builtin_cpu_supports("sse4.2")) return vedette_crc32c_hw(crc, p, n);
    #endif
        return vedette_crc32c_soft(crc, p, n);
    }
    """
    # Continues `crc` (0 at the start) over n bytes.
    uint32_t crc32c_update "vedette_crc32c" (uint32_t crc, const uint8_t *p, size_t n) noexcept nogil
    uint32_t crc32c_soft "vedette_crc32c_soft" (uint32_t crc, const uint8_t *p, size_t n) noexcept nogil
