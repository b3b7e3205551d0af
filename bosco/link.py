"""One session with an agent: requests and replies, many at a time, over one byte stream."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Callable, Sequence
from importlib import resources
from typing import Any, Protocol

from bosco.errors import AgentUnusable, BoscoError, Interrupted, NotRun, OtherSpool, Unreachable
from bosco.frames import Decoder, Frame, FrameError, encode
from bosco.replies import told, told_or_none, told_time

PROTOCOL = 1
AGENT_FILES = ("agent/spool.py", "agent/ledger.py", "agent/array.py", "agent/program.py")
"""In the order in which they are run."""
GUARD_FILES = ("agent/rules.py", "agent/guard.py")
"""What an installed agent has besides."""
READ_SIZE = 256 * 1024
NOISE_SHOWN = 300


class Reader(Protocol):
    """The part of asyncio.StreamReader that a link needs; asyncssh's reader has it too."""

    async def read(self, n: int = -1, /) -> bytes: ...


class Writer(Protocol):
    """The part of asyncio.StreamWriter that a link needs; asyncssh's writer has it too."""

    def write(self, data: bytes, /) -> None: ...

    async def drain(self) -> None: ...


class Stream(Protocol):
    """A program at the site whose standard input and output are ours."""

    @property
    def reader(self) -> Reader:
        """Its standard output."""

    @property
    def writer(self) -> Writer:
        """Its standard input."""

    def close(self) -> None:
        """Ends the session without waiting. The program there sees the end of its input."""

    async def another_session(self, timeout: float) -> bool | str:
        """Whether one more is allowed beside it; a text why that cannot be told. Never raises."""

    async def last_words(self) -> str:
        """What it said on standard error, after its output has ended. Never raises."""


def _text(name: str) -> bytes:
    return resources.files("bosco").joinpath(name).read_bytes()


_AGENT = {name: _text(name) for name in (*AGENT_FILES, *GUARD_FILES)}
"""As of when this was imported: after an upgrade of the package, what runs goes on with its own agent."""


def agent_source() -> bytes:
    """The agent program, as it is sent to the site."""
    return joined_source(AGENT_FILES) + b"\n\nmain()\n"


def joined_source(names: Sequence[str]) -> bytes:
    """These of the agent's files and the guard's as one, without their imports of each other."""
    lines = b"".join(_AGENT[name] for name in names).splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(b"from bosco."))


def agent_command(python: str, source: bytes) -> list[str]:
    """argv that starts an agent whose source is the first thing on its standard input.

    -I -S: the site's packages and PYTHON* variables are neither needed nor trusted, nor are
    modules in the home.
    """
    code = (
        f"import sys; exec(compile(sys.stdin.buffer.read({len(source)}), 'hosted-ce-agent', 'exec'), "
        "{'__name__': '__main__'})"
    )
    return [python, "-I", "-S", "-c", code]


