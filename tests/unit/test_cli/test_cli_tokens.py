"""`hosted-ce token`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .ce import Ce, found, problem
from .conftest import Run

SECRET = "hce_" + 43 * "s"
TOKEN = {
    "id": 3, "name": "Example University", "role": "viewer", "good": True,
    "created_at": "2026-03-01T12:30:00.125Z", "created_by": "rest:Ada Lovelace",
    "expires_at": "2026-03-15T12:30:00.125Z", "last_used_at": None, "revoked_at": None, "revoked_by": None,
    "once": False, "link_used_at": None,
}  # fmt: skip
LINK = f"http://127.0.0.1:8080/enter?to=/site#{SECRET}"
MADE = TOKEN | {"token": SECRET, "link": LINK}
OVER = TOKEN | {
    "id": 2,
    "good": False,
    "revoked_at": "2026-03-01T12:29:00.125Z",
    "revoked_by": "rest:operator",
}
PATH = "/api/v1/tokens"


def test_a_new_token_is_all_that_stdout_has(run: Run, ce: Ce) -> None:
    ce.answers["POST", PATH] = found(MADE, 201)
    result = run("token", "create", "--role", "viewer", "--name", "Example University", "--expires", "14d")
    assert result.stdout == f"{SECRET}\n"
    assert "token 3: Example University, viewer, until 2026-03-15T12:30:00Z" in result.stderr
    assert SECRET not in result.stderr
    assert ce.asked[-1].json == {"name": "Example University", "role": "viewer", "expires": "14d"}


def test_one_without_an_end_is_asked_for_in_words(run: Run, ce: Ce) -> None:
    ce.answers["POST", PATH] = found(MADE | {"expires_at": None}, 201)
    result = run("token", "create", "--role", "admin", "--name", "x", "--expires", "never")
    assert ce.asked[-1].json == {"name": "x", "role": "admin", "expires": None}
    assert "until it is revoked" in result.stderr
    asked = run("token", "create", "--role", "admin", "--name", "x", "--json")
    assert ce.asked[-1].json["expires"] == "30d"
    assert json.loads(asked.stdout)["token"] == SECRET


def test_a_link_is_all_that_stdout_has(run: Run, ce: Ce) -> None:
    ce.answers["POST", PATH] = found(MADE, 201)
    result = run("token", "link", "--name", "Example University", "--to", "/site")
    assert result.stdout == f"{LINK}\n"
    assert "HOSTED_CE_PUBLIC_URL" in result.stderr
    assert ce.asked[-1].json == {
        "name": "Example University", "role": "viewer", "expires": "1d", "to": "/site", "once": False,
    }  # fmt: skip
    ce.answers["POST", PATH] = found(MADE | {"link": f"https://ce.example.edu/enter#{SECRET}"}, 201)
    result = run("token", "link", "--name", "Ada", "--role", "operator")
    assert "HOSTED_CE_PUBLIC_URL" not in result.stderr
    assert ce.asked[-1].json["role"] == "operator"
    ce.answers["POST", PATH] = found(MADE | {"token": None, "once": True}, 201)
    assert "The first who opens the link is in" in run("token", "link", "--name", "Ada", "--once").stderr
    assert ce.asked[-1].json["once"] is True


def test_tokens_as_a_table_and_as_json(run: Run, ce: Ce) -> None:
    ce.answers["GET", PATH] = found({"tokens": [OVER, TOKEN]})
    result = run("token", "list")
    [row] = [line.split(maxsplit=8) for line in result.stdout.splitlines()[1:]]
    assert row == [
        "3", "viewer", "yes", "2026-03-01T12:30:00Z", "2026-03-15T12:30:00Z", "-", "-", "rest:Ada_Lovelace",
        "Example University",
    ]  # fmt: skip
    assert "1 more that ended" in result.stderr
    assert len(run("token", "list", "--all").stdout.splitlines()) == 3
    assert json.loads(run("token", "list", "--json").stdout) == {"tokens": [TOKEN]}
    ce.answers["GET", PATH] = found({"tokens": []})
    assert "no tokens but the one of the state folder" in run("token", "list").stderr


@pytest.mark.parametrize("which", ["3", "Example University", " example university "])
def test_a_token_is_revoked_by_number_or_name(run: Run, ce: Ce, which: str) -> None:
    ce.answers["GET", PATH] = found({"tokens": [OVER, TOKEN]})
    ce.answers["DELETE", f"{PATH}/3"] = found(
        TOKEN | {"good": False, "revoked_at": "2026-03-02T00:00:00.000Z"}
    )
    assert run("token", "revoke", which).stdout == (
        "token 3 (Example University): revoked at 2026-03-02T00:00:00Z\n"
    )


def test_a_name_that_no_token_has(run: Run, ce: Ce) -> None:
    ce.answers["GET", PATH] = found({"tokens": [TOKEN]})
    result = run("token", "revoke", "Nobody")
    assert result.exit_code == 1
    assert "no token has the name 'Nobody'" in result.stderr


def test_what_the_ce_says_to_a_token_is_told(run: Run, ce: Ce) -> None:
    ce.answers["GET", PATH] = problem(403, "x", "this needs the role admin; 'Ada' is an operator")
    assert "this needs the role admin" in run("token", "list").stderr
    ce.answers["GET", PATH] = problem(401, "x", "the token 'Ada' was revoked at 2026-03-01T12:30:00.125Z")
    assert "'Ada' was revoked" in run("token", "list").stderr


def test_without_a_running_ce_it_says_what_to_do(run: Run, folder: Path) -> None:
    result = run("token", "create", "--role", "viewer", "--name", "x")
    assert result.exit_code == 3
    assert "hosted-ce serve" in result.stderr
