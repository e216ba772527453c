from __future__ import annotations

import cramjam
import pytest

from support import prompb
from support.memory_storage import MemoryStorage
from vedette.metrics.remote.receive import MAX_DECODED_BYTES, RemoteWriteReceiver, WriteRefused
from vedette.model.labels import Labels

UP = [("__name__", "up"), ("job", "api")]


def packed(*series: tuple[list[tuple[str, str]], list[tuple[int, float]]]) -> bytes:
    return bytes(cramjam.snappy.compress_raw(prompb.write_request(series)))


def test_samples_of_known_and_new_series_are_stored() -> None:
    storage = MemoryStorage()
    receiver = RemoteWriteReceiver(storage)
    assert receiver.receive(packed((UP, [(1, 1.0), (2, 0.0)]))).samples == 2
    assert receiver.receive(packed((UP, [(3, 1.0)]), ([("__name__", "down")], [(3, 7.0)]))).samples == 2
    assert storage.series(Labels(UP)) == [(1, 1.0), (2, 0.0), (3, 1.0)]
    assert storage.series(Labels([("__name__", "down")])) == [(3, 7.0)]


def test_what_is_good_is_stored_and_the_rest_named() -> None:
    storage = MemoryStorage()
    receiver = RemoteWriteReceiver(storage)
    receiver.receive(packed((UP, [(10, 1.0)])))
    received = receiver.receive(packed((UP, [(9, 1.0)]), ([("__name__", "down")], [(9, 7.0)])))
    assert received.samples == 1
    assert received.refused == 'out of order sample (1 samples); first series up{job="api"}'
    assert storage.series(Labels([("__name__", "down")])) == [(9, 7.0)]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"\xff\xff\xff", "snappy: corrupt input"),
        (b"\xff\xff\xff\xff\x0f", "snappy: decoded block is too large"),
        (bytes(cramjam.snappy.compress_raw(b"\x0a\x7f")), "not a remote write request"),
        (packed(([("job", "api")], [(1, 1.0)])), "invalid metric name"),
        (packed(([*UP, ("job", "b")], [(1, 1.0)])), "stands twice"),
    ],
)
def test_refusals(body: bytes, reason: str) -> None:
    storage = MemoryStorage()
    with pytest.raises(WriteRefused, match=reason):
        RemoteWriteReceiver(storage).receive(body)
    assert storage.sets == []
    assert MAX_DECODED_BYTES == 32 * 1024 * 1024
