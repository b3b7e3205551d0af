"""Frames: whole, or not at all, however the stream is cut and whatever is printed into it."""

from __future__ import annotations

import itertools
import json
import zlib
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bosco.frames import MARK, MAX_FRAME, MAX_NOISE, NOISE_KEPT, Decoder, Frame, FrameError, encode

NONCE = b"f00dfeedf00dfeedf00dfeedf00dfeed"
PREFIX = MARK + NONCE
NOTHING_YET = 200
"""Bytes after which the longest preamble is over."""

unhurried = settings(deadline=None)  # a busy machine is no failure
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)
frames = st.builds(
    Frame, st.dictionaries(st.text(max_size=8), json_values, max_size=4), st.binary(max_size=300)
)
almost_marks = st.integers(1, len(PREFIX) - 1).map(lambda n: PREFIX[:n])
noises = st.lists(
    st.binary(max_size=60) | st.just(MARK) | almost_marks | st.just(b"\n") | st.just(PREFIX.lower()[1:]),
    max_size=4,
).map(b"".join)


def encoded(frame: Frame) -> bytes:
    return encode(NONCE, frame.header, frame.body)


def decoded(decoder: Decoder, chunks: Iterable[bytes]) -> list[Frame]:
    return [frame for chunk in chunks for frame in decoder.feed(chunk)]


