"""The same texts to Debian's Prometheus (2.42): what it prints, and what it says of what it refuses.

Asked is only what both versions know. Since then the original puts a blank before the parenthesis of label lists, and
shows anew with which offset and in which order modifiers stand; both are taken out before comparing.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.differential,
    pytest.mark.skipif(not shutil.which("prometheus"), reason="Debian's prometheus is absent"),
]

HERE = Path(__file__).parent
