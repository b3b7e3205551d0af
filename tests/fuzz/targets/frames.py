"""The stream between us and an agent, in both directions."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
import zlib
from argparse import Namespace
from pathlib import Path
from typing import Any

import bosco.agent.program
from bosco.agent.guard import Confined
from bosco.agent.program import Agent, Channel, answer
from bosco.frames import Decoder, FrameError
from tests.fuzz.target import SEPARATOR, Target

NONCE = b"f00dfeedf00dfeedf00dfeedf00dfeed"
STAMP = "hfuzz0000000001"


def decoder(data: bytes) -> None:
    """What a login node sends us: as it is, or as the header and body of a frame that is whole."""
    stream = data
    if data[:1] == b"\x01":
        head, _, body = data[1:].partition(SEPARATOR)
        stream = _frame(head, body)
    found = Decoder(NONCE)
    with contextlib.suppress(FrameError):
        for at in range(0, len(stream), 97):
            for frame in found.feed(stream[at : at + 97]):
                assert isinstance(frame.header, dict)
    assert len(found.noise) <= 4096


def _frame(head: bytes, body: bytes) -> bytes:
    crc = zlib.crc32(body, zlib.crc32(head))
    return b"\x1e%s %d %d %08x\n%s%s\n" % (NONCE, len(head), len(body), crc, head, body)


class _Jail:
    """An agent as a site installs it, whose commands are not run."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="hce-fuzz-"))
        self.spool = self.folder / "spool"
        options = Namespace(batch="slurm", spool=str(self.spool), path=[], set=[], attribute=[], cluster=None)
        self.agent = Agent(Confined(options, frozenset(), "0" * 64))
        bosco.agent.program.run = self._run  # type: ignore[assignment]
        self.send({"op": "hello", "id": 0, "protocol": 1, "spool": str(self.spool)}, b"")

    def _run(self, argv: Any, timeout: Any, cwd: str, environment: Any, limit: Any) -> Any:
        assert argv[0] in {
            "sbatch",
            "squeue",
            "sacct",
            "scancel",
            "scontrol",
            "sinfo",
            "sacctmgr",
            "quota",
            "id",
        }
        return {"rc": 0, "timed_out": False, "cut": False}, b"", b""

    def send(self, header: Any, body: bytes) -> dict[str, Any]:
        sink = io.BytesIO()
        answer(self.agent, Channel(io.BytesIO(), sink, NONCE), header, body)
        replies = list(Decoder(NONCE).feed(sink.getvalue()))
        assert len(replies) <= 1
        return replies[0].header if replies else {}


_JAILS: list[_Jail] = []


def agent(data: bytes) -> None:
    """What somebody who has the key sends an agent that a site has installed: it stays in its spool."""
    jail = _JAILS[0] if _JAILS else _Jail()
    _JAILS[:] = [jail]
    if data[:1] == b"\x02":
        channel = Channel(io.BytesIO(data[1:]), io.BytesIO(), NONCE)
        with contextlib.suppress(ValueError):
            while (request := channel.read()) is not None:
                answer(jail.agent, channel, *request)
    else:
        head, _, body = data.partition(SEPARATOR)
        try:
            header = json.loads(head)
        except (ValueError, RecursionError):
            return
        if isinstance(header, dict):
            assert jail.send(header, body), "whatever is asked is answered"
    assert [path.name for path in jail.folder.iterdir()] == ["spool"]
    assert jail.agent.spool.root == str(jail.spool)


TARGETS = (Target("frames", "frames", decoder), Target("agent", "frames", agent))
