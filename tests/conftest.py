"""What all tests share."""

from __future__ import annotations

import os

from hypothesis import settings

# Where a run decides whether a change may land, random tests ask the same questions each time; elsewhere, new ones.
settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("ci")
