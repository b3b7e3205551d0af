"""How commands find a running CE, ask it, and what they say when that fails."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from hosted_ce.cli.client import LATER

from .ce import TOKEN, Ce, problem
from .conftest import Run

PAGE = "/api/v1/pilots"


def test_a_running_ce_is_found_without_any_option(ce: Ce, run: Run) -> None:
    result = run("pilots", "list", "--json")
    assert (result.exit_code, result.stdout) == (0, "[]\n")
    assert ce.asked[0].headers["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("option", ["--state", "--state-dir"])
def test_the_state_folder_can_be_named(ce: Ce, run: Run, folder: Path, option: str) -> None:
    ce.add()
    (folder / "state").rename(folder / "other")
    assert run("pilots", "show", 1, option, "other").exit_code == 0


def test_the_state_folder_can_come_from_the_environment(ce: Ce, run: Run, folder: Path) -> None:
    (folder / "state").rename(folder / "other")
    assert run("pilots", "list", env={"HOSTED_CE_STATE": str(folder / "other")}).exit_code == 0


def test_address_and_token_can_be_named(ce: Ce, run: Run, folder: Path) -> None:
    (folder / "state" / "token").rename(folder / "my-token")
    (folder / "state" / "endpoint").unlink()
    assert run("pilots", "list", "--url", ce.url, "--token-file", "my-token").exit_code == 0
    env = {"HOSTED_CE_URL": ce.url + "/", "HOSTED_CE_TOKEN_FILE": "my-token"}
    assert run("pilots", "list", env=env).exit_code == 0


def test_the_token_of_the_state_folder_is_not_sent_to_other_machines(ce: Ce, run: Run) -> None:
    result = run("pilots", "list", "--url", "http://ce.example.org:8080")
    assert result.exit_code == 2
    assert "--token-file" in result.stderr


def test_a_proxy_of_the_environment_is_not_used_for_a_ce_of_this_machine(ce: Ce, run: Run) -> None:
    proxy = {"http_proxy": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1", "no_proxy": None}
    assert run("pilots", "list", env=proxy).exit_code == 0


def test_without_a_state_folder_it_says_how_to_start(run: Run) -> None:
    result = run("pilots", "list")
    assert result.exit_code == 3
    assert result.stdout == ""
    assert (
        "no CE is running with state folder ./state: start it, as a service with `systemctl start hosted-ce`"
        in result.stderr
    )


def test_a_ce_that_has_ended_is_not_running(ce: Ce, run: Run, folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    (folder / "state" / "endpoint").write_text(f"http://127.0.0.1:{port}\n")
    result = run("pilots", "list")
    assert result.exit_code == 3
    assert "no CE is running with state folder ./state: start it" in result.stderr
    assert f"http://127.0.0.1:{port}" in result.stderr
    assert "`hosted-ce logs` shows how it ended" in result.stderr
    named = run("pilots", "list", "--url", f"http://127.0.0.1:{port}")
    assert named.exit_code == 3
    assert f"no CE answers at http://127.0.0.1:{port}" in named.stderr


def test_a_wrong_token_is_told_with_its_file(ce: Ce, run: Run, folder: Path) -> None:
    ce.write_state(folder / "state", token="another")
    result = run("pilots", "list")
    assert result.exit_code == 1
    assert "does not accept the token in ./state/token" in result.stderr


@pytest.mark.parametrize("content", [b"", b"two words\n", b"\xff\xfe", b"one\ntwo\n"])
def test_a_file_without_a_token_is_not_sent(ce: Ce, run: Run, folder: Path, content: bytes) -> None:
    (folder / "state" / "token").write_bytes(content)
    result = run("pilots", "list")
    assert result.exit_code == 1
    assert "./state/token has no token in it" in result.stderr
    assert ce.asked == []


def test_a_missing_token_is_told(ce: Ce, run: Run, folder: Path) -> None:
    (folder / "state" / "token").unlink()
    result = run("pilots", "list")
    assert result.exit_code == 1
    assert "there is no token in ./state/token" in result.stderr


@pytest.mark.parametrize("address", ["", "127.0.0.1:8080", "ftp://127.0.0.1", "http://", "http://[::1"])
def test_a_bad_address_is_wrong_usage(ce: Ce, run: Run, folder: Path, address: str) -> None:
    (folder / "state" / "endpoint").write_text(address)
    result = run("pilots", "list")
    assert result.exit_code == 2
    assert "write it like http://127.0.0.1:8080" in result.stderr


def test_a_problem_is_told_with_all_its_errors(ce: Ce, run: Run) -> None:
    faults = [{"path": "query.route", "message": "is too long"}, {"path": "", "message": "is odd"}]
    ce.answers["GET", PAGE] = problem(422, "Not valid", "query.route: is too long", errors=faults)
    result = run("pilots", "list")
    assert result.exit_code == 1
    assert result.stderr == "error: query.route: is too long\n  is odd\n"


def test_control_characters_of_an_answer_do_not_reach_the_terminal(ce: Ce, run: Run) -> None:
    ce.answers["GET", PAGE] = problem(422, "Not valid", "a \x1b[2J name")
    assert run("pilots", "list").stderr == "error: a \\x1b[2J name\n"


@pytest.mark.parametrize(
    "answer", [(200, b"<html>", "text/html"), (404, b"nope", "text/plain"), (200, b"[]", "")]
)
def test_something_else_that_answers_is_not_a_ce(ce: Ce, run: Run, answer: tuple[int, bytes, str]) -> None:
    ce.answers["GET", PAGE] = answer
    result = run("pilots", "list")
    assert result.exit_code == 3
    assert "is not a CE" in result.stderr


def test_a_failure_behind_a_proxy_is_told_as_it_is(ce: Ce, run: Run) -> None:
    ce.answers["GET", PAGE] = (502, b"<html>", "text/html")
    result = run("pilots", "list")
    assert result.exit_code == 1
    assert "answered 502 Bad Gateway" in result.stderr


def test_a_broken_connection_is_tried_again(ce: Ce, run: Run) -> None:
    ce.break_next = 2
    assert run("pilots", "list").exit_code == 0
    assert len(ce.asked) == 3


def test_a_connection_that_always_breaks_is_given_up(ce: Ce, run: Run) -> None:
    ce.break_next = 100
    result = run("pilots", "list")
    assert result.exit_code == 3
    assert "breaks again and again" in result.stderr
    assert "a CE that has a certificate speaks https alone" in result.stderr
    assert len(ce.asked) == 4


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long it waited, each time; it does not."""
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    return pauses


def test_a_submission_comes_again_when_it_is_told_to(
    ce: Ce, run: Run, folder: Path, slept: list[float]
) -> None:
    (folder / "job.sh").write_text("#!/bin/sh\n")
    ce.later_next = 2
    assert run("pilots", "submit", "job.sh", "--count", 3).exit_code == 0
    assert slept == [7.0, 7.0]
    assert len(ce.pilots) == 3
    assert len({asked.headers["Idempotency-Key"] for asked in ce.calls("POST")}) == 1


@pytest.mark.parametrize(
    ("retry_after", "waits"), [("7", [7.0] * LATER), ("31", []), ("soon", []), ("0", []), ("", [])]
)
def test_one_that_is_told_so_for_too_long_is_refused(
    ce: Ce, run: Run, slept: list[float], retry_after: str, waits: list[float]
) -> None:
    Path("job.sh").write_text("#!/bin/sh\n")
    ce.later_next, ce.retry_after = 100, retry_after
    result = run("pilots", "submit", "job.sh", "--count", 3)
    assert (result.exit_code, result.stderr) == (1, "error: too many pilots come with this token\n")
    assert slept == waits
