"""Whose a file with a secret is to read: one rule for the site file and the front door, and bosco's own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bosco.ssh.key_mode import key_mode
from hosted_ce.routing.compile import check_expression
from hosted_ce.secret_modes import mode_that_counts
from hosted_ce.site import SiteFileError
from hosted_ce.site.source import read_source
from tests.fakes.sites import route, write_site

OURS, THEIRS = 9619, 9620
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def in_a_container(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the container's account, with the group that is the pod's `fsGroup`."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(os, "getegid", lambda: 1000)
    monkeypatch.setattr(os, "getgroups", lambda: [OURS])


def secret(folder: Path, uid: int, gid: int, mode: int) -> Path:
    path = folder / "secret"
    path.touch()
    os.chown(path, uid, gid)
    path.chmod(mode)
    return path


@needs_root
@pytest.mark.usefixtures("in_a_container")
@pytest.mark.parametrize(
    ("uid", "gid", "mode", "counts"),
    [
        (0, OURS, 0o440, 0o400),
        (0, OURS, 0o640, 0o600),
        (0, OURS, 0o460, 0o420),
        (0, OURS, 0o444, 0o404),
        (0, THEIRS, 0o440, 0o440),
        (1000, OURS, 0o440, 0o440),
        (1000, OURS, 0o600, 0o600),
    ],
)
def test_a_group_of_ours_may_read_what_is_roots(
    tmp_path: Path, uid: int, gid: int, mode: int, counts: int
) -> None:
    path = secret(tmp_path, uid, gid, mode)
    assert (mode_that_counts(path.stat()), key_mode(path)) == (counts, counts)


@needs_root
def test_root_itself_reads_by_no_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getgroups", lambda: [OURS])
    path = secret(tmp_path, 0, OURS, 0o440)
    assert (mode_that_counts(path.stat()), key_mode(path)) == (0o440, 0o440)


@needs_root
@pytest.mark.usefixtures("in_a_container")
def test_a_site_file_takes_its_key_from_a_secret_of_kubernetes(tmp_path: Path) -> None:
    site = write_site(tmp_path / "x.yaml", route("a"))
    key = site.with_name("key")
    os.chown(key, 0, OURS)
    key.chmod(0o440)
    assert not [
        each
        for each in read_source(site, check_expression=check_expression).warnings
        if "key" in each.message
    ]
    key.chmod(0o444)
    with pytest.raises(SiteFileError, match="can be read by others"):
        read_source(site, check_expression=check_expression)
