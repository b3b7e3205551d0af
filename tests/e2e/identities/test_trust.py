"""`hosted-ce site trust` at real login nodes, one of them behind another."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest
import yaml
from typer.testing import CliRunner, Result

from hosted_ce.cli.main import app
from tests.e2e.identities.own_sshd import OwnSshd, new_key, public, sign
from tests.e2e.lab.daemons import HOST

pytestmark = pytest.mark.e2e
RUN = CliRunner()


@pytest.fixture
def node(tmp_path: Path) -> Iterator[OwnSshd]:
    """A login node that nothing is pinned of, and that takes our key."""
    with _made(tmp_path, "node").running() as server:
        yield server


def _made(folder: Path, name: str, *lines: str) -> OwnSshd:
    (folder / name).mkdir()
    server = OwnSshd(folder / name, *lines)
    server.authorize(public(server.key))
    server.pin()
    return server


def _trust(node: OwnSshd, *options: str, jump: OwnSshd | None = None, said: str = "") -> Result:
    cluster = {
        "batch": "slurm", "login": [{"host": HOST, "port": node.port}], "account": getpass.getuser(),
        "key": str(node.key), "known_hosts": str(node.known_hosts),
    }  # fmt: skip
    if jump:
        hop = {"host": HOST, "port": jump.port, "key": str(jump.key), "known_hosts": str(jump.known_hosts)}
        cluster["jump"] = [hop]
    route = {"name": "all", "cluster": "main", "request": {"walltime": "1h"}}
    file = node.folder / "site.yaml"
    file.write_text(yaml.safe_dump({
        "site": "X", "resource": "X-CE1", "contacts": ["a@example.edu"], "clusters": {"main": cluster},
        "routes": [route],
    }))  # fmt: skip
    return RUN.invoke(app, ["site", "trust", str(file), *options], input=said)


def _fingerprint(key: Path) -> str:
    return asyncssh.read_public_key(key.with_name(f"{key.name}.pub")).get_fingerprint()


def test_what_the_site_told_is_pinned_and_nothing_else(node: OwnSshd) -> None:
    done = _trust(node)
    assert (done.exit_code, node.known_hosts.read_text()) == (2, "")
    assert f"{_fingerprint(node.host_key)} (ED25519), not pinned" in done.stdout
    assert "--fingerprint" in done.stderr, "nobody can be asked here"
    done = _trust(node, "--fingerprint", _fingerprint(node.key))
    assert (done.exit_code, node.known_hosts.read_text()) == (1, "")
    assert "none of the fingerprints that the site told" in done.stderr
    assert _trust(node, "--fingerprint", _fingerprint(node.host_key)).exit_code == 0
    assert node.known_hosts.read_text() == f"[{HOST}]:{node.port} {public(node.host_key)}\n"
    done = _trust(node)
    assert done.exit_code == 0, "it is known now, and nobody is asked"
    assert "(ED25519), pinned" in done.stdout


@pytest.mark.parametrize("right", [True, False])
def test_a_person_pastes_what_the_site_has_sent(
    node: OwnSshd, monkeypatch: pytest.MonkeyPatch, *, right: bool
) -> None:
    monkeypatch.setattr("hosted_ce.cli.site.trust._somebody_there", lambda: True)
    done = _trust(node, said=f"{_fingerprint(node.host_key if right else node.key)}\n")
    assert "Fingerprint that the site has sent" in done.stderr
    assert (done.exit_code, bool(node.known_hosts.read_text())) == ((0, True) if right else (1, False))


def test_another_pinned_key_goes_only_by_its_name(node: OwnSshd) -> None:
    other = new_key(node.folder / "other")
    before = f"# ours\nother.example.edu {public(other)}\n[{HOST}]:{node.port} {public(other)}\n"
    node.known_hosts.write_text(before)
    ours, old = ("--fingerprint", _fingerprint(node.host_key)), _fingerprint(other)
    for more in ((), ("--replace", _fingerprint(node.key))):
        done = _trust(node, *ours, *more)
        assert (done.exit_code, node.known_hosts.read_text()) == (1, before)
        assert f"--replace {old}" in done.stderr
    assert _trust(node, *ours, "--replace", old).exit_code == 0
    assert node.known_hosts.read_text() == (
        f"# ours\nother.example.edu {public(other)}\n[{HOST}]:{node.port} {public(node.host_key)}\n"
    )


def test_a_line_for_several_hosts_is_left_to_a_person(node: OwnSshd) -> None:
    other = new_key(node.folder / "other")
    before = f"[{HOST}]:{node.port},login.example.edu {public(other)}\n"
    node.known_hosts.write_text(before)
    done = _trust(node, "--fingerprint", _fingerprint(node.host_key), "--replace", _fingerprint(other))
    assert (done.exit_code, node.known_hosts.read_text()) == (1, before)
    assert "line 1 of it is for" in done.stderr


def test_a_revoked_key_is_never_pinned(node: OwnSshd) -> None:
    node.pin(f"@revoked * {public(node.host_key)}")
    done = _trust(node, "--fingerprint", _fingerprint(node.host_key))
    assert done.exit_code == 1
    assert "not to be trusted any more" in done.stderr
    assert len(node.known_hosts.read_text().splitlines()) == 1


def test_a_revoked_ca_is_neither_known_nor_pinned(tmp_path: Path) -> None:
    ca = new_key(tmp_path / "ca")
    node = _made(tmp_path, "node", f"HostCertificate {tmp_path}/node/host_key-cert.pub")
    sign(ca, node.host_key, "-h", "-n", HOST)
    revoked = f"@revoked * {public(ca)}"
    with node.running():
        for pins in ((revoked,), (revoked, f"@cert-authority * {public(ca)}")):
            node.pin(*pins)
            done = _trust(node, "--fingerprint", _fingerprint(ca))
            assert done.exit_code == 1, done.output
            assert f"a certificate of the CA {_fingerprint(ca)}, revoked" in done.stdout
            assert f"is not to be trusted any more: {_fingerprint(ca)}" in done.stderr
            assert len(node.known_hosts.read_text().splitlines()) == len(pins)


@pytest.mark.parametrize(
    ("ends", "code"), [((), 0), (("-V", "20200101:20200102"), 1)], ids=["valid", "ended"]
)
def test_a_ca_is_pinned_by_its_fingerprint_if_the_certificate_is_good(
    tmp_path: Path, ends: tuple[str, ...], code: int
) -> None:
    ca = new_key(tmp_path / "ca")
    node = _made(tmp_path, "node", f"HostCertificate {tmp_path}/node/host_key-cert.pub")
    sign(ca, node.host_key, "-h", "-n", HOST, *ends)
    with node.running():
        done = _trust(node, "--fingerprint", _fingerprint(ca))
        assert done.exit_code == code, done.output
        assert f"a certificate of the CA {_fingerprint(ca)}, not pinned" in done.stdout
        assert ("has expired" in done.stdout) == bool(code)
        pin = f"@cert-authority [{HOST}]:{node.port} {public(ca)}\n"
        assert node.known_hosts.read_text() == ("" if code else pin)
        assert _trust(node, "--fingerprint", "SHA256:none").exit_code == code


def test_what_is_behind_a_jump_host_is_seen_when_that_one_is_trusted(tmp_path: Path, node: OwnSshd) -> None:
    jump = _made(tmp_path, "jump")
    told = ("--fingerprint", _fingerprint(node.host_key))
    with jump.running():
        done = _trust(node, *told, jump=jump)
        assert (done.exit_code, node.known_hosts.read_text()) == (1, "")
        assert "cannot be looked at" in done.stderr
        assert _trust(node, *told, "--fingerprint", _fingerprint(jump.host_key), jump=jump).exit_code == 0
    assert node.known_hosts.read_text() == f"[{HOST}]:{node.port} {public(node.host_key)}\n"
    assert jump.known_hosts.read_text() == f"[{HOST}]:{jump.port} {public(jump.host_key)}\n"
