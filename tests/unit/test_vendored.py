"""What the pages load from others is what it says, whole, with its licence."""

from __future__ import annotations

import hashlib
import json
import re
from importlib import resources

FOLDER = resources.files("hosted_ce.api").joinpath("static", "vendor")


def test_every_file_is_named_and_has_its_checksum() -> None:
    lines = FOLDER.joinpath("SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    found = {each.name for each in FOLDER.iterdir()} - {"SHA256SUMS", "vendored.json"}
    assert sums.keys() == found
    for name, digest in sums.items():
        assert hashlib.sha256(FOLDER.joinpath(name).read_bytes()).hexdigest() == digest, name


def test_every_package_has_a_version_a_checksum_and_a_licence() -> None:
    packages = json.loads(FOLDER.joinpath("vendored.json").read_text())
    named = [name for package in packages.values() for name in package["files"].values()]
    assert sorted(named) == sorted({each.name for each in FOLDER.iterdir()} - {"SHA256SUMS", "vendored.json"})
    for package in packages.values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
        assert package["integrity"].startswith("sha512-")
        assert package["files"]["LICENSE"].startswith("LICENSE-")
