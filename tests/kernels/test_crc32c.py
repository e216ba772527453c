"""The checksum of every file of the metrics store."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vedette.kernels.crc32c import crc32c, crc32c_portable


def plain(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def test_known_values() -> None:
    # RFC 3720, B.4.
    assert crc32c(bytes(32)) == crc32c_portable(bytes(32)) == 0x8A9136AA
    assert crc32c(b"\xff" * 32) == 0x62A8AB43
    assert crc32c(bytes(range(32))) == 0x46DD794E
    assert crc32c(b"") == 0


@given(st.binary(max_size=300), st.integers(0, 300))
def test_both_ways_agree_with_the_twin_and_can_go_on(data: bytes, cut: int) -> None:
    want = plain(data)
    assert crc32c(data) == want
    assert crc32c_portable(data) == want
    assert crc32c(data[cut:], crc32c(data[:cut])) == want
