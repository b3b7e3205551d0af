"""Files, contents, outputs: whole or not at all, and never another's."""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path

import pytest

from hosted_ce.pilots.contents import ContentUnusable
from hosted_ce.store import contents as module
from hosted_ce.store.contents import ContentDamaged, ContentMissing, ContentStore
from hosted_ce.store.files import write_whole
from hosted_ce.store.outputs import OutputStore
from tests.fakes.clock import Clock

DATA = b"#!/bin/sh\n"
SHA256 = hashlib.sha256(DATA).hexdigest()


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_file_is_written_with_its_mode_and_nothing_else_stays(folder: Path) -> None:
    path = folder / "a" / "b" / "file"
    write_whole(path, DATA, mode=0o640)
    assert path.read_bytes() == DATA
    assert path.stat().st_mode & 0o777 == 0o640
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.parent.parent.stat().st_mode & 0o777 == 0o700
    assert files(folder) == ["a/b/file"]


def test_a_file_that_cannot_be_replaced_is_left_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "file"
    write_whole(path, b"old")

    def fails(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert files(folder) == ["file"]


def test_whatever_is_new_on_the_way_to_a_file_is_made_durable(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def watched(handle: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{handle}"))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", watched)
    write_whole(folder / "a" / "b" / "file", DATA)
    assert {str(folder), str(folder / "a"), str(folder / "a" / "b")} <= set(synced)
    assert synced[-1] == str(folder / "a" / "b")  # the rename, after the content
    assert any("file" in Path(name).name for name in synced)


async def test_a_content_is_kept_once_under_its_checksum(folder: Path) -> None:
    contents = ContentStore(folder)
    assert await contents.put(DATA) == SHA256
    assert await contents.put(DATA) == SHA256
    assert await contents.has(SHA256)
    assert await contents.get(SHA256) == DATA
    assert files(folder) == [f"{SHA256[:2]}/{SHA256}"]


async def test_an_empty_content_is_a_content(folder: Path) -> None:
    contents = ContentStore(folder)
    assert await contents.get(await contents.put(b"")) == b""


async def test_many_at_once_keep_the_same_content(folder: Path) -> None:
    contents = ContentStore(folder)
    data = os.urandom(200_000)
    assert len(set(await asyncio.gather(*(contents.put(data) for _ in range(20))))) == 1
    assert await contents.get(hashlib.sha256(data).hexdigest()) == data


@pytest.mark.parametrize("damage", [b"", DATA[:-1], DATA + b"x", b"?" * len(DATA)])
async def test_a_damaged_content_is_never_handed_out_and_is_healed_by_an_upload(
    folder: Path, damage: bytes
) -> None:
    contents = ContentStore(folder)
    await contents.put(DATA)
    (folder / SHA256[:2] / SHA256).write_bytes(damage)
    with pytest.raises(ContentDamaged, match="has not the content that its name says"):
        await contents.get(SHA256)
    await contents.put(DATA)
    assert await contents.get(SHA256) == DATA


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 65, "a" * 64 + "\n", "/" * 64, "a" * 63 + "é"]
)
async def test_what_is_no_checksum_names_no_content(folder: Path, name: str) -> None:
    with pytest.raises(ContentMissing):
        await ContentStore(folder).get(name)
    with pytest.raises(ContentMissing):
        await ContentStore(folder).has(name)


async def test_a_content_that_is_not_here_is_told_by_its_checksum(folder: Path) -> None:
    contents = ContentStore(folder)
    assert not await contents.has(SHA256)
    with pytest.raises(ContentMissing, match="upload it first") as caught:
        await contents.get(SHA256)
    assert caught.value.sha256 == SHA256
    assert isinstance(caught.value, ContentUnusable)


async def test_uploads_are_received_and_what_is_missing_is_told(folder: Path) -> None:
    contents = ContentStore(folder)
    other = hashlib.sha256(b"other").hexdigest()
    with pytest.raises(ContentMissing) as caught:
        await contents.receive({SHA256: DATA}, [SHA256, other])
    assert caught.value.sha256 == other
    assert not await contents.has(SHA256), "a refused request leaves nothing behind"
    await contents.receive({SHA256: DATA}, [SHA256])
    await contents.receive({}, [SHA256])


@pytest.mark.parametrize("damage", [b"", DATA[:-1], b"?" * len(DATA), None])
async def test_a_content_that_is_known_to_be_whole_is_looked_at_again_when_its_file_changes(
    folder: Path, damage: bytes | None
) -> None:
    clock = Clock()
    contents, file = ContentStore(folder, clock), folder / SHA256[:2] / SHA256
    await contents.receive({SHA256: DATA}, [SHA256])
    if damage is None:
        file.unlink()
    else:
        file.write_bytes(damage)
        os.utime(file, (1, 1))  # clocks of file systems are coarse
    clock.advance(module.TRUSTED_S)
    await contents.receive({SHA256: DATA}, [SHA256])
    assert file.read_bytes() == DATA
    file.unlink()
    clock.advance(module.TRUSTED_S)
    assert not await contents.has(SHA256)
    with pytest.raises(ContentMissing):
        await contents.receive({}, [SHA256])


async def test_a_content_that_comes_again_takes_no_thread_and_no_look_in_the_loop(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system that hangs would hold everybody."""
    clock = Clock()
    contents = ContentStore(folder, clock)
    await contents.receive({SHA256: DATA}, [SHA256])
    for _ in range(3):  # to name it is enough to have it looked at again
        clock.advance(module.TRUSTED_S)
        await contents.receive({}, [SHA256])
        clock.advance(module.TRUSTED_S - 1)
        with monkeypatch.context() as without:
            without.setattr(asyncio, "to_thread", None)
            without.setattr(module, "_mark", None)
            await contents.receive({SHA256: DATA}, [SHA256])
            await contents.receive({}, [SHA256])
            assert await contents.has(SHA256)
        clock.advance(1)


@pytest.mark.parametrize("damage", [b"?" * len(DATA), None])
async def test_what_was_found_to_be_unusable_is_healed_at_once(folder: Path, damage: bytes | None) -> None:
    contents, file = ContentStore(folder), folder / SHA256[:2] / SHA256
    await contents.put(DATA)
    if damage is None:
        file.unlink()
    else:
        file.write_bytes(damage)
    with pytest.raises(ContentUnusable):
        await contents.get(SHA256)
    await contents.receive({SHA256: DATA}, [SHA256])
    assert await contents.get(SHA256) == DATA


async def test_so_many_contents_are_known_and_no_more(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 3)
    contents = ContentStore(folder)
    sums = [await contents.put(bytes([number])) for number in range(5)]
    await contents.receive({}, sums)
    assert [await contents.has(each) for each in sums] == [True] * 5
    assert len(contents._whole) == 3


async def test_outputs_are_kept_by_pilot_and_attempt(folder: Path) -> None:
    outputs = OutputStore(folder)
    await outputs.put(1, 1, "stdout", b"first")
    await outputs.put(1, 2, "stdout", b"second")
    await outputs.put(1001, 1, "stdout", b"other")
    assert await outputs.get(1, 1, "stdout") == b"first"
    assert await outputs.get(1, 2, "stdout") == b"second"
    assert await outputs.get(1001, 1, "stdout") == b"other"
    assert await outputs.get(1, 1, "stderr") is None
    await outputs.put(1, 1, "stdout", b"fetched again")
    assert await outputs.get(1, 1, "stdout") == b"fetched again"
