from typing import Any

def extract(
    buf: Any,
    starts: Any,
    ends: Any,
    rows: Any,
    names: bytes,
    name_starts: Any,
    name_ends: Any,
    out_starts: Any,
    out_ends: Any,
    out_kinds: Any,
    clean: Any,
) -> None: ...
def check(buf: Any, starts: Any, ends: Any, rows: Any, clean: Any) -> None: ...
def fields(line: bytes) -> list[tuple[str, int, bytes]] | None: ...
