"""The CE does not run as root unless somebody means it, and cannot get it back."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

from hosted_ce.daemon.errors import SetUpWrong
from hosted_ce.daemon.process.privileges import settle_account
from hosted_ce.settings import Settings

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
LOOK = """
import json, os, sys
from pathlib import Path
from hosted_ce.daemon.process.privileges import settle_account
from hosted_ce.settings import Settings
settle_account(Settings(user="nobody", state=Path(sys.argv[1])))
lines = Path("/proc/self/status").read_text().splitlines()
status = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
def back():
    try:
        os.setuid(0)
    except PermissionError:
        return False
    return True
names = ("Uid", "Groups", "CapEff", "CapPrm", "NoNewPrivs")
print(json.dumps({**{name: status[name] for name in names}, "back": back()}))
"""


@needs_root
def test_root_is_given_up_for_good(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOOK, str(tmp_path / "state")], check=True, capture_output=True, text=True
    )
    found = json.loads(done.stdout)
    nobody = pwd.getpwnam("nobody")
    assert set(found["Uid"].split()) == {str(nobody.pw_uid)}, "real, effective, saved and for files"
    assert found["Groups"].split() == [str(nobody.pw_gid)]
    assert int(found["CapEff"], 16) == int(found["CapPrm"], 16) == 0
    assert (found["NoNewPrivs"], found["back"]) == ("1", False)
    state = (tmp_path / "state").stat()
    assert (state.st_uid, state.st_mode & 0o777) == (nobody.pw_uid, 0o700)


@needs_root
def test_root_that_nobody_meant() -> None:
    with pytest.raises(SetUpWrong, match="HOSTED_CE_ROOT=true"):
        settle_account(Settings(root=False))
    settle_account(Settings(root=True))
    assert os.geteuid() == 0


@needs_root
@pytest.mark.parametrize("user", ["root", "no-such-account", ""])
def test_accounts_that_it_cannot_be(user: str) -> None:
    with pytest.raises(SetUpWrong, match=user or "no account"):
        settle_account(Settings(user=user))
    assert os.geteuid() == 0


def test_only_root_becomes_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    settle_account(Settings())
    with pytest.raises(SetUpWrong, match="only root can become nobody"):
        settle_account(Settings(user="nobody"))
