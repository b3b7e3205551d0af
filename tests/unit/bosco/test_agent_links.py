"""A job owns the spool as the agent does: what it puts there must not lead the agent out of it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from raw_agent import RawAgent
from tools import Tools

from bosco.agent.spool import Spool
from bosco.capabilities import Folder, LoginFacts, Noise
from bosco.link import agent_command, agent_source
from bosco.look import looking

STAMP = "haaaabbbbccccdd"
FACTS: dict[str, Any] = {
    "host": "login", "user": "osg01", "python": sys.executable, "python_version": "3.11", "tools": {},
    "home": Folder("/"), "locale": {}, "clock_offset_s": 0.0, "clock_error_s": 0.0, "noise": Noise(0, ""),
}  # fmt: skip
SECRET = b"a secret of the login node"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "home" / ".ssh"
    path.mkdir(parents=True)
    (path / "id_rsa").write_bytes(SECRET)
    (path / "token").write_bytes(SECRET)
    return path


@pytest.fixture
def folder(agent: RawAgent, spool: Path) -> Path:
    """Of a job that was submitted with a credential."""
    agent.hello(spool)
    token, run = agent.put(b"old"), agent.put(b"#!/bin/sh\n")
    agent.submit(STAMP, "true", inputs={"run.sh": run, "token": token}, credentials=["token"])
    return spool / "pilots" / STAMP


def test_an_output_that_is_a_link_is_no_output(agent: RawAgent, folder: Path, secret: Path) -> None:
    (folder / "stdout").symlink_to(secret / "id_rsa")
    reply = agent.ask("read", stamp=STAMP, name="stdout", offset=0, limit=1000)
    assert (reply.header["size"], reply.body) == (None, b"")
    assert agent.evidence(STAMP)["stdout"] is None


def test_a_pipe_in_the_place_of_an_output_holds_nothing_up(agent: RawAgent, folder: Path) -> None:
    os.mkfifo(folder / "stdout")
    os.mkfifo(folder / "exit")
    assert agent.ask("read", stamp=STAMP, name="stdout", offset=0, limit=1000).header["size"] is None
    assert agent.evidence(STAMP)["exit"] is None


@pytest.mark.parametrize("name", ["start", "exit", "submit"])
def test_a_record_that_is_a_link_is_no_record(agent: RawAgent, folder: Path, secret: Path, name: str) -> None:
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(secret / "id_rsa")
    assert agent.evidence(STAMP)["record" if name == "submit" else name] is None


@pytest.mark.parametrize("place", ["credentials", "refresh"])
def test_new_credentials_do_not_go_where_a_link_leads(
    agent: RawAgent, folder: Path, secret: Path, place: str
) -> None:
    new = agent.put(b"new")
    (folder / place).rename(folder / "away")
    (folder / place).symlink_to(secret)
    reply = agent.ask("refresh", stamp=STAMP, files={"token": new})
    assert reply.header.keys() & {"error", "refused"}
    assert (secret / "token").read_bytes() == SECRET


def test_a_job_folder_that_is_a_link_is_not_read(agent: RawAgent, folder: Path, secret: Path) -> None:
    folder.rename(folder.with_name("haway0000000000"))
    folder.symlink_to(secret)
    (secret / "stdout").write_bytes(SECRET)
    assert agent.ask("read", stamp=STAMP, name="stdout", offset=0, limit=1000).header["size"] is None
    assert agent.evidence(STAMP)["claimed"], "it is not there for anybody else"


def test_a_job_folder_that_is_a_link_is_not_followed_when_it_is_removed(
    agent: RawAgent, folder: Path, secret: Path
) -> None:
    folder.rename(folder.with_name("haway0000000000"))
    folder.symlink_to(secret)
    assert STAMP in agent.ask("remove", stamps=[STAMP]).header["failed"]
    assert (secret / "id_rsa").read_bytes() == SECRET


@pytest.mark.parametrize("target", ["id_rsa", "nothing"])
def test_what_a_job_links_in_the_store_is_not_written_through(
    agent: RawAgent, folder: Path, secret: Path, spool: Path, target: str
) -> None:
    content = b"content"
    stored = spool / "files" / hashlib.sha256(content).hexdigest()
    stored.symlink_to(secret / target)
    agent.put(content)
    assert stored.read_bytes() == content
    assert not stored.is_symlink()
    assert not (secret / "nothing").exists()
    assert (secret / "id_rsa").read_bytes() == SECRET


def test_the_ledger_is_not_written_through_a_link(
    agent: RawAgent, spool: Path, secret: Path, tools: Tools
) -> None:
    """A job that begins before the submit command has answered has time for it."""
    target = secret / "bashrc"
    target.write_bytes(SECRET * 2000)
    command = tools.add("submit", f"ln -sf {target} submit.room; echo 17")
    answer = agent.submit("hqqqqwwwweeeerr", command)
    assert answer["record"]["stdout"] == "17\n"
    assert "ledger" in answer["record"], "the answer still gets through, and says that it is not on record"
    assert target.read_bytes() == SECRET * 2000


def test_the_ledger_is_not_written_into_another_files_link(
    agent: RawAgent, spool: Path, secret: Path, tools: Tools
) -> None:
    target = secret / "id_rsa"
    answer = agent.submit("hqqqqwwwweeeerr", tools.add("submit", f"ln -f {target} submit.room; echo 17"))
    assert "ledger" in answer["record"]
    assert target.read_bytes() == SECRET


def test_a_content_that_is_a_link_is_not_there(agent: RawAgent, spool: Path, secret: Path) -> None:
    name = "0" * 64
    (spool / "files" / name).symlink_to(secret / "id_rsa")
    assert agent.ask("missing", sha256=[name]).header["missing"] == [name]
    assert agent.submit("hqqqqwwwweeeerr", "true", inputs={"x": name})["missing"] == [name]


def test_a_store_that_is_a_link_is_not_emptied(spool: Path, secret: Path) -> None:
    store = Spool(str(spool))
    (spool / "files").rmdir()
    (spool / "files").symlink_to(secret)
    with pytest.raises(OSError, match=r"Not a directory|symbolic"):
        store.forget(before=time.time() + 60)
    assert (secret / "id_rsa").read_bytes() == SECRET


def test_only_contents_are_forgotten(spool: Path) -> None:
    store = Spool(str(spool))
    for name in ("keep", "0" * 64, "1" * 64 + ".new.7.8"):
        (spool / "files" / name).write_text("x")
    store.forget(before=time.time() + 60)
    assert [path.name for path in (spool / "files").iterdir()] == ["keep"]


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "job.none"])
def test_nothing_but_the_jobs_own_files_is_removed(agent: RawAgent, spool: Path, name: str) -> None:
    run = agent.put(b"x")
    answer = agent.submit(
        "hqqqqwwwweeeerr",
        "true",
        inputs={"run.sh": run},
        enclosing=[name],
        inputs_line="# here",
        largest=9999,
    )
    assert "must be among the job's own files" in answer["refused"]


@pytest.mark.parametrize("mark", ["../../etc", "/etc/passwd", "x"])
def test_a_mark_is_a_stamp(agent: RawAgent, mark: str) -> None:
    assert "is not a stamp" in agent.submit("hqqqqwwwweeeerr", "true", mark=mark)["refused"]


def test_modules_in_the_spool_and_in_the_home_are_not_ours(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('a job has put this here')")
    source = agent_source()
    done = subprocess.run(
        agent_command(sys.executable, source), input=source + b"n\n", cwd=tmp_path, capture_output=True,
        check=False, timeout=20,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    looks = looking(LoginFacts(**{**FACTS, "spool": Folder(str(tmp_path))}))
    done = subprocess.run(list(looks.argv), cwd=tmp_path, capture_output=True, check=False, timeout=20)
    assert done.returncode == 0, done.stderr
