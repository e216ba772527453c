from typing import Any

def extract(
    buf: Any,
    starts: Any,
    ends: Any,
    rows: Any,
    names: bytes,
    name_starts: Any,
    name_ends: Any,
    strict: bool,
    keep_empty: bool,
    as_label: bool,
    out_starts: Any,
    out_ends: Any,
    out_kinds: Any,
    clean: Any,
) -> None: ...
