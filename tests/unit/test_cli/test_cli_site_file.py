"""`hosted-ce site reload` and `site diff`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fakes.sites import document, route

from .ce import Ce, found, problem
from .conftest import Run

RELOAD, COMPARE = ("POST", "/api/v1/site/reload"), ("POST", "/api/v1/site/compare")
CHANGE = {
    "path": "routes.gpu", "what": "removed", "words": "route gpu is taken out", "old": {}, "new": None,
}  # fmt: skip
WAITS, BEGINS, LOST = (
    {"fate": "waits", "route": "gpu"}, {"fate": "begins", "route": "b"}, {"fate": "no_route", "route": None},
)  # fmt: skip


def comparison(*shifts: tuple[Any, Any, int], **more: Any) -> dict[str, Any]:
    told = [
        {"before": before, "after": after, "pilots": number, "examples": list(range(1, min(number, 5) + 1))}
        for before, after, number in shifts
    ]
    waiting = sum(number for _, _, number in shifts)
    return {
        "same": False, "changes": [CHANGE], "waiting": waiting, "shifts": told, "obstacles": [], "to_do": [],
        **more,
    }  # fmt: skip


@pytest.fixture
def files(folder: Path) -> tuple[Path, Path]:
    """An old one with two routes, and a new one with one."""
    old, new = folder / "old.yaml", folder / "new.yaml"
    old.write_text(yaml.safe_dump(document(route("gpu", when="RequestGPUs > 0"), route("b"))))
    new.write_text(yaml.safe_dump(document(route("b"))))
    return old, new


def test_a_reload_is_told_in_lines_and_as_json(ce: Ce, run: Run) -> None:
    answer = {"outcome": "loaded", "sha256": "ab", "changes": [CHANGE], "to_do": ["tell the front door"]}
    ce.answers[RELOAD] = found(answer)
    result = run("site", "reload")
    assert (result.exit_code, result.stdout) == (0, "route gpu is taken out\ntell the front door\n")
    assert result.stderr == "the site file is in force\n"
    assert json.loads(run("site", "reload", "--json").stdout) == answer
    ce.answers[RELOAD] = found(answer | {"outcome": "unchanged", "changes": [], "to_do": []})
    assert run("site", "reload").stderr == "nothing has changed\n"


def test_a_refused_reload_fails_with_the_places(ce: Ce, run: Run) -> None:
    fault = "/etc/site.yaml:7:3: routes[0].when: this is no expression"
    ce.answers[RELOAD] = problem(
        409, "x", "/etc/site.yaml is not put in force", errors=[{"path": "", "message": fault}]
    )
    result = run("site", "reload")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == ["error: /etc/site.yaml is not put in force", f"  {fault}"]


def test_pilots_are_told_by_what_changes_for_them(ce: Ce, run: Run, files: tuple[Path, Path]) -> None:
    ce.answers[COMPARE] = found(
        comparison((WAITS, BEGINS, 12), (WAITS, LOST, 2), (BEGINS, BEGINS, 30), to_do=["tell the front door"])
    )
    result = run("site", "diff", *files)
    assert result.exit_code == 0
    assert [line.rstrip() for line in result.stdout.splitlines()] == [
        "route gpu is taken out",
        "",
        "44 pilots wait in the CE, 30 of them as before",
        "     12  waits for room in gpu -> goes to b  (1, 2, 3, 4, 5, ...)",
        "      2  waits for room in gpu -> no route  (1, 2)  LOSE THEIR ROUTE",
        "",
        "then:",
        "  tell the front door",
    ]
    [asked] = ce.calls("POST")
    assert asked.json == {"old": files[0].read_text(), "new": files[1].read_text()}


def test_one_file_is_compared_with_what_is_in_force(ce: Ce, run: Run, files: tuple[Path, Path]) -> None:
    ce.answers[COMPARE] = found(comparison())
    assert run("site", "diff", files[1]).exit_code == 0
    assert ce.calls("POST")[0].json == {"old": None, "new": files[1].read_text()}


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (comparison((WAITS, BEGINS, 3)), 0),
        (comparison((WAITS, LOST, 1)), 4), (comparison((LOST, LOST, 1)), 0),
        (comparison(obstacles=["cluster main is taken out"]), 4),
    ],
)  # fmt: skip
def test_a_check_fails_for_what_one_should_not_do(
    ce: Ce, run: Run, files: tuple[Path, Path], answer: dict[str, Any], code: int
) -> None:
    ce.answers[COMPARE] = found(answer)
    assert run("site", "diff", "--check", *files).exit_code == code
    assert run("site", "diff", *files).exit_code == 0


def test_without_a_ce_the_files_alone_are_compared(run: Run, files: tuple[Path, Path]) -> None:
    result = run("site", "diff", *files)
    assert (result.exit_code, result.stdout) == (0, "route gpu is taken out\n")
    assert result.stderr.startswith("only the files are compared: no CE is running")
    said = json.loads(run("site", "diff", "--json", *files).stdout)
    assert (said["same"], said["waiting"], said["changes"][0]["path"]) == (False, None, "routes.gpu")
    assert run("site", "diff", files[0], files[0]).stdout == "the site files say the same\n"


def test_a_ce_that_was_named_must_answer(run: Run, files: tuple[Path, Path], folder: Path) -> None:
    (folder / "token").write_text("t")
    named = ("--url", "http://127.0.0.1:9", "--token-file", folder / "token")
    assert run("site", "diff", *named, *files).exit_code == 3
    assert run("site", "diff", files[1]).exit_code == 3


def test_what_is_no_site_file_is_told_with_its_place(
    run: Run, files: tuple[Path, Path], folder: Path
) -> None:
    files[1].write_text(files[1].read_text() + "nonsense: 1\n")
    result = run("site", "diff", *files)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{files[1]}:")
    assert "nonsense" in result.stderr
    assert run("site", "diff", files[0], folder / "missing.yaml").exit_code == 2
    assert run("site", "diff", *files, files[0]).exit_code == 2


def test_a_file_that_is_not_in_force_is_shown(ce: Ce, run: Run) -> None:
    view = {"name": "X", "resource": "Y", "front_door": None, "clusters": [], "routes": []}
    file = {
        "path": "/etc/site.yaml", "sha256": "c0ffee" + 58 * "0", "loaded_at": "2026-03-01T12:30:00.125Z",
        "failed_at": "2026-03-01T13:30:00.125Z", "problems": ["/etc/site.yaml:7:3: x"], "to_do": ["a chore"],
    }  # fmt: skip
    ce.answers["GET", "/api/v1/site"] = found(view | {"file": file})
    assert run("site", "show").stdout.splitlines() == [
        "X, resource Y",
        "/etc/site.yaml, loaded 2026-03-01T12:30:00Z, sha256 c0ffee000000",
        "what it says now is NOT in force, since 2026-03-01T13:30:00Z:",
        "  /etc/site.yaml:7:3: x",
        "to do: a chore",
    ]
