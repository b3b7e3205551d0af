"""What POSIX's program `cksum` prints of its input, made at the speed of zlib."""

from __future__ import annotations

import zlib

_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_BEGIN = 0xFFFFFFFF
"""zlib begins with the complement of this, POSIX with nought."""


def cksum(data: bytes) -> str:
    """Checksum and length, without the end of line.

    Its polynomial is that of zlib, which takes the bits of each byte, and of the sum, from the other end.
    """
    length = len(data).to_bytes((len(data).bit_length() + 7) // 8, "little")
    mirrored = zlib.crc32((data + length).translate(_MIRRORED), _BEGIN)
    return f"{int(f'{mirrored:032b}'[::-1], 2)} {len(data)}"
