"""Processes of a login node are told from all others, by the kernel's events alone."""

from __future__ import annotations

import struct

from tests.bench.versus.family import Families, accepts
from tests.bench.versus.kernel_events import EXEC, EXIT, FORK, Event, parse

SSHD, SESSION, SBATCH, STRANGER = 10, 20, 30, 99
_NAMES = {SSHD: "sshd", SESSION: "python3", SBATCH: "sbatch"}


def _message(kind: int, *numbers: int, nanoseconds: int = 2_500_000_000) -> bytes:
    return bytes(36) + struct.pack("=IIQ4I", kind, 0, nanoseconds, *numbers) + bytes(8)


def test_messages_of_the_kernel_are_read() -> None:
    assert parse(_message(FORK, 10, 10, 20, 20)) == Event(FORK, 2.5, 10, child=20)
    assert parse(_message(EXEC, 20, 20, 0, 0)) == Event(EXEC, 2.5, 20)
    assert parse(_message(EXIT, 20, 20, 256, 17)) == Event(EXIT, 2.5, 20, wait_status=256)


def test_threads_and_what_else_is_told_are_no_processes() -> None:
    assert parse(_message(FORK, 10, 10, 21, 10)) is None
    assert parse(_message(EXIT, 21, 10, 0, 0)) is None
    assert parse(_message(0x40, 10, 10, 0, 0)) is None
    assert parse(bytes(20)) is None


def test_what_comes_of_a_root_is_followed_to_its_end() -> None:
    families = Families()
    families.add(SSHD, "ours")
    events = [
        Event(FORK, 1, SSHD, SESSION), Event(EXEC, 2, SESSION), Event(FORK, 3, SESSION, SBATCH),
        Event(EXIT, 4, SESSION, wait_status=0),  # its parent has ended: it belongs to sshd all the same
        Event(EXEC, 5, SBATCH), Event(EXIT, 6, SBATCH, wait_status=0),
    ]  # fmt: skip
    facts = [families.take(event, lambda pid, _: _NAMES[pid]) for event in events]

    told = [(fact.what, fact.name) for fact in facts if fact]
    assert told == [
        ("begun", ""), ("program", "python3"), ("begun", "python3"), ("ended", "python3"),
        ("program", "sbatch"), ("ended", "sbatch"),
    ]  # fmt: skip
    assert [accepts(fact) for fact in facts if fact] == [False] * 5 + [True]


def test_strangers_and_pids_that_are_used_again_belong_to_nobody() -> None:
    families = Families()
    families.add(SSHD, "ours")
    assert families.take(Event(EXEC, 1, STRANGER), lambda *_: "vi") is None
    assert families.take(Event(EXIT, 2, SSHD, wait_status=0), lambda *_: "") is not None
    assert families.take(Event(FORK, 3, SSHD, SESSION), lambda *_: "") is None


def test_an_sbatch_that_failed_has_not_submitted() -> None:
    families = Families()
    families.add(SBATCH, "ours")
    families.take(Event(EXEC, 1, SBATCH), lambda *_: "sbatch")
    failed = families.take(Event(EXIT, 2, SBATCH, wait_status=256), lambda *_: "")
    assert failed is not None
    assert not accepts(failed)
