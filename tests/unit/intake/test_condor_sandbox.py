"""The schedd's spool: files that may be anything, in a folder that may be gone."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from hosted_ce.intake.condor.sandbox import InputsMissing, read_input, write_outputs


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_file_comes_byte_for_byte(tmp_path: Path) -> None:
    data = bytes(range(256)) * 40 + b"\r\n\0"
    (tmp_path / "run.sh").write_bytes(data)
    assert read_input(tmp_path, "run.sh", len(data)) == data


def test_an_empty_file_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert read_input(tmp_path, "empty", 10) == b""


def test_a_file_that_is_too_large_is_refused_with_the_limit(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"12345678901")
    with pytest.raises(InputsMissing, match="big has 11 bytes; this CE takes at most 10"):
        read_input(tmp_path, "big", 10)


@pytest.mark.parametrize("folder", [".", "nowhere"])
def test_a_file_that_is_not_there_tells_what_to_do(tmp_path: Path, folder: str) -> None:
    with pytest.raises(InputsMissing, match=r"run.sh is not in the CE's spool.*Submit the pilot again"):
        read_input(tmp_path / folder, "run.sh", 10)


def test_nothing_but_an_ordinary_file_is_read_and_nothing_is_left_open(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    (tmp_path / "device").symlink_to("/dev/zero")
    before = open_files()
    for name, words in (
        ("link", "symbolic link"),
        ("device", "symbolic link"),
        ("fifo", "not an ordinary file"),
        ("folder", "not an ordinary file"),
    ):
        with pytest.raises(InputsMissing, match=words):
            read_input(tmp_path, name, 1_000_000)
    assert open_files() == before


def test_what_cannot_be_read_now_is_another_matter(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        with pytest.raises(OSError, match="No such device"):
            read_input(tmp_path, "socket", 10)


def test_outputs_are_put_in_the_folder_for_their_owner_only(tmp_path: Path) -> None:
    write_outputs(tmp_path, {"_condor_stdout": b"\0out", "_condor_stderr": b""})
    assert (tmp_path / "_condor_stdout").read_bytes() == b"\0out"
    assert (tmp_path / "_condor_stderr").read_bytes() == b""
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["_condor_stderr", "_condor_stdout"]


def test_outputs_take_the_place_of_links_and_do_not_follow_them(tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"mine")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "out").symlink_to(tmp_path / "victim")
    write_outputs(folder, {"out": b"theirs"})
    assert (tmp_path / "victim").read_bytes() == b"mine"
    assert not (folder / "out").is_symlink()
    assert (folder / "out").read_bytes() == b"theirs"


def test_outputs_are_written_although_the_folder_was_lost(tmp_path: Path) -> None:
    folder = tmp_path / "14" / "0" / "cluster14.proc0.subproc0"
    write_outputs(folder, {"out": b"x"})
    assert (folder / "out").read_bytes() == b"x"
    assert folder.stat().st_mode & 0o777 == 0o700


def test_no_outputs_are_wanted(tmp_path: Path) -> None:
    write_outputs(tmp_path, {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_outputs_belong_to_the_folder_s_owner(tmp_path: Path) -> None:
    os.chown(tmp_path, 1, 1)
    write_outputs(tmp_path, {"out": b"x"})
    facts = (tmp_path / "out").stat()
    assert (facts.st_uid, facts.st_gid) == (1, 1)


def test_what_is_in_the_way_is_an_error_and_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_outputs(tmp_path, {"out": b"x"})
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
