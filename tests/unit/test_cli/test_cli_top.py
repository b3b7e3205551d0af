"""`hosted-ce top`: what keys do, that the screen fits, and the whole of it on a real pseudo-terminal."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hosted_ce.cli.top.draw import drawn, rows_of
from hosted_ce.cli.top.keyboard import named
from hosted_ce.cli.top.keys import pressed
from hosted_ce.cli.top.screen import Look, Question, Screen, Sort

from .ce import CREATED, Ce, found
from .ce import pilot as pilot_of
from .conftest import Run
from .test_cli_why import ANSWER

NOW = 1_772_368_260.0
SITE = {
    "name": "Example-University", "resource": "Example-CE1", "health": {"word": "poor", "reasons": []},
    "activity": {"word": "production", "reason": "x"},
    "clusters": [
        {"name": f"c{n}", "state": "down", "state_reason": "no route \x1b[2J", "closed_reason": None}
        for n in range(5)
    ],
    "routes": [{"name": "large"}, {"name": "any"}],
}  # fmt: skip
COUNTS = {"idle": 40, "running": 7, "held": 1, "unknown": 0}


def pilots(number: int) -> tuple[dict[str, Any], ...]:
    states = ("idle", "running", "held")
    return tuple(
        pilot_of(
            n, state=states[n % 3], route=("any", "large")[n % 2], node=f"n{n % 5}", reason="waits " * 30
        )
        for n in range(number, 0, -1)
    )


def screen(number: int = 40, question: Question | None = None, **fields: Any) -> Screen:
    asked = question or Question()
    why = ANSWER | {"ids": ANSWER["ids"] | {"pilot": asked.why}} if asked.why else None
    look = Look(NOW - 5, asked, SITE, pilots(number), COUNTS, more=number > 30, why=why)
    return Screen(asked, look=look, **fields)


def after(given: Screen, *keys: str) -> Screen:
    for key in keys:
        given = pressed(given, key, 10)
    return given


def chosen(given: Screen) -> int:
    found: int = given.pilots[given.place]["id"]
    return found


@pytest.mark.parametrize(
    ("keys", "pilot"),
    [
        (["down", "down", "up"], 39), (["end"], 1), (["end", "home"], 40), (["page down", "down"], 29),
        (["up"], 40), (["j", "j", "k"], 39), (["end", "down"], 1), (["x"], 40),
    ],
)  # fmt: skip
def test_arrows_choose_a_pilot(keys: list[str], pilot: int) -> None:
    assert chosen(after(screen(), *keys)) == pilot


def test_a_choice_stays_with_its_pilot_when_others_come_and_falls_back_when_it_is_over() -> None:
    given = after(screen(), "down")
    assert given.look
    more = replace(given, look=replace(given.look, pilots=pilots(45)))
    assert chosen(more) == 39
    without = tuple(pilot for pilot in pilots(45) if pilot["id"] != 39)
    assert chosen(replace(given, look=replace(given.look, pilots=without))) == 45


def test_enter_asks_why_and_the_question_follows_the_arrows() -> None:
    asked = after(screen(), "down", "enter")
    assert asked.question.why == 39
    assert after(asked, "down").question.why == 38
    assert after(asked, "enter").question.why is None
    assert after(asked, "escape").question.why is None
    assert after(screen(0), "enter").question.why is None


def test_filters_and_orders_go_round() -> None:
    states = [after(screen(), *["f"] * n).question.state for n in range(6)]
    assert states == [None, "idle", "running", "held", "unknown", None]
    routes = [after(screen(), *["r"] * n).question.route for n in range(4)]
    assert routes == [None, "large", "any", None]
    assert [after(screen(), *["s"] * n).sort for n in range(6)] == [*Sort, Sort.NEWEST]
    assert [pilot["id"] for pilot in after(screen(), "s").pilots] == list(range(1, 41))


def test_pilots_of_another_filter_are_not_shown_for_it() -> None:
    assert after(screen(), "f").pilots == []


@pytest.mark.parametrize("sort", Sort)
def test_every_order_takes_pilots_without_route_or_node(sort: Sort) -> None:
    bare = tuple(pilot | {"node": None, "route": None} for pilot in pilots(5)) + pilots(3)
    given = replace(screen(), sort=sort)
    assert given.look
    assert len(replace(given, look=replace(given.look, pilots=bare)).pilots) == 8


@pytest.mark.parametrize("size", [(80, 24), (40, 10), (200, 60), (20, 3), (1, 1)])
@pytest.mark.parametrize("number", [0, 1, 40])
@pytest.mark.parametrize("why", [None, 40, 7])
@pytest.mark.parametrize("problem", [None, "no CE is running"])
def test_whatever_there_is_fits(
    size: tuple[int, int], number: int, why: int | None, problem: str | None
) -> None:
    width, height = size
    for given in (screen(number, Question(why=why), problem=problem), Screen(problem=problem)):
        lines = drawn(given, width, height, NOW)
        assert len(lines) <= height
        assert all(line.cell_len <= width for line in lines)
        assert all("\x1b" not in line.plain for line in lines)
        assert rows_of(given, width, height, NOW) >= 1


def test_eighty_by_twentyfour_has_all_that_matters() -> None:
    given = after(screen(40, Question(why=33)), *["down"] * 7)
    text = "\n".join(line.plain for line in drawn(given, 80, 24, NOW))
    assert "Example-University Example-CE1  Poor; Production" in text
    assert "40 idle  7 running  1 held  0 unknown" in text
    assert "and 2 more clusters" in text
    assert re.search(r"^33 idle    59s large -        n3   waits waits", text, re.MULTILINE)
    assert "pilot 33 may or may not have a batch job" in text
    assert "what to do" in text
    assert text.splitlines()[-1].startswith("q quit")


def test_the_chosen_pilot_is_always_to_be_seen() -> None:
    given = after(screen(), *["down"] * 37)
    assert any(line.plain.startswith(f"{chosen(given)} ") for line in drawn(given, 80, 24, NOW))


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("q", ["q"]), ("\x1b[A\x1b[B\x1bOA", ["up", "down", "up"]),
        ("\x1b[5~\x1b[6~", ["page up", "page down"]),
        ("\r", ["enter"]), ("\x1b", ["escape"]), ("\x1b[200~x", ["x"]), ("\x1b[", ["escape", "["]), ("", []),
    ],
)  # fmt: skip
def test_keys_have_names(text: str, keys: list[str]) -> None:
    assert list(named(text)) == keys


@pytest.fixture
def served(ce: Ce) -> Ce:
    """A CE with pilots, one of which is held."""
    for number in range(1, 4):
        ce.add(state="held" if number == 2 else "idle", reason=f"reason {number}", created_at=CREATED)
        answer = ANSWER | {"ids": ANSWER["ids"] | {"pilot": number}}
        ce.answers["GET", f"/api/v1/pilots/{number}/why"] = found(answer)
    ce.answers["GET", "/api/v1/site"] = found(SITE)
    return ce


def test_without_a_terminal_one_table_is_printed(run: Run, served: Ce) -> None:
    result = run("top")
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["ID", "3", "2", "1", "0"]
    asked = [each.query["state"] for each in served.asked if each.path == "/api/v1/pilots"]
    assert asked == [["idle"], ["running"], ["held"], ["unknown"]]
    few = run("top", "--limit", "1")
    assert few.stdout.splitlines()[1].startswith("3 ")
    assert "these are the newest 1; --limit N shows more" in few.stderr
    assert json.loads(run("top", "--json", "--state", "held").stdout)["pilots"][0]["id"] == 2


class Terminal:
    """A program on a pseudo-terminal of 80×24, and what it wrote."""

    def __init__(self, folder: Path):
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        command = [sys.executable, "-m", "hosted_ce.cli.main", "top", "--interval", "0.5"]
        environment = {**os.environ, "TERM": "xterm-256color"}
        self.before = termios.tcgetattr(slave)
        self.process = subprocess.Popen(
            command, cwd=folder, stdin=slave, stdout=slave, stderr=slave, env=environment
        )
        self.master, self.slave, self.text = master, slave, ""

    def until(self, wanted: str) -> None:
        """Returns when it has written this since the last key."""
        deadline = time.monotonic() + 60
        while wanted not in self.text:
            assert time.monotonic() < deadline, self.text
            if select.select([self.master], [], [], 1)[0]:
                self.text += os.read(self.master, 65536).decode("utf-8", "replace")

    def press(self, keys: str) -> None:
        """Presses keys; what was written before no longer counts."""
        self.text = ""
        os.write(self.master, keys.encode())

    def close(self) -> None:
        """Ends it, if it goes on."""
        self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)


@pytest.mark.parametrize("interrupted", [False, True])
def test_on_a_real_terminal_it_lives_answers_keys_and_leaves_it_as_it_was(
    served: Ce, folder: Path, interrupted: bool
) -> None:
    terminal = Terminal(folder)
    try:
        terminal.until("reason 3")
        served.pilots[2]["reason"] = "another reason"
        terminal.until("another reason")
        terminal.press("\x1b[B\r")
        terminal.until("pilot 2 may or may not have a batch job")
        terminal.press("fff")
        terminal.until(", held")
        terminal.press("" if interrupted else "q")
        if interrupted:
            terminal.process.send_signal(signal.SIGINT)
        terminal.until("\x1b[?1049l")  # back to the screen of before
        assert terminal.process.wait(30) == 0
        assert termios.tcgetattr(terminal.slave) == terminal.before
    finally:
        terminal.close()


def test_a_ce_that_goes_away_is_told_and_waited_for(served: Ce, folder: Path) -> None:
    terminal = Terminal(folder)
    try:
        terminal.until("reason 3")
        served.answers["GET", "/api/v1/site"] = (503, b"{}", "application/problem+json")
        terminal.until("no answer")
        served.answers["GET", "/api/v1/site"] = found(SITE | {"name": "Back-Again"})
        terminal.until("Back-Again")
    finally:
        terminal.close()
