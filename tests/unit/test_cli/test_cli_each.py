"""`hosted-ce pilots submit --each`: a pilot for each line of a file, which is read before one is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from hosted_ce.cli.pilots.submission import AT_ONCE

from .ce import Ce, problem
from .conftest import Run


@pytest.fixture(autouse=True)
def _job(folder: Path) -> None:
    (folder / "job.sh").write_bytes(b"#!/bin/sh\n")


def test_each_line_of_a_file_is_a_pilot(ce: Ce, run: Run, folder: Path) -> None:
    other_ends = "\u2028\u0085"
    text = f'{{"arguments": ["-n", "{other_ends}"]}}\r\n\n{{"attributes": {{"xcount": 2}}}}'
    (folder / "each").write_bytes(text.encode())
    result = run("pilots", "submit", "job.sh", "--each", "each", "--cpus", 1)
    assert result.stdout == "pilot 1: idle\npilot 2: idle\n"
    assert ce.asked[0].json["attributes"] == {"xcount": 1}
    assert ce.asked[0].json["pilots"] == [{"arguments": ["-n", other_ends]}, {"attributes": {"xcount": 2}}]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"\xff", "is not UTF-8: byte 0 is 0xff"),
        (b"-n 2", "cannot be sent: Expecting value at column 1"),
        (b"[1]", "write an object"),
        (b'{"attributes": {"a": NaN}}', "NaN is not JSON"),
        (b'{"attributes": {"a": -Infinity}}', "-Infinity is not JSON"),
        (b'{"attributes": {"a": 1e999}}', "a number is too large"),
        (b'{"attributes": {"a": %s}}' % (b"1" * 5000), "a number has too many digits"),
        (b'{"arguments": ["\\ud800"]}', "half of a surrogate pair"),
        (b'{"arguments": %s}' % (b"[" * 200_000), "nested too deeply"),
        (b'{"arguments": ["a"], "arguments": ["b"]}', "is given twice"),
    ],
    ids=lambda value: None if isinstance(value, str) else value[:30].decode("latin-1"),
)
def test_a_line_that_is_wrong_is_told_before_anything_is_sent(
    ce: Ce, run: Run, folder: Path, line: bytes, told: str
) -> None:
    (folder / "each").write_bytes(b"{}\n" * (AT_ONCE + 50) + line + b"\n")
    result = run("pilots", "submit", "job.sh", "--each", "each")
    assert (result.exit_code, ce.asked, result.stdout) == (2, [], "")
    assert result.stderr.startswith(f"error: --each each, line {AT_ONCE + 51}")
    assert told in result.stderr


@pytest.mark.parametrize(("depth", "sent"), [(15, True), (975, False), (989, False)])
def test_what_is_nested_is_sent_or_refused_in_words(
    ce: Ce, run: Run, folder: Path, depth: int, sent: bool
) -> None:
    """Some hundreds can be read and not be written again: a request is written deeper in the program."""
    (folder / "each").write_bytes(b'{"arguments": %s%s}\n' % (b"[" * depth, b"]" * depth))
    result = run("pilots", "submit", "job.sh", "--each", "each")
    assert (result.exit_code, len(ce.asked)) == ((0, 1) if sent else (2, 0))
    assert sent or "nested too deeply" in result.stderr


def test_an_empty_file_is_no_pilots(ce: Ce, run: Run, folder: Path) -> None:
    (folder / "each").write_bytes(b"\n \n")
    result = run("pilots", "submit", "job.sh", "--each", "each")
    assert (result.exit_code, ce.asked) == (2, [])
    assert "has no lines" in result.stderr


def test_what_the_ce_says_of_one_pilot_is_said_of_its_line(
    ce: Ce, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here every other line is empty, and a hundred pilots are in before those of which it speaks."""
    (folder / "each").write_bytes(b"\n{}\n" * (AT_ONCE + 5))
    healthy, said = ce.answer, "must be an object"
    where = ("pilots[0]", "pilots[3].arguments[0]", "inputs[0].name", "pilots[77]")
    errors = [{"path": each, "message": said} for each in where]
    wrong = problem(422, "Invalid request", f"pilots[0]: {said}", errors=errors)
    monkeypatch.setattr(ce, "answer", lambda asked: wrong if len(ce.pilots) == AT_ONCE else healthy(asked))
    result = run("pilots", "submit", "job.sh", "--each", "each", "--key", "mine")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f"error: each, line {2 * (AT_ONCE + 1)}: {said}",
        f"  each, line {2 * (AT_ONCE + 4)}, arguments[0]: {said}",
        f"  inputs[0].name: {said}",
        f"  pilots[77]: {said}",
        f"{AT_ONCE} of {AT_ONCE + 5} were certainly submitted: "
        "the same command with --key mine submits the rest, and none twice",
    ]


@pytest.mark.parametrize("more", [["--count", "2"], ["--trace"], ["--test", "hello"]])
def test_a_file_of_differences_is_all_that_says_how_many(
    ce: Ce, run: Run, folder: Path, more: list[str]
) -> None:
    (folder / "each").write_bytes(b"{}\n")
    result = run("pilots", "submit", *(["job.sh"] if more[0] != "--test" else []), "--each", "each", *more)
    assert (result.exit_code, ce.asked) == (2, [])
    assert "leave " in result.stderr
