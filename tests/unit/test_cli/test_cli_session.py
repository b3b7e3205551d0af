"""`hosted-ce session`: what is asked of the CE, what is printed, and with which exit code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hosted_ce.api.schemas.sessions import SessionEntryOut, SessionHead, session_out
from hosted_ce.cli.session import run as running
from hosted_ce.cli.session import show as showing
from hosted_ce.cli.session.draw import fitted, styled
from hosted_ce.cli.session.lines import lines_of
from hosted_ce.session.judge import board_of
from hosted_ce.session.log import Said
from tests.fakes.site_facts import BEGAN, KEY_MODE, SESSION, checked, facts, said, seen, waiting

from .ce import Ce, found, problem
from .conftest import Run

BASE = "/api/v1/sessions"
LINK = {
    "name": "session 3: Example University", "token": "hce_x", "expires_at": "2026-02-03T02:40:00.000Z",
    "link": "https://ce.example.org/enter?to=/session/3#hce_x", "page": "https://ce.example.org/session/3",
}  # fmt: skip
RAN = SessionEntryOut.model_validate(said(4, Said.RUN, "pilot 4 was sent", "hello")).model_dump(mode="json")


def document(*entries: Any, ended: bool = False, **changes: Any) -> dict[str, Any]:
    """A session as the API gives it."""
    session = replace(SESSION, ended_at=BEGAN + 3600, ended_by="rest:Ada") if ended else SESSION
    return session_out(board_of(session, entries, facts(45, **changes))).model_dump(mode="json")


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "LOOK_S", 0.0)
    monkeypatch.setattr(showing, "LOOK_S", 0.0)


def one_by_one(ce: Ce, monkeypatch: pytest.MonkeyPatch, path: str, documents: list[dict[str, Any]]) -> None:
    """The CE gives one after the other at each look."""
    left: Iterator[dict[str, Any]] = iter(documents)
    plain = Ce.answer

    def answer(self: Ce, asked: Any) -> Any:
        if (asked.method, asked.path) == ("GET", path):
            return found(next(left))
        return plain(self, asked)

    monkeypatch.setattr(Ce, "answer", answer)


def test_begin_prints_our_page_and_the_sites_link(run: Run, ce: Ce) -> None:
    head = SessionHead.model_validate(SESSION).model_dump(mode="json")
    ce.answers["POST", BASE] = found(head, 201)
    ce.answers["POST", f"{BASE}/3/link"] = found(LINK)
    ce.break_next = 1
    result = run("session", "begin", "--with", "Example University", "--expires", "8h")
    assert result.stdout.splitlines() == [
        "session 3 with Example University has begun",
        "page for us:       https://ce.example.org/session/3",
        "link for the site: https://ce.example.org/enter?to=/session/3#hce_x",
    ]
    assert "HOSTED_CE_PUBLIC_URL" not in result.stderr
    first, again, link = ce.calls("POST")
    assert first.json == {"partner": "Example University"}
    assert first.headers["Idempotency-Key"] == again.headers["Idempotency-Key"]
    assert link.query == {"for": ["8h"]}
    made = json.loads(run("session", "begin", "--with", "Example University", "--json").stdout)
    assert made == {"session": head, "link": LINK}


def test_a_link_that_nobody_else_can_open_is_told_as_such(run: Run, ce: Ce) -> None:
    lonely = LINK | {"link": "http://127.0.0.1:8080/enter?to=/session/3#hce_x"}
    ce.answers["POST", BASE] = found(SessionHead.model_validate(SESSION).model_dump(mode="json"), 201)
    ce.answers["POST", f"{BASE}/3/link"] = ce.answers["POST", f"{BASE}/latest/link"] = found(lonely)
    for words in (["begin", "--with", "Example University"], ["link"]):
        result = run("session", *words)
        assert "only this machine can open the link: set HOSTED_CE_PUBLIC_URL" in result.stderr
        assert "HOSTED_CE_PUBLIC_URL" not in result.stdout


def test_what_is_left_open_says_how_it_is_settled(run: Run, ce: Ce) -> None:
    entry = SessionEntryOut.model_validate(said(5, Said.OPEN, "quota", owner="Ben")).model_dump(mode="json")
    ce.answers["POST", f"{BASE}/current/entries"] = found(entry, 201)
    result = run("session", "note", "quota", "--open", "--owner", "Ben")
    assert result.stdout == "open written down; when it is done: hosted-ce session settle 5\n"


def test_show_says_what_is_seen_and_what_to_do(run: Run, ce: Ce) -> None:
    open_ = said(1, Said.OPEN, "a quota", owner="Ben", due="2026-02-09")
    answer = document(open_, said(2, Said.NOTE, "scratch is local"), checks=(checked(KEY_MODE),))
    ce.answers["GET", f"{BASE}/latest"] = found(answer)
    lines = run("session", "show").stdout.splitlines()
    assert lines[0] == "session 3 of Example-CE1 with Example University: 45m of 2h; now: people"
    failed = next(number for number, line in enumerate(lines) if line.startswith("  failed   site-check"))
    assert lines[failed].endswith("1 fail, 0 warn, 40 pass, 0 skipped")
    assert lines[failed + 1].split() == [
        "FAIL",
        *KEY_MODE.title.split()[:-1],
        "accepted:",
        *KEY_MODE.seen.split(),
    ]
    assert lines[failed + 2].strip() == f"-> {KEY_MODE.todo}"
    assert "  1. Ben, until 2026-02-09: a quota" in lines
    assert "           waits for site-check" in lines
    assert lines[-1].endswith("scratch is local (rest:Ada Lovelace)")
    assert json.loads(run("session", "show", "--json").stdout) == answer


def test_another_one_is_named_by_its_number(run: Run, ce: Ce) -> None:
    ce.answers["GET", f"{BASE}/2"] = found(document(ended=True))
    assert "ended 02-02 03:40" in run("session", "show", "--session", "2").stdout


def test_watching_tells_changes_until_the_end(run: Run, ce: Ce, monkeypatch: pytest.MonkeyPatch) -> None:
    waits, came = document(pilots=()), document(pilots=(waiting(),))
    one_by_one(ce, monkeypatch, f"{BASE}/latest", [waits, waits, came, document(ended=True)])
    lines = run("session", "show", "--watch").stdout.splitlines()
    assert lines.count("first-came: open, none came to ce.example.edu:9619 yet") == 1
    assert lines.count("first-came: done, pilot 7 came by the front door") == 1
    assert lines[-1].endswith("ended 02-02 03:40")


@pytest.mark.parametrize(
    ("arguments", "remark"),
    [
        (["tick", "people", "--reason", "Ada"], {"said": "tick", "item": "people", "text": "Ada"}),
        (["tick", "views"], {"said": "tick", "item": "views"}),
        (["skip", "stress", "--reason", "full"], {"said": "skip", "item": "stress", "text": "full"}),
        (["reopen", "views"], {"said": "reopen", "item": "views"}),
        (["note", "local"], {"said": "note", "text": "local"}),
        (["note", "200", "--decision"], {"said": "decision", "text": "200"}),
        (
            ["note", "quota", "--open", "--owner", "Ben", "--due", "2026-12-01", "--item", "site-check"],
            {"said": "open", "text": "quota", "owner": "Ben", "due": "2026-12-01", "item": "site-check"},
        ),
        (["settle", "7"], {"said": "settle", "about": 7}),
    ],
)
def test_what_is_said(run: Run, ce: Ce, arguments: list[str], remark: dict[str, Any]) -> None:
    ce.answers["POST", f"{BASE}/current/entries"] = found(RAN, 201)
    result = run("session", *arguments)
    assert (result.exit_code, len(result.stdout.splitlines())) == (0, 1)
    assert ce.asked[-1].json == remark
    assert ce.asked[-1].headers["Idempotency-Key"]
    assert json.loads(run("session", *arguments, "--json").stdout) == RAN


@pytest.mark.parametrize(
    "arguments",
    [
        ["note", "a", "--decision", "--open"], ["note", "a", "--owner", "Ben"], ["run"],
        ["run", "hello", "--next"], ["minutes", "--html", "--text"], ["show", "--watch", "--json"],
        ["skip", "hello"], ["begin"],
    ],
)  # fmt: skip
def test_misuse_is_told_before_anything_is_asked(run: Run, ce: Ce, arguments: list[str]) -> None:
    assert run("session", *arguments).exit_code == 2
    assert ce.asked == []


def test_run_waits_until_it_has_ended(run: Run, ce: Ce, monkeypatch: pytest.MonkeyPatch) -> None:
    ce.answers["POST", f"{BASE}/current/run"] = found(RAN)
    queued = document(tests={"hello": (waiting(4, why="Priority"),)})
    well, bad = document(), document(tests={"hello": (seen(4, well=False, ended="exit code 1"),)})
    one_by_one(ce, monkeypatch, f"{BASE}/current", [queued, queued, well, queued, bad])
    result = run("session", "run", "hello", "--wait")
    assert result.stdout.splitlines() == [
        "hello: pilot 4 was sent", "hello: done, pilot 4 ran on n001 for 5 min and ended well"
    ]  # fmt: skip
    assert result.stderr.count("hello: running, pilot 4 is idle: Priority") == 1
    assert result.exit_code == 0
    assert run("session", "run", "hello", "--wait").exit_code == 1
    asked = ce.calls("POST")[0]
    assert asked.query == {"item": ["hello"]}
    assert asked.headers["Idempotency-Key"]


def test_run_takes_the_next_one_and_tells_what_went_wrong_at_once(run: Run, ce: Ce) -> None:
    ce.answers["POST", f"{BASE}/current/run"] = found(RAN | {"item": "front-door", "well": False})
    assert run("session", "run", "--next").exit_code == 1
    assert ce.asked[-1].query == {}
    detail = "stress waits for hello: settle that first"
    ce.answers["POST", f"{BASE}/current/run"] = problem(409, "This cannot be said", detail)
    assert detail in run("session", "run", "stress").stderr


def test_minutes_are_printed_or_written(run: Run, ce: Ce, folder: Path) -> None:
    ce.answers["GET", f"{BASE}/latest/minutes"] = (200, b"# Minutes\n", "text/markdown")
    ce.answers["GET", f"{BASE}/latest"] = found(document(ended=True))
    assert run("session", "minutes").stdout == "# Minutes\n"
    assert ce.asked[-1].query == {"format": ["markdown"]}
    for _ in range(2):
        result = run("session", "minutes", "--html", "--output", folder / "minutes.html")
        assert (result.exit_code, result.stdout) == (0, "")
    assert ce.asked[-1].query == {"format": ["html"]}
    assert (folder / "minutes.html").read_text() == "# Minutes\n"
    assert json.loads(run("session", "minutes", "--json").stdout)["session"]["id"] == 3


def test_end_link_and_list(run: Run, ce: Ce) -> None:
    ce.answers["POST", f"{BASE}/current/end"] = found(document(ended=True, checks=(checked(KEY_MODE),)))
    ended = run("session", "end")
    assert ended.stdout.startswith("session 3 has ended; ")
    assert "link goes on until it expires" in ended.stderr
    assert "hosted-ce token revoke NUMBER" in ended.stderr
    ce.answers["POST", f"{BASE}/latest/link"] = found(LINK)
    assert run("session", "link").stdout == f"{LINK['link']}\n"
    head = SessionHead.model_validate(SESSION).model_dump(mode="json")
    ce.answers["GET", BASE] = found({"sessions": [head]})
    [row] = [line.split(maxsplit=4) for line in run("session", "list").stdout.splitlines()[1:]]
    assert row == ["3", "2026-02-02T02:40:00Z", "-", "rest:Ada", "Lovelace  Example University"]
    ce.answers["GET", BASE] = found({"sessions": []})
    assert "no session yet" in run("session", "list").stderr


def test_what_does_not_fit_is_cut_at_settled_phases_first() -> None:
    board = document()
    whole = [*lines_of(board)]
    assert fitted(board, len(whole)) == whole
    short = fitted(board, len(whole) - 1)
    assert len(short) < len(whole) - 1
    assert not any(line.startswith("  done") for line in short)
    assert [line for line in short if line.startswith("1. ")] == [
        line for line in whole if line.startswith("1. ")
    ]
    assert len(fitted(board, 5)) == 5
    [line] = styled(["  failed   hello          A short test pilot"])
    assert [(span.style, span.start) for span in line.spans] == [("bold red", 2)]
