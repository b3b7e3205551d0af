"""The wire format between us and an agent: pure encode and decode.

    0x1E nonce SP header-bytes SP body-bytes SP crc32 LF  header  body  LF

The header is JSON, the body raw bytes. The nonce is new for each connection, so that nothing a login
shell prints (banners, `.bashrc`, modules) can be taken for a frame, and nothing before the first frame
matters. The checksum finds noise written *into* a frame by a background process of the login shell.
`agent.py` has its own few lines of this, since it is sent alone.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MARK = b"\x1e"
MAX_FRAME = 64 * 1024 * 1024
MAX_NOISE = 1024 * 1024
NOISE_KEPT = 4096
_PREAMBLE_MAX = 96
_NUMBERS = re.compile(rb" (\d{1,9}) (\d{1,9}) ([0-9a-f]{8})\Z")


class FrameError(Exception):
    """What came is not our format; `noise` holds the first bytes that were skipped."""

    def __init__(self, message: str, noise: bytes = b""):
        super().__init__(message)
        self.noise = noise


@dataclass(frozen=True, slots=True)
class Frame:
    """One request or reply."""

    header: dict[str, Any]
    body: bytes = b""


def encode(nonce: bytes, header: dict[str, Any], body: bytes = b"") -> bytes:
    """The bytes of one frame. Raises ValueError when it is larger than MAX_FRAME."""
    head = json.dumps(header, separators=(",", ":")).encode("ascii")
    if len(head) + len(body) > MAX_FRAME:
        raise ValueError(f"a frame of {len(head) + len(body)} bytes is above the limit of {MAX_FRAME}")
    crc = zlib.crc32(body, zlib.crc32(head))
    return b"%s%s %d %d %08x\n%s%s\n" % (MARK, nonce, len(head), len(body), crc, head, body)


class Decoder:
    """Turns a byte stream, cut anywhere, into frames.

    Bytes before a frame's mark are noise: counted, the first of them kept, otherwise ignored.
    A broken frame raises FrameError, and the stream is of no use after that.
    """

    def __init__(self, nonce: bytes):
        self._mark = MARK + nonce
        self._buffer = bytearray()
        self.noise = b""
        self.noise_bytes = 0

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Takes in `data`; gives the frames that are now whole, in order, also those before a broken one."""
        self._buffer += data
        while (frame := self._next()) is not None:
            yield frame

    def _next(self) -> Frame | None:
        if not self._skip_noise():
            return None
        end = self._buffer.find(b"\n", 0, _PREAMBLE_MAX)
        if end < 0:
            if len(self._buffer) >= _PREAMBLE_MAX:
                raise self._error("a frame has no preamble")
            return None
        found = _NUMBERS.match(bytes(self._buffer[len(self._mark) : end]))
        if not found:
            raise self._error("a frame's preamble is broken")
        return self._body(end + 1, int(found[1]), int(found[2]), int(found[3], 16))

    def _skip_noise(self) -> bool:
        at = self._buffer.find(self._mark)
        keep = len(self._mark) - 1
        skip = at if at >= 0 else max(0, len(self._buffer) - keep)
        if skip:
            room = NOISE_KEPT - len(self.noise)
            self.noise += bytes(self._buffer[: min(skip, room)])
            self.noise_bytes += skip
            del self._buffer[:skip]
            if self.noise_bytes > MAX_NOISE:
                raise self._error(f"more than {MAX_NOISE} bytes that are not ours")
        return at >= 0

    def _body(self, start: int, head: int, body: int, crc: int) -> Frame | None:
        if head + body > MAX_FRAME:
            raise self._error("a frame is larger than allowed")
        end = start + head + body
        if len(self._buffer) <= end:
            return None
        payload = bytes(self._buffer[start:end])
        if zlib.crc32(payload) != crc or self._buffer[end] != ord("\n"):
            raise self._error("a frame was damaged on its way")
        del self._buffer[: end + 1]
        try:
            header = json.loads(payload[:head])
        except (ValueError, RecursionError) as error:
            raise self._error("a frame's header is not JSON") from error
        if not isinstance(header, dict):
            raise self._error("a frame's header is not an object")
        return Frame(header, payload[head:])

    def _error(self, message: str) -> FrameError:
        return FrameError(message, self.noise)
