"""New credentials for a job: whole, private, in their two places, and never anywhere else."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from raw_agent import RawAgent
from tools import Tools

from bosco.agent.program import Agent
from bosco.agent.spool import Spool
from bosco.frames import Frame

STAMP = "haaaaaaaaaaaaaa"
BAD_NAMES = ["../x", "..", ".", "/etc/passwd", "a/b", "-rf", ".hidden", "", "a b", "token\n", "x" * 201, "é"]


@pytest.fixture
def folder(agent: RawAgent, spool: Path, tools: Tools) -> Path:
    """The folder of a job with an executable and a credential, whose content is "old"."""
    inputs = {"run": agent.put(b"run"), "token": agent.put(b"old")}
    assert agent.submit(STAMP, tools.add("submit", "echo 1"), inputs=inputs, credentials=["token"])["claimed"]
    return spool / "pilots" / STAMP


def refresh(agent: RawAgent, stamp: str = STAMP, **contents: bytes) -> Frame:
    files = {name: agent.put(content) for name, content in contents.items()}
    return agent.ask("refresh", stamp=stamp, files=files)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_credentials_are_apart_from_the_other_inputs(folder: Path) -> None:
    assert [path.name for path in (folder / "in").iterdir()] == ["run"]
    assert (folder / "credentials" / "token").read_bytes() == b"old"
    assert list((folder / "refresh").iterdir()) == []
    for name in ("in", "credentials", "refresh"):
        assert (folder / name).stat().st_mode & 0o777 == 0o700


def test_a_new_content_is_there_for_the_start_and_on_its_way(agent: RawAgent, folder: Path) -> None:
    content = bytes(range(256)) * 50
    assert refresh(agent, token=content).header["known"] is True
    for place in ("credentials", "refresh"):
        path = folder / place / "token"
        assert path.read_bytes() == content
        assert path.stat().st_mode & 0o777 == 0o600


def test_the_store_keeps_what_each_checksum_stands_for(agent: RawAgent, folder: Path, spool: Path) -> None:
    for content in (b"new", b"newer", b"old"):
        refresh(agent, token=content)
    for path in (spool / "files").iterdir():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
    assert sorted(path.name for path in spool.iterdir()) == ["files", "pilots"]


def test_the_same_content_again_is_no_harm(agent: RawAgent, folder: Path, spool: Path) -> None:
    for _ in range(3):
        assert refresh(agent, token=b"new").header["foreign"] == []
    assert (folder / "refresh" / "token").read_bytes() == b"new"
    assert sorted(path.name for path in spool.iterdir()) == ["files", "pilots"]


@pytest.mark.parametrize("name", ["run", "absent", *BAD_NAMES])
def test_what_is_no_credential_of_the_job_changes_nothing(
    agent: RawAgent, folder: Path, spool: Path, name: str
) -> None:
    files = {"token": agent.put(b"new"), name: agent.put(b"bad")}
    before = tree(spool)
    assert agent.ask("refresh", stamp=STAMP, files=files).header["foreign"] == [name]
    assert tree(spool) == before


def test_a_job_that_named_no_credentials_gets_none(agent: RawAgent, spool: Path, tools: Tools) -> None:
    agent.submit(STAMP, tools.add("submit", "echo 1"), inputs={"token": agent.put(b"old")})
    before = tree(spool / "pilots")
    reply = refresh(agent, token=b"new").header
    assert (reply["known"], reply["foreign"]) == (True, ["token"])
    assert tree(spool / "pilots") == before
    assert not (spool / "pilots" / STAMP / "refresh").exists()


def test_a_stamp_that_is_not_here_is_told(agent: RawAgent, spool: Path) -> None:
    assert refresh(agent, token=b"new").header["known"] is False
    assert list((spool / "pilots").iterdir()) == [], "it is still free"


def test_a_removed_jobs_folder_is_not_made_anew(agent: RawAgent, folder: Path) -> None:
    agent.ask("remove", stamps=[STAMP])
    assert refresh(agent, token=b"new").header["known"] is False
    assert not folder.exists()


def test_contents_that_are_not_there_are_told_and_nothing_is_done(agent: RawAgent, folder: Path) -> None:
    before = tree(folder)
    absent = "0" * 64
    reply = agent.ask("refresh", stamp=STAMP, files={"token": absent}).header
    assert reply["missing"] == [absent]
    assert tree(folder) == before


def test_what_could_be_a_path_is_refused(agent: RawAgent, folder: Path) -> None:
    assert "is not a stamp" in agent.ask("refresh", stamp="../x", files={}).header["refused"]
    files = {"token": "../../etc/passwd"}
    assert "is not a SHA-256" in agent.ask("refresh", stamp=STAMP, files=files).header["refused"]


def test_two_agents_at_once_leave_one_of_their_contents_whole(
    agent: RawAgent, start_agent: Callable[..., RawAgent], folder: Path, spool: Path
) -> None:
    other = start_agent()
    other.hello(spool)
    contents = [b"%d" % number * 1000 for number in range(20)]
    asked = []
    for number, content in enumerate(contents):
        one = (agent, other)[number % 2]
        asked.append((one, one.send("refresh", stamp=STAMP, files={"token": one.put(content)})))
    assert all(one.receive(request).header["known"] for one, request in asked)
    for place in ("credentials", "refresh"):
        assert (folder / place / "token").read_bytes() in contents
    assert sorted(path.name for path in spool.iterdir()) == ["files", "pilots"]


def test_a_file_system_without_hard_links(
    agent: RawAgent, folder: Path, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(old: str, new: str, **where: object) -> None:
        raise PermissionError(1, "Operation not permitted", new)

    sha256 = agent.put(b"new")
    here = Agent()
    here.spool = Spool(str(spool))
    monkeypatch.setattr(os, "link", no_links)
    here.do_refresh({"stamp": STAMP, "files": {"token": sha256}}, b"")
    path = folder / "credentials" / "token"
    assert (path.read_bytes(), path.stat().st_mode & 0o777, path.stat().st_nlink) == (b"new", 0o600, 1)