class Link:
    """A live session. Make one with `Link.open`; a link that has ended stays ended.

    `call` raises NotRun when the request was never written or the agent refused it unexecuted, and
    Interrupted when the connection or the deadline was lost after that, or the agent came to grief.
    """

    def __init__(self, stream: Stream, nonce: bytes):
        self.facts: dict[str, Any] = {}
        self._stream = stream
        self._nonce = nonce
        self._decoder = Decoder(nonce)
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Frame]] = {}
        self._ended: BoscoError | None = None
        self._clocks = (0.0, 0.0)
        self._on_end: list[Callable[[], None]] = []
        self._pump = asyncio.create_task(self._read_replies(), name="bosco-link")

    @classmethod
    async def open(cls, stream: Stream, *, source: bytes, spool: str, timeout: float) -> Link:
        """Sends the agent through `stream` and greets it. Raises NotRun; the stream is then closed."""
        link = cls(stream, secrets.token_hex(16).encode())
        try:
            await link._greet(source, spool, timeout)
        except BaseException as error:
            words = await link.close()
            if isinstance(error, BoscoError):
                raise AgentUnusable(link._why_unusable(error, words)) from error
            raise
        return link

    @property
    def alive(self) -> bool:
        """Whether requests can still be sent."""
        return self._ended is None

    @property
    def noise(self) -> bytes:
        """What the login shell printed before the agent spoke: its beginning."""
        return self._decoder.noise

    @property
    def noise_bytes(self) -> int:
        """How much that was in all."""
        return self._decoder.noise_bytes

    async def another_session(self, timeout: float) -> bool | str:
        """Whether the login node allows another session beside this one; a text why that cannot be told.

        `timeout` in seconds. A link needs no other; the one that is tried is ended at once.
        """
        return await self._stream.another_session(timeout)

    def on_end(self, callback: Callable[[], None]) -> None:
        """Calls back once when the link ends; at once, if it has ended."""
        if self._ended:
            callback()
        else:
            self._on_end.append(callback)

    async def call(
        self, op: str, header: dict[str, Any] | None = None, body: bytes = b"", *, timeout: float
    ) -> Frame:
        """One request and its reply. `timeout` in seconds covers sending and waiting."""
        if self._ended:
            raise NotRun(f"the link has ended: {self._ended}")
        number = next(self._ids)
        data = encode(self._nonce, {**(header or {}), "op": op, "id": number}, body)
        reply: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._waiting[number] = reply
        try:
            async with asyncio.timeout(timeout):
                self._write(data)
                await self._drain()
                return self._checked(op, await reply)
        except TimeoutError as error:
            raise Interrupted(f"no answer to {op!r} within {timeout:g} s") from error
        finally:
            self._waiting.pop(number, None)

    def until(self, seconds: float) -> float:
        """The agent's clock so many seconds from now, or somewhat less: no later than that."""
        theirs, ours = self._clocks
        return theirs + asyncio.get_running_loop().time() - ours + seconds

    async def close(self) -> str:
        """Ends the session; returns the agent's last words on standard error."""
        self._end(Unreachable("closed by us"))
        self._stream.close()
        self._pump.cancel()
        await asyncio.wait([self._pump])  # unlike awaiting it, this tells its cancellation from our own
        return await self._stream.last_words()

    async def _greet(self, source: bytes, spool: str, timeout: float) -> None:
        self._write(source + self._nonce + b"\n")
        hello = await self.call("hello", {"protocol": PROTOCOL, "spool": spool}, timeout=timeout)
        if "op" in hello.header:
            raise NotRun("what was started there is no agent: it sends our own words back")
        self.facts = _facts(hello.header)

    def _write(self, data: bytes) -> None:
        try:
            self._stream.writer.write(data)
        except BrokenPipeError as error:  # raised before a byte of it is taken
            self._end(Interrupted(_lost(error)))
            raise NotRun(_lost(error)) from error

    async def _drain(self) -> None:
        try:
            await self._stream.writer.drain()
        except Exception as error:  # each transport raises its own; the caller's reply tells it
            self._end(Interrupted(_lost(error)))

    async def _read_replies(self) -> None:
        why = "the agent ended"
        try:
            while data := await self._stream.reader.read(READ_SIZE):
                for frame in self._decoder.feed(data):
                    self._deliver(frame)
        except FrameError as error:
            why = f"{error}; it began with {error.noise[:NOISE_SHOWN]!r}"
        except Exception as error:  # each transport raises its own; any of them ends the link
            why = _lost(error)
        self._end(Interrupted(why))
        self._stream.close()

    def _deliver(self, frame: Frame) -> None:
        reply = self._waiting.get(frame.header.get("id", 0))
        if reply and not reply.done():
            reply.set_result(frame)

    def _end(self, error: BoscoError) -> None:
        if self._ended:
            return
        self._ended = error
        for reply in self._waiting.values():
            if not reply.done():
                reply.set_exception(Interrupted(str(error)))
                reply.exception()  # a caller that was cancelled meanwhile will not look at it
        for callback in self._on_end:
            callback()

    def _checked(self, op: str, frame: Frame) -> Frame:
        if "clock" in frame.header:
            self._clocks = told_time(frame.header, "clock"), asyncio.get_running_loop().time()
        if "refused" in frame.header:
            kind = OtherSpool if frame.header.get("why") == OtherSpool.__name__ else NotRun
            raise kind(f"the agent refused {op!r}: {frame.header['refused']}")
        if "error" in frame.header:
            raise Interrupted(f"the agent failed at {op!r}: {frame.header['error']}")
        return frame

    def _why_unusable(self, error: BoscoError, words: str) -> str:
        parts = [str(error)]
        if words:
            parts.append(f"the login node said {words[-NOISE_SHOWN:]!r}")
        if self._decoder.noise:
            parts.append(f"its shell printed {self._decoder.noise[:NOISE_SHOWN]!r}")
        return "; ".join(parts)


def _facts(said: dict[str, Any]) -> dict[str, Any]:
    """What an agent says when it is greeted. Raises Interrupted when it is not that."""
    for name in ("spool", "user", "host", "python"):
        told(said, name, str)
    told_or_none(said, "installed", dict)
    return said


def _lost(error: Exception) -> str:
    return f"the connection was lost: {str(error) or type(error).__name__}"


def other_spool(link: Link, why: str) -> OtherSpool:
    """The error for a spool that is not the one that we know, with what to do about it."""
    return OtherSpool(
        f"the spool {link.facts['spool']} on {link.facts['host']} is not the one that we know: it "
        "was emptied, or another login node answers to the name. Nothing is concluded from it. Is it "
        f"meant to be ours? Then: hosted-ce site accept-spool CLUSTER ({why})"
    )
