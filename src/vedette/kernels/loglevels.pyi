from typing import Any

def detect(
    buf: Any,
    starts: Any,
    ends: Any,
    fields: bytes,
    lower: bytes,
    field_starts: Any,
    field_ends: Any,
    out: Any,
) -> None: ...
