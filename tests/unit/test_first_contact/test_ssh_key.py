"""The CE's key: made once, for its owner alone, and never written over."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from hosted_ce.first_contact.errors import KeyTrouble
from hosted_ce.first_contact.ssh_key import ensure_key


def test_a_key_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    line, made = ensure_key(tmp_path / "site.key", "hosted-ce Tundra-CE1")
    assert made
    assert line.startswith("ssh-ed25519 ")
    assert line.endswith(" hosted-ce Tundra-CE1")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"site.key": 0o600, "site.key.pub": 0o644}
    assert (tmp_path / "site.key.pub").read_text() == f"{line}\n"


def test_openssh_reads_it(tmp_path: Path) -> None:
    line, _ = ensure_key(tmp_path / "site.key", "hosted-ce")
    argv = ["ssh-keygen", "-y", "-P", "", "-f", str(tmp_path / "site.key")]
    shown = subprocess.run(argv, capture_output=True, check=True, text=True).stdout
    assert shown.split()[:2] == line.split()[:2]


def test_the_umask_does_not_matter(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        ensure_key(tmp_path / "site.key", "hosted-ce")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "site.key").stat().st_mode) == 0o600


def test_a_key_that_is_there_stays(tmp_path: Path) -> None:
    first, _ = ensure_key(tmp_path / "site.key", "hosted-ce A")
    content = (tmp_path / "site.key").read_bytes()
    (tmp_path / "site.key.pub").unlink()
    assert ensure_key(tmp_path / "site.key", "hosted-ce B") == (first, False)
    assert (tmp_path / "site.key").read_bytes() == content
    assert (tmp_path / "site.key.pub").read_text() == f"{first}\n", "it can be had again from the private one"


def test_what_is_no_key_for_a_service_is_told_and_left(tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-N", "secret", "-f", str(tmp_path / "locked")], check=True)
    for content in ((tmp_path / "locked").read_bytes(), b"not a key\n"):
        (tmp_path / "site.key").write_bytes(content)
        with pytest.raises(KeyTrouble, match="the CE needs one without a passphrase"):
            ensure_key(tmp_path / "site.key", "hosted-ce")
        assert (tmp_path / "site.key").read_bytes() == content


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(KeyTrouble, match="name a folder that you can write to"):
        ensure_key(tmp_path / "absent" / "site.key", "hosted-ce")
    assert list(tmp_path.iterdir()) == []
