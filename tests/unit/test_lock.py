"""What the image is built of (deploy/lock) is what pyproject.toml asks for, whole and with checksums."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from importlib import metadata
from itertools import product
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RENEW = "run `make lock`, and look at what has changed"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


def pins(name: str) -> dict[str, Requirement]:
    """The requirements of a lock file, by their names."""
    text = (ROOT / "deploy/lock" / name).read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    found = [Requirement(line.partition("--hash")[0].strip()) for line in lines]
    return {canonicalize_name(each.name): each for each in found}


RUNTIME, BUILD = pins("runtime.txt"), pins("build.txt")


def version(pin: Requirement) -> str:
    (only,) = pin.specifier
    assert only.operator == "==", f"{pin} is not one version"
    return only.version


def asked() -> list[tuple[str, dict[str, Requirement]]]:
    project = PROJECT["project"]
    runtime = [*project["dependencies"], *project["optional-dependencies"]["postgresql"]]
    return [(each, RUNTIME) for each in runtime] + [
        (each, BUILD) for each in PROJECT["build-system"]["requires"]
    ]


EXTRAS: defaultdict[str, set[str]] = defaultdict(set)
for text, _ in asked():
    EXTRAS[canonicalize_name(Requirement(text).name)] |= Requirement(text).extras


def missing(wanted: Requirement, lock: dict[str, Requirement], python: str, *, extra: str = "") -> str | None:
    """What is wrong with the lock for this requirement, on Linux."""
    there = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": "linux",
        "extra": extra,
    }
    if wanted.marker and not wanted.marker.evaluate(there):
        return None
    pin = lock.get(canonicalize_name(wanted.name))
    if pin is None or (pin.marker and not pin.marker.evaluate(there)):
        return f"{wanted} is not there for Python {python}"
    held = wanted.specifier.contains(version(pin), prereleases=True)
    return None if held else f"{wanted} is asked for, and {pin} is there"


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize(("text", "lock"), asked(), ids=[text for text, _ in asked()])
def test_what_is_asked_for_is_there_in_its_range(
    text: str, lock: dict[str, Requirement], python: str
) -> None:
    fault = missing(Requirement(text), lock, python)
    assert fault is None, f"{fault}: {RENEW}"


@pytest.mark.parametrize("python", PYTHONS)
def test_what_those_ask_for_is_there_as_far_as_they_are_installed_here(python: str) -> None:
    """Only what is installed in the version of the lock can be asked; pip asks all of them for the image."""
    faults, looked_at = [], 0
    for name, pin in RUNTIME.items():
        if not installed(name, version(pin)):
            continue
        looked_at += 1
        for text, extra in product(metadata.requires(name) or (), ("", *EXTRAS[name])):
            fault = missing(Requirement(text), RUNTIME, python, extra=extra)
            faults += [f"{name}: {fault}: {RENEW}"] if fault else []
    assert not faults
    assert looked_at


def installed(name: str, wanted: str) -> bool:
    try:
        return metadata.version(name) == wanted
    except metadata.PackageNotFoundError:
        return False


@pytest.mark.parametrize("name", ["runtime.txt", "build.txt"])
def test_every_file_has_a_checksum(name: str) -> None:
    text = (ROOT / "deploy/lock" / name).read_text()
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert blocks
    for block in blocks:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", block), block.splitlines()[0]


def test_a_pin_that_is_out_of_range_or_gone_is_seen() -> None:
    lock = {"alembic": Requirement("alembic==1.0")}
    assert "is there" in str(missing(Requirement("alembic>=1.18,<2"), lock, "3.11"))
    assert "not there" in str(missing(Requirement("fastapi"), lock, "3.11"))
    assert missing(Requirement("colorama; sys_platform == 'win32'"), lock, "3.11") is None
