"""CRC-32C of bytes."""


def crc32c(const unsigned char[::1] data, unsigned int crc=0):
    """The checksum of `data`, continuing `crc`."""
    if data.shape[0] == 0:
        return crc
    return crc32c_update(crc, &data[0], data.shape[0])


def crc32c_portable(const unsigned char[::1] data, unsigned int crc=0):
    """The same without the processor's instruction for it."""
    if data.shape[0] == 0:
        return crc
    return crc32c_soft(crc, &data[0], data.shape[0])
