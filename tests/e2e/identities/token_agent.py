"""An ssh-agent that holds a key of a hardware token (sk-), as far as a login needs one: OpenSSH judges it.

Its token is in software: signatures are as FIDO's, over the application, the flags, a counter and the data.
"""

from __future__ import annotations

import asyncio
import hashlib
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

FAILURE, IDENTITIES, SIGNED = 5, 12, 14
LIST, SIGN = 11, 13
APPLICATION = b"ssh:"
TOUCHED = 1


class Mood(Enum):
    """What its owner does when it asks for a touch."""

    TOUCHES = "touches"
    LOOKS_AWAY = "looks away"
    DECLINES = "declines"
    NO_TOUCH = "the token signs without being touched"


class Token:
    """One key: `sk-ssh-ed25519@openssh.com`, or with `ecdsa` the other kind."""

    def __init__(self, *, ecdsa: bool = False):
        self.mood = Mood.TOUCHES
        self.asked = 0
        self._counter = 0
        self._ec = ec.generate_private_key(ec.SECP256R1()) if ecdsa else None
        self._ed = ed25519.Ed25519PrivateKey.generate()
        self.kind = b"sk-ecdsa-sha2-nistp256@openssh.com" if ecdsa else b"sk-ssh-ed25519@openssh.com"

    @property
    def blob(self) -> bytes:
        """Its public key as SSH has it."""
        if self._ec:
            point = self._ec.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            return _string(self.kind) + _string(b"nistp256") + _string(point) + _string(APPLICATION)
        point = self._ed.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return _string(self.kind) + _string(point) + _string(APPLICATION)

    def sign(self, data: bytes) -> bytes:
        """A signature as the token gives it."""
        self._counter += 1
        flags = 0 if self.mood is Mood.NO_TOUCH else TOUCHED
        tail = struct.pack(">BI", flags, self._counter)
        message = hashlib.sha256(APPLICATION).digest() + tail + hashlib.sha256(data).digest()
        return _string(self.kind) + _string(self._raw(message)) + tail

    def _raw(self, message: bytes) -> bytes:
        if not self._ec:
            return self._ed.sign(message)
        pair = decode_dss_signature(self._ec.sign(message, ec.ECDSA(hashes.SHA256())))
        return b"".join(_string(_mpint(number)) for number in pair)


@asynccontextmanager
async def token_agent(token: Token, socket: Path) -> AsyncIterator[None]:
    """Serves the agent's protocol at this socket."""
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        serving.add(task)
        try:
            while True:
                (size,) = struct.unpack(">I", await reader.readexactly(4))
                answer = await _answer(token, await reader.readexactly(size))
                writer.write(_string(answer))
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    async with await asyncio.start_unix_server(serve, socket):
        try:
            yield
        finally:
            for task in serving:
                task.cancel()
            await asyncio.gather(*serving, return_exceptions=True)


async def _answer(token: Token, asked: bytes) -> bytes:
    if asked[0] == LIST:
        return bytes([IDENTITIES]) + struct.pack(">I", 1) + _string(token.blob) + _string(b"a token")
    if asked[0] != SIGN or token.mood is Mood.DECLINES:
        return bytes([FAILURE])
    token.asked += 1
    if token.mood is Mood.LOOKS_AWAY:
        await asyncio.Event().wait()
    at = 1 + 4 + len(token.blob)
    (size,) = struct.unpack(">I", asked[at : at + 4])
    return bytes([SIGNED]) + _string(token.sign(asked[at + 4 : at + 4 + size]))


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _mpint(number: int) -> bytes:
    """A positive number in as few bytes as go, the first of them below 128."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")
