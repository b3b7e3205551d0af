"""Fetches the JavaScript that the pages use from npm's registry: python deploy/development/vendor.py

What is wanted is in vendored.json, beside the files: package, version, npm's checksum of the whole package,
and which of its files get which name. For an update change version and integrity there (`npm view NAME` tells
both), run this, and look at the difference. Writes the files and SHA256SUMS, which a test checks.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "hosted_ce/api/static/vendor"


def main() -> None:
    """Writes every file anew, or stops at the first package that is not what it should be."""
    wanted = json.loads((FOLDER / "vendored.json").read_text())
    files = {
        name: data for package, entry in wanted.items() for name, data in files_of(package, entry).items()
    }
    for name, data in files.items():
        (FOLDER / name).write_bytes(data)
    sums = [f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items())]
    (FOLDER / "SHA256SUMS").write_text("".join(sums))
    print(f"{len(files)} files written to {FOLDER}")


def files_of(package: str, entry: dict[str, Any]) -> dict[str, bytes]:
    """The wanted files of one package, by the names that they get."""
    archive = packed(f"{package}@{entry['version']}")
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if found != entry["integrity"]:
        sys.exit(f"{package} {entry['version']} has integrity {found}, not the one in vendored.json")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {name: member(tar, path) for path, name in entry["files"].items()}


def packed(package: str) -> bytes:
    """The package as npm's registry has it."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", "--pack-destination", folder, package], check=True)
        return next(Path(folder).iterdir()).read_bytes()


def member(tar: tarfile.TarFile, path: str) -> bytes:
    """One file of a package."""
    found = tar.extractfile(f"package/{path}")
    if found is None:
        sys.exit(f"{path} is no file of the package")
    return found.read()


if __name__ == "__main__":
    main()
