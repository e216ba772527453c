"""`text` with its content at the top of the panel -> in `options`."""

from __future__ import annotations

from typing import Any


def old_text(panel: dict[str, Any]) -> None:
    """Rewrites `panel` in place."""
    options = panel.get("options")
    options = options if isinstance(options, dict) else {}
    if "content" not in options and "content" in panel:
        options["content"] = panel["content"]
        options["mode"] = panel.get("mode") or "markdown"
    panel["options"] = options
