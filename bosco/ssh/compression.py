"""zlib@openssh.com as asyncssh has it, but that no packet becomes larger than one may be.

asyncssh bounds a packet before it is unpacked: a quarter of a megabyte may be 250 MB then. Whoever imports
this has it use the one here, in the whole process.
"""

from __future__ import annotations

import zlib

from asyncssh.compression import Decompressor, get_compressor, register_compression_alg

NAME = "zlib@openssh.com"
LARGEST = 256 * 1024
"""Bytes of a packet; asyncssh takes no larger ones that are not compressed."""


class BoundedDecompressor(Decompressor):
    """None for what is larger, or is not zlib's: asyncssh gives the connection up."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj()

    def decompress(self, data: bytes) -> bytes | None:
        """A packet's payload."""
        try:
            found = self._stream.decompress(data, LARGEST + 1)
        except zlib.error:
            return None
        return None if len(found) > LARGEST or self._stream.unconsumed_tail else found


register_compression_alg(NAME.encode(), type(get_compressor(NAME.encode())), BoundedDecompressor, True, True)
