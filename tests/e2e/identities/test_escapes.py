"""What SSH itself offers to whoever has a confined key, at an sshd that allows it to other keys."""

from __future__ import annotations

import getpass
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bosco.dials import ssh_dial
from bosco.installed import agent_program, authorized_keys_line, forced_command
from tests.e2e.identities.own_sshd import OwnSshd, public
from tests.e2e.lab.daemons import HOST

pytestmark = pytest.mark.e2e
GENEROUS = (
    "AllowTcpForwarding yes", "AllowStreamLocalForwarding yes", "AllowAgentForwarding yes",
    "X11Forwarding yes", "PermitUserRC yes", "GatewayPorts yes", "AcceptEnv LANG LC_*",
    "Subsystem sftp internal-sftp", "Subsystem shell /bin/sh",
)  # fmt: skip
TELLS = "starts the agent of a hosted_ce and nothing else"


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[OwnSshd]:
    server = OwnSshd(tmp_path, *GENEROUS)
    program = tmp_path / "agent"
    program.write_text(agent_program())
    command = forced_command(str(program), batch="slurm", spool=str(tmp_path / "spool"))
    server.authorize(authorized_keys_line(public(server.key), command=command, addresses=(HOST,)))
    with server.running():
        yield server


def _ssh(sshd: OwnSshd, *words: str, said: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    argv = [
        "ssh", "-F", "none", "-i", str(sshd.key), "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes",
        "-o", f"UserKnownHostsFile={sshd.known_hosts}", "-o", "ExitOnForwardFailure=yes",
        "-p", str(sshd.port), *words[:-1], f"{getpass.getuser()}@{HOST}", *([words[-1]] if words[-1] else []),
    ]  # fmt: skip
    env = {"PATH": "/usr/bin:/bin", **environment}
    return subprocess.run(argv, input=said, capture_output=True, text=True, timeout=30, check=False, env=env)


@pytest.mark.parametrize("subsystem", ["sftp", "shell"])
def test_a_subsystem_is_the_agent_as_well(sshd: OwnSshd, subsystem: str, tmp_path: Path) -> None:
    done = _ssh(sshd, "-s", subsystem, said=f"touch {tmp_path}/got-through\n")
    assert (done.returncode, done.stdout) == (1, "")
    assert not (tmp_path / "got-through").exists()


def test_no_socket_is_opened_there(sshd: OwnSshd, tmp_path: Path) -> None:
    at_site = tmp_path / "at-site.sock"
    for what in (f"{at_site}:{HOST}:{sshd.port}", f"{HOST}:0:{HOST}:{sshd.port}"):
        done = _ssh(sshd, "-N", "-R", what, "")
        assert done.returncode != 0
        assert "remote port forwarding failed" in done.stderr
    assert not at_site.exists()


def test_nothing_behind_it_is_reached(sshd: OwnSshd) -> None:
    done = _ssh(sshd, "-W", f"{HOST}:{sshd.port}", "")
    assert (done.returncode != 0, "SSH-2.0" in done.stdout) == (True, False)
    assert "open failed" in done.stderr


def test_neither_agent_nor_display_is_forwarded(sshd: OwnSshd) -> None:
    done = _ssh(sshd, "-v", "-A", "-X", "id", SSH_AUTH_SOCK="/nowhere", DISPLAY=":7")
    assert TELLS in done.stderr
    assert "X11 forwarding request failed" in done.stderr
    assert "auth-agent@openssh.com" not in done.stderr


async def test_variables_do_not_get_to_the_agent(sshd: OwnSshd, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text(f"touch {tmp_path}/got-through\n")
    theirs = {name: str(script) for name in ("BASH_ENV", "ENV", "PYTHONSTARTUP", "PYTHONPATH", "LD_PRELOAD")}
    sent = [f"{name}={value}" for name, value in theirs.items()]
    _ssh(sshd, "-o", f"SetEnv {' '.join(sent)} LC_ALL={script}", "id")
    assert not (tmp_path / "got-through").exists()
    link = await ssh_dial(sshd.login(), python="python3", spool=str(tmp_path / "spool"))()
    assert link.facts["installed"]["batch"] == "slurm", "what a CE does still works"
    await link.close()
