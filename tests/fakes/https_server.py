"""A real https server on loopback that says the same to everybody, with an authority of its own."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import trustme

GONE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


@asynccontextmanager
async def https_server(authority_file: Path, answers: Mapping[str, bytes]) -> AsyncIterator[str]:
    """Its address; whoever trusts the file, which is written, trusts it.

    Answers are by path, and may be added later. What is not among them is gone; an empty one never comes.
    """
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(authority_file))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    released = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        words = (await reader.readline()).split()
        answer = answers.get(words[1].decode(), GONE)
        writer.write(answer)
        if not answer:
            await released.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield f"https://localhost:{server.sockets[0].getsockname()[1]}"
    finally:
        released.set()
        server.close()
