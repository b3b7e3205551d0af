"""Whatever names a refresh brings, nothing but the job's own credentials changes."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bosco.agent.program import Agent
from bosco.agent.spool import Refused, Spool

STAMP = "haaaaaaaaaaaaaa"
CONTENTS = (b"old", b"new", b"newer")
OWN = {"token", "a.b", "x=1,@+-"}
names = (
    st.sampled_from([*OWN, "run", "../credentials/token", "credentials/token", "token/", "./token", "..", ""])
    | st.text(max_size=10)
    | st.from_regex(r"[./A-Za-z-]{1,12}", fullmatch=True)
)
contents = st.sampled_from(CONTENTS)
unhurried = settings(deadline=None, max_examples=60)


@unhurried
@given(st.lists(st.dictionaries(names, contents, max_size=4), max_size=4))
def test_only_own_credentials_change_and_all_or_none_of_a_request(requests: list[dict[str, bytes]]) -> None:
    with tempfile.TemporaryDirectory() as place:
        agent, folder = job(Path(place))
        wanted = dict.fromkeys(OWN, b"old")
        on_the_way: dict[str, bytes] = {}
        for files in requests:
            header = {"stamp": STAMP, "files": {name: sha256(content) for name, content in files.items()}}
            reply, _ = agent.do_refresh(header, b"")
            assert set(reply["foreign"]) == files.keys() - OWN
            if not reply["foreign"]:
                wanted.update(files)
                on_the_way.update(files)
            assert found(folder / "credentials") == wanted
            assert found(folder / "refresh") == on_the_way
            assert found(folder / "in") == {"run": b"old"}
        assert sorted(path.name for path in Path(place).iterdir()) == ["spool"]
        assert sorted(path.name for path in (Path(place) / "spool").iterdir()) == ["files", "pilots"]


@unhurried
@given(st.text(max_size=40))
def test_no_stamp_is_a_path(stamp: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        agent, folder = job(Path(place))
        try:
            reply, _ = agent.do_refresh({"stamp": stamp, "files": {"token": sha256(b"new")}}, b"")
        except Refused:
            reply = {"known": False}
        assert not reply["known"]
        assert found(folder / "credentials")["token"] == b"old"


def job(place: Path) -> tuple[Agent, Path]:
    """An agent in this process, and the folder of a job with three credentials."""
    agent = Agent()
    agent.spool = Spool(str(place / "spool"))
    for content in CONTENTS:
        agent.do_put({"sha256": sha256(content)}, content)
    inputs = dict.fromkeys(["run", *OWN], sha256(b"old"))
    header = {
        "stamp": STAMP,
        "inputs": inputs,
        "credentials": sorted(OWN),
        "argv": ["true"],
        "files": [],
        "timeout": 20,
    }
    assert agent.do_submit(header, b"#!/bin/sh\n")[0]["claimed"]
    return agent, place / "spool" / "pilots" / STAMP


def found(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
