"""Looking around at a login node: the script really runs; what it prints is read strictly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bosco.batch.model import CommandResult
from bosco.capabilities import Folder, LoginFacts, Noise
from bosco.look import Look, looked, looking


def _login(spool: Path, locale: dict[str, str]) -> LoginFacts:
    folder = Folder(str(spool))
    return LoginFacts(
        "login", "osg01", sys.executable, "3.11", {}, folder, folder, locale, 0.0, 0.0, Noise(0, "")
    )


def _look(spool: Path, home: Path, locale: dict[str, str] | None = None) -> Look:
    command = looking(_login(spool, locale or {}))
    environment = {**os.environ, "HOME": str(home), "LC_ALL": "C", **command.environment}
    done = subprocess.run(list(command.argv), env=environment, capture_output=True, check=False)
    found = looked(CommandResult(done.returncode, done.stdout, done.stderr))
    assert isinstance(found, Look), found
    return found


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    for stamp in ("hqaaaaaaaaaaaab", "hqaaaaaaaaaaaaa"):
        (tmp_path / "spool" / "pilots" / stamp).mkdir(parents=True)
    return tmp_path / "spool"


def test_it_sees_the_account_and_leaves_nothing(spool: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    found = _look(spool, home)
    assert (found.uid, found.machine) == (os.getuid(), os.uname().machine)
    assert found.stamps == ("hqaaaaaaaaaaaaa", "hqaaaaaaaaaaaab")
    assert found.home_runs is True
    assert found.spool_runs is True
    assert found.os.get("ID")
    assert list(home.iterdir()) == []
    assert [entry.name for entry in spool.iterdir()] == ["pilots"]


def test_folders_that_others_can_write_are_named(spool: Path, tmp_path: Path) -> None:
    spool.chmod(0o777)
    found = _look(spool, tmp_path)
    assert any(line.startswith(f"{spool} (drwxrwxrwx)") for line in found.open_to_others)
    spool.chmod(0o1777)
    assert not any(line.startswith(f"{spool} ") for line in _look(spool, tmp_path).open_to_others)


def test_a_locale_that_is_not_installed_is_told(spool: Path, tmp_path: Path) -> None:
    assert _look(spool, tmp_path, {"LANG": "C.UTF-8"}).locale_problem is None
    assert (
        _look(spool, tmp_path, {"LC_ALL": "de_NOWHERE.UTF-8"}).locale_problem == "unsupported locale setting"
    )


def test_a_folder_that_cannot_be_written_tells_nothing(spool: Path, tmp_path: Path) -> None:
    assert _look(spool, tmp_path / "absent").home_runs is None


@pytest.mark.parametrize(
    "stdout", [b"", b"null\n", b"{}\n", b"\xff\xfe{", json.dumps({"os": {}, "stamps": 3}).encode()]
)
def test_anything_else_is_a_reason(stdout: bytes) -> None:
    assert isinstance(looked(CommandResult(1, stdout, b"Traceback")), str)
