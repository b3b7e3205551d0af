"""The spool: nothing outside it is ever touched, and a full disk submits nothing."""

from __future__ import annotations

import hashlib
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

from raw_agent import RawAgent
from tools import Tools

from bosco.agent.spool import Spool

STAMP = "haaaaaaaaaaaaaa"
BAD_STAMPS = [
    "..",
    "../haaaaaaaaaaaaaa",
    "/etc",
    "haaaaaaa/../..",
    "",
    "short",
    "Haaaaaaaaaaaaaa",
    "haaaaaaaa\n",
]
BAD_NAMES = ["../x", "..", ".", "/etc/passwd", "a/b", "-rf", ".hidden", "", "a b", "a\nb", "x" * 201, "é"]


def test_a_stamp_that_could_be_a_path_is_refused(agent: RawAgent, spool: Path, tools: Tools) -> None:
    submit = tools.add("submit", "echo 1")
    for stamp in BAD_STAMPS:
        for reply in (
            agent.submit(stamp, submit),
            agent.ask("revoke", stamp=stamp).header,
            agent.ask("remove", stamps=[stamp]).header,
            agent.ask("read", stamp=stamp, name="stdout", offset=0, limit=1).header,
            agent.ask("evidence", stamps=[stamp]).header,
        ):
            assert f"{stamp!r} is not a stamp" in reply["refused"]
    assert tools.calls("submit") == []
    assert list((spool / "pilots").iterdir()) == []


def test_an_input_name_that_could_be_a_path_or_an_option_is_refused(
    agent: RawAgent, spool: Path, tools: Tools
) -> None:
    submit = tools.add("submit", "echo 1")
    sha256 = agent.put(b"x")
    for name in BAD_NAMES:
        assert "is not a file name" in agent.submit(STAMP, submit, inputs={name: sha256})["refused"], name
        assert not (spool / "pilots" / STAMP).exists(), "the stamp is free for the next try"
    assert tools.calls("submit") == []
    assert agent.submit(STAMP, submit, inputs={"good": sha256})["claimed"]


def test_inputs_are_byte_exact_and_there_before_the_command_runs(agent: RawAgent, tools: Tools) -> None:
    content = bytes(range(256)) * 100
    sha256 = agent.put(content)
    submit = tools.add("submit", "ls in; sha256sum <in/a.bin; sha256sum <in/b.bin; cat job.sh")
    record = agent.submit(STAMP, submit, inputs={"a.bin": sha256, "b.bin": sha256})["record"]
    assert record["stdout"] == f"a.bin\nb.bin\n{sha256}  -\n{sha256}  -\n#!/bin/sh\n"


def test_missing_inputs_claim_nothing(agent: RawAgent, spool: Path, tools: Tools) -> None:
    submit = tools.add("submit", "echo 1")
    there, absent = agent.put(b"x"), "0" * 64
    reply = agent.submit(STAMP, submit, inputs={"a": there, "b": absent})
    assert reply["missing"] == [absent]
    assert "claimed" not in reply
    assert not (spool / "pilots" / STAMP).exists()
    assert tools.calls("submit") == []


def test_missing_tells_which_contents_to_send(agent: RawAgent) -> None:
    there, absent = agent.put(b"x"), "0" * 64
    assert agent.ask("missing", sha256=[there, absent]).header["missing"] == [absent]


def test_a_content_that_does_not_have_its_checksum_is_not_kept(agent: RawAgent, spool: Path) -> None:
    said = hashlib.sha256(b"x").hexdigest()
    assert "checksum" in agent.ask("put", b"y", sha256=said).header["refused"]
    assert list((spool / "files").iterdir()) == []


def test_a_checksum_that_could_be_a_path_is_refused(agent: RawAgent) -> None:
    for sha256 in ("../" + "0" * 61, "0" * 63, "A" * 64, "0" * 64 + "\n"):
        assert "is not a SHA-256" in agent.ask("missing", sha256=[sha256]).header["refused"]
        assert "is not a SHA-256" in agent.submit(STAMP, "true", inputs={"a": sha256})["refused"]


def test_only_outputs_can_be_read(agent: RawAgent, spool: Path, tools: Tools) -> None:
    agent.submit(STAMP, tools.add("submit", "echo 1"))
    (spool / "pilots" / STAMP / "stdout").write_bytes(b"0123456789")
    read = {"stamp": STAMP, "offset": 3, "limit": 4}
    reply = agent.ask("read", name="stdout", **read)
    assert (reply.header["size"], reply.body) == (10, b"3456")
    assert agent.ask("read", name="stderr", **read).header["size"] is None
    for name in ("submit", "job.sh", "start", "../other/stdout", "/etc/passwd", "in/x"):
        assert "is not an output" in agent.ask("read", name=name, **read).header["refused"]


