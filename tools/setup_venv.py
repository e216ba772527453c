"""Makes the development environment: a virtual environment with every dependency, and `src/` on its path."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def requirements() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted: list[str] = list(project["build-system"]["requires"])
    wanted += project["project"]["dependencies"]
    for extra in project["project"]["optional-dependencies"].values():
        wanted += extra
    wanted += project["dependency-groups"]["dev"]
    return wanted


def main() -> int:
    venv = Path(sys.argv[1] if len(sys.argv) > 1 else ".venv").resolve()
    python = venv / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", *requirements()], check=True)
    purelib = subprocess.run(
        [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    (Path(purelib) / "vedette-checkout.pth").write_text(f"{ROOT / 'src'}\n")
    script = venv / "bin" / "vedette"
    script.write_text(f"#!{python}\nfrom vedette.cli.main import main\n\nmain()\n")
    script.chmod(0o755)
    return 0


if __name__ == "__main__":
    assert sysconfig.get_python_version() >= "3.11", "Vedette needs Python 3.11 or newer"
    sys.exit(main())
