"""Reads request bodies, never more of one than its limit.

Endpoints read bodies only through this, after they know who asks: FastAPI's body parameters would be buffered
first.
"""

from __future__ import annotations

import asyncio

from fastapi import Request

from hosted_ce.api.problems.kinds import TOO_SLOW, UNSUPPORTED_MEDIA_TYPE
from hosted_ce.api.problems.problem import Problem

MAX_DIGITS = 18
SILENCE_S = 15.0
"""Seconds without a byte of a body after which its sender counts as gone."""
SLOWEST = 16 * 1024
"""Bytes of a body in a second, on the whole, that are the least."""
JSON_TYPE = "application/json"


class BodyTooLarge(Exception):
    """The body is above the limit, in bytes. `size` is what the request declared, None if it did not."""

    def __init__(self, size: int | None, limit: int):
        super().__init__(f"a body {size_words(size)} is above the limit of {limit}")
        self.size, self.limit = size, limit


async def read_body(request: Request, limit: int) -> bytes:
    """The request's body, as long as it has no more than `limit` bytes.

    A body that declares its size is refused before any of it is read, and one that takes too long is not
    waited for. Raises BodyTooLarge, Problem, and
    starlette's ClientDisconnect.
    """
    _refuse_coding(request)
    declared = _declared(request)
    if declared is not None and declared > limit:
        raise BodyTooLarge(declared, limit)
    longest_s = SILENCE_S + (limit if declared is None else declared) / SLOWEST
    try:
        async with asyncio.timeout(longest_s):
            return await _collected(request, limit)
    except TimeoutError as error:
        raise Problem(TOO_SLOW, f"the body was not here whole after {longest_s:.0f} s") from error


async def _collected(request: Request, limit: int) -> bytes:
    body, chunks = bytearray(), request.stream()
    while True:
        async with asyncio.timeout(SILENCE_S):
            chunk = await anext(chunks, None)
        if chunk is None:
            return bytes(body)
        if len(body) + len(chunk) > limit:
            raise BodyTooLarge(None, limit)
        body += chunk


def check_json_type(request: Request) -> None:
    """Raises Problem when the request says that its body is no JSON."""
    given = request.headers.get("content-type", JSON_TYPE)
    if given.split(";")[0].strip().lower() != JSON_TYPE:
        raise Problem(
            UNSUPPORTED_MEDIA_TYPE,
            f"the body is {given[:80]}; send JSON with the header Content-Type: {JSON_TYPE}",
            headers={"Accept": JSON_TYPE},
        )


def size_words(size: int | None) -> str:
    """The size of a body in words."""
    return "of undeclared size" if size is None else f"of {size} bytes"


def _declared(request: Request) -> int | None:
    text = request.headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else None


def _refuse_coding(request: Request) -> None:
    coding = request.headers.get("content-encoding", "identity")
    if coding != "identity":
        raise Problem(
            UNSUPPORTED_MEDIA_TYPE,
            f"the body has the Content-Encoding {coding[:40]!r}; send it as it is",
            headers={"Accept-Encoding": "identity"},
        )
