"""Whether files are still those that a process began with."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bosco.on_disk import Installed

CHANGES: dict[str, Callable[[Path], object]] = {
    "another text": lambda place: (place / "package/a.py").write_text("three"),
    "as long, and newer": lambda place: os.utime(place / "package/a.py", (1, 1)),
    "gone": lambda place: (place / "package/inner/b.html").unlink(),
    "new": lambda place: (place / "package/inner/c.py").touch(),
    "the single file": lambda place: (place / "library.py").write_text("three"),
    "all gone": lambda place: (place / "package").rename(place / "elsewhere"),
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "package/inner").mkdir(parents=True)
    for name in ("package/a.py", "package/inner/b.html", "library.py"):
        (tmp_path / name).write_text("one")
    return tmp_path


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_is_seen(place: Path, change: Callable[[Path], object]) -> None:
    installed = Installed([place / "package", place / "library.py"])
    assert not installed.is_replaced()
    change(place)
    assert installed.is_replaced()


def test_what_python_and_editors_write_there_is_none(place: Path) -> None:
    installed = Installed([place / "package"])
    (place / "package/__pycache__").mkdir()
    (place / "package/__pycache__/a.pyc").write_text("two")
    (place / "package/.#a.py").symlink_to("somebody@host.1234")
    (place / "library.py").write_text("two, and nobody asked")
    assert not installed.is_replaced()


def test_a_link_to_nothing_is_a_file_like_others(place: Path) -> None:
    link = place / "package/elsewhere.py"
    link.symlink_to(place / "nothing")
    installed = Installed([place / "package"])
    assert not installed.is_replaced()
    link.unlink()
    assert installed.is_replaced()
