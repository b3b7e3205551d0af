"""Pins what the image is built of, with all that it needs and PyPI's checksums: python deploy/lock/renew.py

Writes two files beside itself, which `pip install --require-hashes` reads: `runtime.txt`, what a CE needs,
and `build.txt`, what its wheel is built with. Both are for each Python that pyproject.toml allows. A version
is taken when PyPI has had it for a week: one that is withdrawn within days is never in an image.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

FOLDER = Path(__file__).parent
PROJECT = FOLDER.parents[1] / "pyproject.toml"
AGE = "7 days"


def main() -> None:
    """Writes both files anew with the newest versions that pyproject's ranges allow."""
    project = tomllib.loads(PROJECT.read_text())
    pythons, builders = project["project"]["requires-python"], project["build-system"]["requires"]
    pin(pythons, PROJECT.name, "--extra", "postgresql", to="runtime.txt")
    pin(pythons, "-", to="build.txt", wanted="\n".join(builders))


def pin(pythons: str, source: str, *options: str, to: str, wanted: str = "") -> None:
    """Resolves what `source` names ("-": what is `wanted`) and writes it; uv tells what is wrong."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", *options]
    command += ["--universal", "--python-version", pythons.removeprefix(">=")]
    command += ["--generate-hashes", "--upgrade", "--exclude-newer", AGE]
    command += ["--custom-compile-command", "make lock", "--output-file", str(FOLDER / to), source]
    done = subprocess.run(command, cwd=PROJECT.parent, input=wanted, text=True, check=False)
    if done.returncode:
        sys.exit(done.returncode)


if __name__ == "__main__":
    main()