def test_remove_takes_the_jobs_folder_alone(
    agent: RawAgent, spool: Path, tools: Tools, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    other = "hbbbbbbbbbbbbbb"
    agent.submit(
        other, tools.add("submit", f"ln -s '{outside}' link; ln -s '{outside}/precious' file; echo 1")
    )
    agent.submit(STAMP, tools.add("submit", "echo 1"))
    assert agent.ask("remove", stamps=[other, "hccccccccccccc"]).header["failed"] == {}
    assert [path.name for path in (spool / "pilots").iterdir()] == [STAMP]
    assert (outside / "precious").read_text() == "x"


def test_remove_does_not_follow_a_link_that_stands_for_a_jobs_folder(
    agent: RawAgent, spool: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    (spool / "pilots" / STAMP).symlink_to(outside)
    assert "symbolic link" in agent.ask("remove", stamps=[STAMP]).header["failed"][STAMP]
    assert (outside / "precious").read_text() == "x"


def test_contents_that_no_job_uses_are_forgotten_when_they_are_old(
    agent: RawAgent, spool: Path, tools: Tools
) -> None:
    used, unused = agent.put(b"used"), agent.put(b"unused")
    agent.submit(STAMP, tools.add("submit", "echo 1"), inputs={"a": used})
    agent.ask("remove", stamps=[])
    assert {path.name for path in (spool / "files").iterdir()} == {used, unused}, "not within a day"
    # A file's ctime cannot be set back: what is asked for is the limit.
    Spool(str(spool)).forget(before=time.time() + 60)
    assert [path.name for path in (spool / "files").iterdir()] == [used]


def test_contents_come_and_go_while_they_are_looked_at(agent: RawAgent) -> None:
    contents = [str(number).encode() for number in range(40)]
    numbers = [agent.send("remove", stamps=[]) for _ in contents]
    sums = [agent.put(content) for content in contents]
    assert [agent.receive(number).header["failed"] for number in numbers] == [{}] * 40
    assert agent.ask("missing", sha256=sums).header["missing"] == []


def test_SS18_a_spool_that_cannot_be_made_is_refused_with_its_path(
    start_agent: Callable[..., RawAgent], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    reply = start_agent().hello(tmp_path / "file" / "spool")
    assert f"spool {tmp_path}/file/spool" in reply["refused"]
    assert "Not a directory" in reply["refused"]


def test_SS18_a_spool_without_room_is_refused(start_agent: Callable[..., RawAgent], spool: Path) -> None:
    reply = start_agent(before_exec=largest_file(1024)).hello(spool)
    assert "cannot make or write the spool" in reply["refused"]


def test_SS18_a_full_disk_submits_nothing(
    start_agent: Callable[..., RawAgent], spool: Path, tools: Tools
) -> None:
    submit = tools.add("submit", "echo 1")
    agent = start_agent(before_exec=largest_file(8192))
    agent.hello(spool)
    assert "cannot write the job's folder" in agent.submit(STAMP, submit)["refused"]
    assert tools.calls("submit") == []
    assert not (spool / "pilots" / STAMP).exists()


def test_SS18_a_full_disk_revokes_nothing(start_agent: Callable[..., RawAgent], spool: Path) -> None:
    agent = start_agent()
    agent.hello(spool)
    (spool / "pilots" / STAMP).mkdir()
    resource.prlimit(agent.process.pid, resource.RLIMIT_FSIZE, (10, resource.RLIM_INFINITY))
    other = "hbbbbbbbbbbbbbb"
    assert "cannot write the revocation" in agent.ask("revoke", stamp=other).header["refused"]
    assert not agent.evidence(other)["claimed"], "or it would look like a submission for ever"
    resource.prlimit(agent.process.pid, resource.RLIMIT_FSIZE, (2**20, resource.RLIM_INFINITY))
    assert agent.ask("revoke", stamp=other).header["revoked"]


def test_the_spool_is_private(agent: RawAgent, spool: Path, tools: Tools) -> None:
    answer = agent.submit(STAMP, tools.add("submit", "umask"), inputs={"a": agent.put(b"x")})
    umask = os.umask(0)
    os.umask(umask)
    assert int(answer["record"]["stdout"], 8) == umask, "the account's own umask is what pilots get"
    for path in (spool, *spool.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path


def test_the_spool_may_be_named_from_the_home_folder(
    start_agent: Callable[..., RawAgent], tmp_path: Path
) -> None:
    agent = start_agent(environment={**os.environ, "HOME": str(tmp_path)})
    assert agent.hello("~/.hosted-ce/osg")["spool"] == f"{tmp_path}/.hosted-ce/osg"


def largest_file(size: int) -> Callable[[], None]:
    """As a full disk does, this makes writing fail, and writing alone."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit
