"""Programs inside Python packages, found without importing the packages: that would run their code."""

from __future__ import annotations

import importlib.util
from pathlib import Path


class DemoPackageMissing(Exception):
    """A package of the extra ``demo`` isn't installed. `str()` says how to install it."""


def package_file(package: str, relative: str) -> Path:
    """The path of a file or folder that `package` brings along. Raises `DemoPackageMissing`."""
    spec = importlib.util.find_spec(package)
    places = spec.submodule_search_locations if spec else None
    for place in places or ():
        if (Path(place) / relative).exists():
            return Path(place) / relative
    distribution = package.replace("_", "-")
    raise DemoPackageMissing(
        f"the demo needs {distribution} for this machine: pip install 'vedette[demo]', or give connections of your own"
    )
