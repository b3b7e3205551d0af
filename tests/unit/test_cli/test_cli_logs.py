"""`hosted-ce logs`: which lines are shown, how, and that none is lost while one follows."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hosted_ce.cli.logs.reading import LogReader

from .conftest import Run

NOW = datetime.now(UTC)


def line(event: str, ago: int = 0, **facts: Any) -> str:
    at = (NOW - timedelta(seconds=ago)).isoformat().replace("+00:00", "Z")
    return json.dumps({"event": event, "level": "info", "logger": "x", "timestamp": at, **facts}) + "\n"


@pytest.fixture
def log(folder: Path) -> Path:
    """A log with an older file, and a line that a full disk has cut off."""
    path = folder / "state" / "log" / "hosted-ce.jsonl"
    path.parent.mkdir(parents=True)
    path.with_name("hosted-ce.jsonl.1").write_text(line("first", 9000, pilot=7, pilots=["20-29"]))
    path.write_text(
        line("second", 60, pilot=12, level="warning", problem="no route \x1b[2J") + '{"event": "cut'
        "\n" + line("third", 5, request_id="abc", exception='Traceback\n  File "x"')
    )
    return path


def test_a_line_of_several_is_each_ones(run: Run, log: Path) -> None:
    log.write_text(line("of several", pilots=[12345, 13]))
    assert events(run, "--pilot", 13) == ["of several"]
    assert events(run, "--pilot", 1234) == []


def events(run: Run, *arguments: object) -> list[str]:
    """What is shown, as the events of JSON lines."""
    result = run("logs", "--json", *arguments)
    assert result.exit_code == 0, result.stderr
    return [json.loads(text)["event"] for text in result.stdout.splitlines()]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), ["first", "second", "third"]),
        (("--pilot", 7), ["first"]),
        (("--pilot", 20), ["first"]),
        (("--level", "warning"), ["second"]),
        (("--since", "1h"), ["second", "third"]),
        (("--request", "abc"), ["third"]),
        (("--grep", "NO ROUTE"), ["second"]),
        (("-n", 1), ["third"]),
        (("--pilot", 8), []),
    ],
)
def test_lines_are_chosen(run: Run, log: Path, arguments: tuple[object, ...], expected: list[str]) -> None:
    assert events(run, *arguments) == expected


def test_that_there_are_none_is_told_beside_the_output(run: Run, log: Path) -> None:
    result = run("logs", "--pilot", 8)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "no such lines in ./state/log/hosted-ce.jsonl" in result.stderr


def test_people_get_one_line_and_nothing_that_steers_the_terminal(run: Run, log: Path) -> None:
    told = run("logs", "--since", "1h").stdout.splitlines()
    assert told[0].endswith('warning second  pilot=12 problem="no route \\\\x1b[2J"')
    assert told[1].endswith("info    third  request_id=abc")
    assert told[2:] == ["    Traceback", '      File "x"']


def test_without_a_log_it_says_where_to_look(run: Run, folder: Path) -> None:
    result = run("logs")
    assert result.exit_code == 1
    assert "there is no log at ./state/log/hosted-ce.jsonl" in result.stderr
    assert "journalctl -u hosted-ce" in result.stderr


def test_a_time_that_is_none_is_refused(run: Run, log: Path) -> None:
    assert run("logs", "--since", "yesterday").exit_code == 2


class Script:
    """Does the next thing each time that the reader would sleep; then ends it."""

    def __init__(self, *things: Any) -> None:
        self._things: Iterator[Any] = iter(things)

    def __call__(self, seconds: float) -> None:
        next(self._things)()


def test_following_loses_no_line_over_a_rotation_and_tells_none_twice(log: Path) -> None:
    def write(text: str) -> None:
        with log.open("a") as stream:
            stream.write(text)

    def rotate() -> None:
        write(line("fifth"))
        os.replace(log, log.with_name("hosted-ce.jsonl.1"))

    half = line("fourth")
    things = Script(
        lambda: write(half[:9]), lambda: write(half[9:]), rotate, lambda: None, lambda: write(line("sixth"))
    )
    with LogReader(log, things) as reader:
        present = [text for text in reader.present() if "cut" not in text]
        added = reader.added()
        found = [*present, *(next(added) for _ in range(3))]
    told = [json.loads(text)["event"] for text in found]
    assert told == ["first", "second", "third", "fourth", "fifth", "sixth"]


def test_a_log_that_begins_later_is_followed(folder: Path) -> None:
    path = folder / "log.jsonl"
    with LogReader(path, Script(lambda: path.write_text(line("first")))) as reader:
        assert list(reader.present()) == []
        assert json.loads(next(reader.added()))["event"] == "first"
