"""`hosted-ce site init` pins what is behind a jump host, once that one lets its key through."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest
from typer.testing import CliRunner, Result

from hosted_ce.cli.main import app
from tests.e2e.identities.own_sshd import OwnSshd, public
from tests.e2e.lab.daemons import HOST

pytestmark = pytest.mark.e2e
ACCOUNT = getpass.getuser() if os.geteuid() else "nobody"
"""Not root: such an account is no answer."""


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[tuple[OwnSshd, OwnSshd]]:
    """A jump host and a login node; neither lets anybody in."""
    jump, node = (made(tmp_path / name) for name in ("jump", "node"))
    with jump.running(), node.running():
        yield jump, node


def made(folder: Path) -> OwnSshd:
    folder.mkdir()
    readable = (
        f"AuthorizedKeysCommand /usr/bin/cat {folder}/authorized_keys",
        "AuthorizedKeysCommandUser root",
    )
    return OwnSshd(folder, *([] if os.geteuid() else readable))


def init(folder: Path, jump: OwnSshd, node: OwnSshd) -> Result:
    answers = {
        "site": "Tundra-College", "contacts": "hpc@tundra.example.edu", "batch": "slurm",
        "login": f"{HOST}:{node.port}", "jump": f"{HOST}:{jump.port}", "account": ACCOUNT,
        "fingerprints": f"{fingerprint(jump)}, {fingerprint(node)}", "our-addresses": "192.0.2.10",
        "queue": "osg", "charge": "none", "door-host": "unknown",
    }  # fmt: skip
    options = [f"--{name}={text}" for name, text in answers.items()]
    return CliRunner().invoke(app, ["site", "init", str(folder), "--yes", *options])


def fingerprint(server: OwnSshd) -> str:
    return asyncssh.read_public_key(f"{server.host_key}.pub").get_fingerprint()


def pinned(server: OwnSshd) -> str:
    return f"[{HOST}]:{server.port} {public(server.host_key)}"


def test_the_jump_host_is_pinned_at_once_and_the_node_when_we_are_let_through(
    tmp_path: Path, hosts: tuple[OwnSshd, OwnSshd]
) -> None:
    jump, node = hosts
    done = init(tmp_path / "ce", jump, node)
    assert done.exit_code == 0, done.output
    known_hosts = tmp_path / "ce" / "known_hosts"
    assert known_hosts.read_text().splitlines() == [pinned(jump)]
    assert f"the host keys of {HOST}:{node.port} cannot be looked at yet" in done.stderr
    assert f"{HOST}:{node.port}" in done.stdout.partition("known_hosts")[0]
    through = f'restrict,port-forwarding,permitopen="{HOST}:{node.port}",command="/bin/false"'
    jump.authorize(f"{through} {public(tmp_path / 'ce' / 'site.key')}")
    done = init(tmp_path / "ce", jump, node)
    assert done.exit_code == 0, done.output
    assert known_hosts.read_text().splitlines() == [pinned(jump), pinned(node)]
    assert "Accepted" not in node.log.read_text(), "nobody logs in there to look at its keys"
    assert "Failed publickey" not in node.log.read_text()
