"""A job owns the spool as the agent does: what it puts there must not lead the agent out of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from raw_agent import RawAgent

STAMP = "haaaabbbbccccdd"
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
    import hashlib

    content = b"content"
    stored = spool / "files" / hashlib.sha256(content).hexdigest()
    stored.symlink_to(secret / target)
    agent.put(content)
    assert stored.read_bytes() == content
    assert not stored.is_symlink()
    assert not (secret / "nothing").exists()
    assert (secret / "id_rsa").read_bytes() == SECRET
