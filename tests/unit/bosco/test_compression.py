"""What a login node sends compressed, however it means us ill."""

from __future__ import annotations

import zlib

import pytest
from asyncssh.compression import get_decompressor
from hypothesis import given
from hypothesis import strategies as st

from bosco.ssh.compression import LARGEST, NAME, BoundedDecompressor


def packets(*payloads: bytes) -> list[bytes]:
    """As a server sends them: one stream, flushed after each."""
    stream = zlib.compressobj()
    return [stream.compress(payload) + stream.flush(zlib.Z_SYNC_FLUSH) for payload in payloads]


def test_asyncssh_uses_it() -> None:
    assert isinstance(get_decompressor(NAME.encode()), BoundedDecompressor)


@given(st.lists(st.binary(max_size=2000), max_size=20))
def test_every_packet_comes_whole(payloads: list[bytes]) -> None:
    receiver = BoundedDecompressor()
    assert [receiver.decompress(packet) for packet in packets(*payloads)] == payloads


@pytest.mark.parametrize(
    ("size", "taken"), [(LARGEST, True), (LARGEST + 1, False), (250 * 1024 * 1024, False)]
)
def test_none_becomes_larger_than_a_packet_may_be(size: int, taken: bool) -> None:
    [packet] = packets(bytes(size))
    found = BoundedDecompressor().decompress(packet)
    assert (found is not None and len(found) == size) if taken else found is None


def test_what_is_not_compressed_is_no_packet() -> None:
    assert BoundedDecompressor().decompress(b"SSH-2.0 nonsense") is None
