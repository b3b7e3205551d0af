"""The program that a site installs, run as sshd runs it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from raw_agent import NONCE, RawAgent

from bosco.installed import agent_program, authorized_keys_line, forced_command, program_id
from bosco.link import agent_command, agent_source

STAMP = "haaaabbbbccccdd"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "hosted-ce-agent"
    path.write_text(agent_program())
    return path


class Installed(RawAgent):
    """Started by a forced command: what was asked for is in a variable."""

    def __init__(self, log: Path, program: Path, spool: Path, asked: str | None = None):
        self.program, self.spool = program, spool
        usual = shlex.join(agent_command("python3", agent_source()))
        super().__init__(
            log, environment={**os.environ, "SSH_ORIGINAL_COMMAND": usual if asked is None else asked}
        )

    def argv(self, source: bytes) -> list[str]:
        command = forced_command(
            str(self.program), batch="slurm", spool=str(self.spool), python=sys.executable
        )
        return ["sh", "-c", command]


@pytest.fixture
def installed(tmp_path: Path, program: Path, spool: Path) -> Iterator[Installed]:
    agent = Installed(tmp_path / "log", program, spool)
    yield agent
    agent.end()


def test_SS13_it_reads_the_agent_that_is_sent_and_runs_itself(installed: Installed, spool: Path) -> None:
    facts = installed.hello(spool)
    assert facts["installed"] == {"batch": "slurm", "program": program_id()}
    assert facts["spool"] == str(spool)
    assert oct((spool / "pilots").stat().st_mode) == "0o40700"


def test_nothing_but_batch_commands_is_run(installed: Installed, spool: Path, tmp_path: Path) -> None:
    installed.hello(spool)
    reply = installed.ask("run", argv=["touch", str(tmp_path / "here")], timeout=5, limit=10)
    assert "not 'touch" in reply.header["refused"]
    reply = installed.submit(STAMP, "touch", str(tmp_path / "here"))
    assert "not 'touch" in reply["refused"]
    assert not (tmp_path / "here").exists()
    assert not (spool / "pilots" / STAMP).exists(), "it was refused before the stamp was claimed"


def test_another_spool_is_refused(installed: Installed, tmp_path: Path) -> None:
    assert "keeps its spool in" in installed.hello(tmp_path / "elsewhere")["refused"]
    assert not (tmp_path / "elsewhere").exists()


def test_who_asks_for_a_shell_is_told_what_the_key_is_for(program: Path, spool: Path) -> None:
    command = forced_command(str(program), batch="slurm", spool=str(spool), python=sys.executable)
    environment = {**os.environ, "SSH_ORIGINAL_COMMAND": "cat ~/.ssh/id_rsa"}
    done = subprocess.run(
        ["sh", "-c", command], env=environment, input=b"id\n", capture_output=True, check=False, timeout=20
    )
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"starts the agent of a hosted_ce and nothing else" in done.stderr


def test_a_nonce_is_still_needed(installed: Installed, spool: Path) -> None:
    installed.write(b"\x1e" + NONCE[::-1] + b" 2 0 00000000\n{}\n")
    assert installed.wait() != 0


def test_the_same_version_makes_the_same_program() -> None:
    assert agent_program() == agent_program()
    assert (
        agent_program()
        .splitlines()[1]
        .endswith(f"{program_id()}. Install it where the account cannot change it:")
    )


def test_the_command_for_one_of_several_clusters() -> None:
    command = forced_command("/agent", batch="slurm", spool="~/hosted-ce", cluster="campus")
    assert command.endswith(" /agent --batch slurm --spool ~/hosted-ce --cluster campus")


def test_the_line_of_authorized_keys() -> None:
    command = forced_command(
        "/usr/local/libexec/hosted-ce-agent", batch="sge", spool="~/hosted-ce", path=["/opt/sge/bin"],
        variables={"SGE_ROOT": "/opt/s g\"e"},
    )  # fmt: skip
    assert command == (
        "/usr/bin/python3 -IS /usr/local/libexec/hosted-ce-agent --batch sge --spool ~/hosted-ce "
        "--path /opt/sge/bin --set 'SGE_ROOT=/opt/s g\"e'"
    )
    line = authorized_keys_line(
        "ssh-ed25519 AAAA osg\n", command=command, addresses=["192.0.2.7", "2001:db8::/32"]
    )
    assert line.startswith('restrict,from="192.0.2.7,2001:db8::/32",command="/usr/bin/python3 -IS ')
    assert 'g\\"e\'" ssh-ed25519 AAAA osg' in line
    assert authorized_keys_line("ssh-ed25519 AAAA") == "restrict ssh-ed25519 AAAA"
    for wrong in ('a"', "a,b", "a b"):
        with pytest.raises(ValueError, match="a comma, a space or a quote"):
            authorized_keys_line("ssh-ed25519 AAAA", addresses=[wrong])
