"""Minutes are written from the data alone: the same board gives the same text, and nothing in it is lost."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from hosted_ce.mailable import as_html
from hosted_ce.session.board import Board
from hosted_ce.session.facts import Facts
from hosted_ce.session.judge import board_of
from hosted_ce.session.log import Said
from hosted_ce.session.minutes.markdown import minutes
from hosted_ce.session.minutes.words import escaped, length
from hosted_ce.session.record import read, written
from tests.fakes.site_facts import BEGAN, KEY_MODE, SCRATCH, SESSION, checked, facts, said, seen

GOLDEN = Path(__file__).with_name("minutes.md")
URL = "https://ce.example.org"
ENDED = replace(SESSION, ended_at=BEGAN + 6420, ended_by="rest:Ada Lovelace")

PIECES = ("`", "``", "```", "[x](http://evil)", "<b>", "*a*", "\\", " ", "a", "![x](y)", "&lt;", "\n")


def board() -> Board:
    entries = [
        said(1, Said.TICK, "Ada (OSG), Ben (Example University)", "people"),
        said(3, Said.RUN, "run 12 has begun at hpc", "site-check", link="/site/checks/12"),
        said(12, Said.NOTE, "scratch is *local*, see `df /scratch`"),
        said(20, Said.DECISION, "200 pilots at most until the summer"),
        said(25, Said.SKIP, "no new rules are needed", "firewall"),
        said(28, Said.OPEN, "asked the HPC team", "site-check", owner="Ben", due="2026-02-03"),
        said(30, Said.OPEN, "quota of 50 GB for osg01", owner="Ben", due="2026-02-09"),
        said(31, Said.RUN, "0 fail, 0 warn, 14 pass", "front-door", well=True, link="/site"),
        said(32, Said.OPEN, "a room for the next meeting", owner="Ada"),
        said(33, Said.SETTLE, about=32),
    ]
    runs = seen(9, over=False, well=False, state="running", ended_at=None)
    failed = seen(7, well=False, ended="exit code 1, no cvmfs")
    given = facts(107, checks=(checked(KEY_MODE, SCRATCH),), pilots=(runs, failed))
    return board_of(ENDED, entries, given)


def test_the_minutes_of_a_session() -> None:
    assert minutes(board(), URL) == GOLDEN.read_text()


def test_they_are_the_same_from_the_record() -> None:
    assert minutes(read(written(board())), URL) == GOLDEN.read_text()


def test_a_session_that_goes_on_has_minutes_so_far() -> None:
    text = minutes(board_of(SESSION, [], Facts(BEGAN + 300, door=None)), URL)
    assert "02:40 to 02:45 UTC, and not ended yet" in text
    assert "- **skipped:** The front door passes its checks: the site file has no front door" in text
    assert "None was noted." in text


@given(st.text(max_size=60))
def test_what_people_write_stays_on_its_line(text: str) -> None:
    found = minutes(board_of(ENDED, [said(1, Said.DECISION, text)], facts()), URL)
    [line] = [line for line in found.splitlines() if line.startswith("- 02:41 ")]
    assert line.endswith("(Ada Lovelace)")
    assert len(found.splitlines()) == len(
        minutes(board_of(ENDED, [said(1, Said.DECISION, "a")], facts()), URL).splitlines()
    )


def test_nothing_but_code_is_markdown() -> None:
    assert escaped("a *b* [c](d) `e *f*` <g> # ``") == r"a \*b\* \[c\](d) `e *f*` \<g\> \# \`\`"


@given(st.lists(st.sampled_from(PIECES)).map("".join) | st.text(max_size=40))
@example("``` [x](http://evil) `")
def test_no_note_becomes_html_of_its_own(text: str) -> None:
    assert html_tags(text) == html_tags("a")


def html_tags(note: str) -> list[str]:
    """The tags of the minutes with this note, but for those of code."""
    text = minutes(board_of(ENDED, [said(1, Said.DECISION, note)], facts()), URL)
    return [tag for tag in re.findall(r"</?[^>]*>", as_html(text, "Minutes")) if "code" not in tag]


def test_lengths_in_words() -> None:
    assert [length(seconds) for seconds in (0, 59, 3599, 3600, 7260)] == [
        "0 min",
        "1 min",
        "1 h 0 min",
        "1 h 0 min",
        "2 h 1 min",
    ]