@st.composite
def cut(draw: st.DrawFn, stream: bytes) -> list[bytes]:
    places = sorted(draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    return [stream[a:b] for a, b in zip([0, *places], [*places, len(stream)], strict=True)]


@unhurried
@given(st.data(), st.lists(frames, max_size=5))
def test_what_is_sent_arrives_however_the_stream_is_cut(data: st.DataObject, sent: list[Frame]) -> None:
    decoder = Decoder(NONCE)
    assert decoded(decoder, data.draw(cut(b"".join(map(encoded, sent))))) == sent
    assert decoder.noise_bytes == 0


@unhurried
@given(st.lists(frames, min_size=1, max_size=3))
def test_one_byte_at_a_time_is_enough(sent: list[Frame]) -> None:
    stream = b"".join(map(encoded, sent))
    assert decoded(Decoder(NONCE), (stream[n : n + 1] for n in range(len(stream)))) == sent


@unhurried
@given(st.data(), st.lists(st.tuples(noises, frames), max_size=4), noises)
def test_SS8_noise_before_between_and_after_frames_is_skipped_and_kept_to_show(
    data: st.DataObject, sent: list[tuple[bytes, Frame]], last: bytes
) -> None:
    stream = b"".join(noise + encoded(frame) for noise, frame in sent) + last
    assume(stream.count(PREFIX) == len(sent))
    decoder = Decoder(NONCE)
    assert decoded(decoder, data.draw(cut(stream))) == [frame for _, frame in sent]
    noise = b"".join(noise for noise, _ in sent)
    assert decoder.noise.startswith(noise)
    assert len(noise) <= decoder.noise_bytes <= len(noise) + len(last)


@unhurried
@given(st.binary(max_size=200), frames)
def test_a_frame_of_another_connection_is_noise(noise: bytes, frame: Frame) -> None:
    foreign = encode(NONCE[::-1], frame.header, frame.body)
    assume(PREFIX not in noise + foreign)
    assert decoded(Decoder(NONCE), [noise + foreign + encoded(frame)]) == [frame]


@st.composite
def damages(draw: st.DrawFn, stream: bytes) -> bytes:
    """One accident: bytes printed into the stream, lost from it, or one that was changed."""
    at = draw(st.integers(0, len(stream) - 1))
    kind = draw(st.sampled_from(("printed", "lost", "changed")))
    if kind == "printed":
        return stream[:at] + draw(st.binary(min_size=1, max_size=40) | st.just(MARK)) + stream[at:]
    if kind == "lost":
        return stream[:at] + stream[at + draw(st.integers(1, 40)) :]
    return stream[:at] + bytes([stream[at] ^ draw(st.integers(1, 255))]) + stream[at + 1 :]


@unhurried
@given(st.data(), st.lists(frames, min_size=1, max_size=4))
def test_SS8_damage_never_makes_a_frame_that_was_not_sent(data: st.DataObject, sent: list[Frame]) -> None:
    stream = data.draw(damages(b"".join(map(encoded, sent))))
    came: list[Frame] = []
    decoder = Decoder(NONCE)
    try:
        for chunk in data.draw(cut(stream)):
            came.extend(decoder.feed(chunk))
    except FrameError:
        assert came == sent[: len(came)], "what came before the damage is whole"
    else:
        remaining = iter(sent)
        assert all(frame in remaining for frame in came), "some may be missing, none is new or out of order"


@unhurried
@given(st.lists(frames, max_size=3), frames)
def test_frames_before_a_broken_one_are_delivered(whole: list[Frame], broken: Frame) -> None:
    stream = b"".join(map(encoded, whole)) + encoded(broken)[:-1] + b"x"
    came: list[Frame] = []
    with pytest.raises(FrameError, match="damaged"):
        came.extend(Decoder(NONCE).feed(stream))
    assert came == whole


def with_payload(payload: bytes, head: int) -> bytes:
    """A frame whose checksum is right and whose header is `payload[:head]`."""
    return b"%s %d %d %08x\n%s\n" % (PREFIX, head, len(payload) - head, zlib.crc32(payload), payload)


BROKEN: dict[str, bytes] = {
    "not JSON": with_payload(b"{nope}body", 6),
    "not an object": with_payload(b"[1,2]body", 5),
    "not UTF-8": with_payload(b'{"a":"\xff"}', 9),
    "no preamble": PREFIX + b"x" * NOTHING_YET,
    "no numbers": PREFIX + b" a b c\n",
    "negative": PREFIX + b" -1 5 00000000\n",
    "too large": PREFIX + b" %d 1 00000000\n" % MAX_FRAME,
    "absurdly large": PREFIX + b" 9999999999 1 00000000\n",
}


@pytest.mark.parametrize("stream", BROKEN.values(), ids=BROKEN.keys())
def test_what_cannot_be_a_frame_is_an_error_at_once(stream: bytes) -> None:
    with pytest.raises(FrameError):
        list(Decoder(NONCE).feed(b"Welcome!\n" + stream))


def test_an_error_shows_what_was_printed_before() -> None:
    with pytest.raises(FrameError) as caught:
        list(Decoder(NONCE).feed(b"Welcome!\n" + BROKEN["no numbers"]))
    assert caught.value.noise == b"Welcome!\n"


def test_SS8_endless_noise_is_bounded() -> None:
    decoder = Decoder(NONCE)
    yes = itertools.repeat(b"y\n" * 32768)
    with pytest.raises(FrameError, match="not ours"):
        decoded(decoder, yes)
    assert decoder.noise_bytes < 2 * MAX_NOISE
    assert len(decoder.noise) == NOISE_KEPT


@pytest.mark.parametrize("size", [0, 1, 2**16, 2**20])
def test_a_large_body_is_not_looked_into(size: int) -> None:
    body = (PREFIX + b" 1 1 00000000\n") * (size // 40) + bytes(size % 40)
    assert list(Decoder(NONCE).feed(encode(NONCE, {"id": 1}, body))) == [Frame({"id": 1}, body)]


def test_the_largest_frame_and_one_byte_more() -> None:
    head = len(json.dumps({"id": 1}, separators=(",", ":")))
    body = bytes(MAX_FRAME - head)
    [frame] = Decoder(NONCE).feed(encode(NONCE, {"id": 1}, body))
    assert len(frame.body) == len(body)
    with pytest.raises(ValueError, match="above the limit"):
        encode(NONCE, {"id": 1}, body + b"x")
