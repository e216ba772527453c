"""Builds the Cython kernels and puts them beside their sources, for a development checkout.

A wheel is built by meson-python from the same meson.build; this script only runs the same build into
``build/dev`` and copies the results, so that `python -m vedette` works straight from ``src/``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "dev"
KERNELS = ROOT / "src" / "vedette" / "kernels"


def main() -> int:
    bin_dir = Path(sys.executable).parent
    env = dict(os.environ, PATH=f"{bin_dir}{os.pathsep}{os.environ.get('PATH', '')}")
    checks = "-Dkernel_checks=true" if "--checks" in sys.argv else "-Dkernel_checks=false"
    setup = [str(bin_dir / "meson"), "setup", str(BUILD), str(ROOT), "-Dui=false", checks]
    if (BUILD / "build.ninja").exists():
        setup.insert(2, "--reconfigure")
    done = subprocess.run(setup, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
        return done.returncode
    subprocess.run([str(bin_dir / "ninja"), "-C", str(BUILD), "--quiet"], env=env, check=True)
    for module in (BUILD / "src" / "vedette" / "kernels").glob("*.so"):
        target = KERNELS / module.name
        if not target.exists() or target.stat().st_mtime_ns < module.stat().st_mtime_ns:
            # Replaced by rename: a running process keeps the file it has mapped.
            fresh = target.with_suffix(".new")
            shutil.copy2(module, fresh)
            fresh.replace(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
