"""The audit log on disk: whole lines, bounded, for nobody else, without secrets; and when disks fail."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from hosted_ce.audit.file import AuditFile
from hosted_ce.audit.log import LONGEST_TEXT, AuditLog
from hosted_ce.audit.record import Outcome, Record
from hosted_ce.redaction import MASK, Redactor

AT = 1_770_000_000.25


def record(action: str = "submit_pilot", **facts: Any) -> Record:
    return Record("rest", "Ada", action, Outcome.ALLOWED, facts.pop("why", None), facts)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines() if line]


def log_at(path: Path, size: int = 10_000, files: int = 3, **more: Any) -> AuditLog:
    return AuditLog(AuditFile(path, size, files), Redactor(["learnt-secret-1"]), lambda: AT, **more)


def test_a_record_is_one_line_of_a_file_that_is_nobody_elses(tmp_path: Path) -> None:
    path = tmp_path / "audit" / "audit.jsonl"
    audit = log_at(path)
    old = os.umask(0)
    try:
        audit.note(record(pilot=7, cluster=None, why="line\nbreak"))
    finally:
        os.umask(old)
    assert lines(path) == [
        {"at": "2026-02-02T02:40:00.250Z", "door": "rest", "who": "Ada", "action": "submit_pilot",
         "outcome": "allowed", "pilot": 7, "why": "line\nbreak"}
    ]  # fmt: skip
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_secrets_are_not_in_it_and_texts_are_bounded(tmp_path: Path) -> None:
    audit = log_at(tmp_path / "a")
    audit.note(record(note="with learnt-secret-1", token_text=f"hce_{'A' * 43}", why="password=hunter22 x"))
    audit.note(record(why="y" * 100_000))
    text = (tmp_path / "a").read_text()
    for secret in ("learnt-secret-1", "AAAAAAAA", "hunter22"):
        assert secret not in text
    assert MASK in text
    assert len(text) < LONGEST_TEXT + 1000


def test_its_size_and_number_of_files_are_bounded_and_the_newest_are_kept(tmp_path: Path) -> None:
    audit = log_at(tmp_path / "a", size=400, files=3)
    for number in range(50):
        audit.note(record(pilot=number))
    files = [tmp_path / name for name in ("a.2", "a.1", "a")]
    assert sorted(tmp_path.iterdir()) == sorted(files)
    assert all(0 < file.stat().st_size <= 400 for file in files)
    kept = [line["pilot"] for file in files for line in lines(file)]
    assert kept == list(range(50 - len(kept), 50))


def test_one_file_alone(tmp_path: Path) -> None:
    audit = log_at(tmp_path / "a", size=200, files=1)
    for number in range(9):
        audit.note(record(pilot=number))
    assert list(tmp_path.iterdir()) == [tmp_path / "a"]
    assert lines(tmp_path / "a")[-1]["pilot"] == 8


def test_a_file_that_logrotate_moved_away_is_opened_anew(tmp_path: Path) -> None:
    audit = log_at(tmp_path / "a")
    audit.note(record(pilot=1))
    (tmp_path / "a").rename(tmp_path / "moved")
    audit.note(record(pilot=2))
    assert [line["pilot"] for name in ("moved", "a") for line in lines(tmp_path / name)] == [1, 2]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("")
    (tmp_path / "a").symlink_to(tmp_path / "theirs")
    with capture_logs() as logs:
        log_at(tmp_path / "a").note(record())
    assert (tmp_path / "theirs").read_text() == ""
    assert logs[0]["log_level"] == "error"


def test_a_full_disk_ends_nothing_is_told_once_and_then_how_much_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: list[int] = []
    audit = log_at(tmp_path / "a", lost=lambda: lost.append(1))
    real = os.write
    audit.note(record(pilot=1))
    cut = [True]

    def full(handle: int, data: bytes) -> int:
        if cut.pop() if cut else False:
            return real(handle, data[:20])  # the last of the disk
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with capture_logs() as logs:
        for _ in range(5):
            audit.note(record(pilot=2))
    monkeypatch.undo()
    audit.note(record(pilot=3))
    assert len(logs) == 1
    assert len(lost) == 5
    parsed = [json.loads(line) for line in (tmp_path / "a").read_text().splitlines() if line.endswith("}")]
    assert [each.get("pilot") for each in parsed] == [1, None, 3]
    assert "5 records could not be written" in parsed[1]["why"]


def synced(file: AuditFile) -> list[int]:
    """The inodes of what is to be synced."""
    handles = file.unsynced()
    inodes = [os.fstat(each).st_ino for each in handles]
    for each in handles:
        os.close(each)
    return inodes


def test_what_is_synced_is_what_was_appended(tmp_path: Path) -> None:
    path, file = tmp_path / "a", AuditFile(tmp_path / "a", 1000, 2)
    assert synced(file) == []
    file.append(b"x\n")
    assert synced(file) == [path.stat().st_ino]
    assert synced(file) == []
    file.close()


@pytest.mark.parametrize("by", ["us", "logrotate"])
def test_the_end_of_a_file_that_was_turned_is_synced_too(tmp_path: Path, by: str) -> None:
    path, file = tmp_path / "a", AuditFile(tmp_path / "a", 100, 3)
    file.append(b"x" * 80 + b"\n")
    first = path.stat().st_ino
    if by == "logrotate":
        path.rename(tmp_path / "moved")
    file.append(b"y" * 80 + b"\n")
    assert synced(file) == [first, path.stat().st_ino]
    assert synced(file) == []
    file.close()
