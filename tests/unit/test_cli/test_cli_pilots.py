"""`hosted-ce pilots`: what is asked of the API, and what is printed."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from .ce import HISTORY, Ce, found, problem
from .conftest import Run

EVERY_BYTE = bytes(range(256)) * 300


def test_the_list_is_plain_columns_and_one_line_a_pilot(ce: Ce, run: Run) -> None:
    long = "no route: " + "x" * 300
    ce.add(state="completed", batch_id="4711", route="default", cluster="main", node="c1", exit_code=0)
    ce.add(reason=long)
    ce.add(state="completed", exit_signal=9, reason="killed\n")
    header, *lines = run("pilots", "list").stdout.splitlines()
    assert header.split() == [
        "ID", "STATE", "BATCH_ID", "ROUTE", "CLUSTER", "NODE", "EXIT", "CREATED", "EXECUTABLE", "REASON"
    ]  # fmt: skip
    assert [line.split(maxsplit=9) for line in lines] == [
        ["1", "completed", "4711", "default", "main", "c1", "0", "2026-03-01T12:30:00Z", "job.sh", "-"],
        ["2", "idle", "-", "-", "-", "-", "-", "2026-03-01T12:30:00Z", "job.sh", long],
        ["3", "completed", "-", "-", "-", "-", "SIGKILL", "2026-03-01T12:30:00Z", "job.sh", "killed\\n"],
    ]


def test_filters_are_passed_on(ce: Ce, run: Run) -> None:
    run(
        *[
            "pilots",
            "list",
            "--state",
            "idle",
            "--state",
            "held",
            "--route",
            "gpu",
            "--cluster",
            "a",
            "--batch-id",
            "4",
            "--factory-job",
            "f#1.0#2",
        ]
    )
    assert ce.asked[0].query == {
        "state": ["idle", "held"], "route": ["gpu"], "cluster": ["a"], "batch_id": ["4"],
        "factory_job": ["f#1.0#2"], "limit": ["1000"],
    }  # fmt: skip


def test_what_is_not_asked_for_is_not_a_filter(ce: Ce, run: Run) -> None:
    run("pilots", "list")
    assert ce.asked[0].query == {"limit": ["1000"]}


def test_a_state_that_does_not_exist_is_wrong_usage(ce: Ce, run: Run) -> None:
    result = run("pilots", "list", "--state", "./state")
    assert result.exit_code == 2
    assert "'idle'" in result.stderr


def test_the_newest_pilots_come_last_and_the_rest_is_mentioned(ce: Ce, run: Run) -> None:
    for _ in range(5):
        ce.add()
    result = run("pilots", "list", "--limit", 3, "--json")
    assert [pilot["id"] for pilot in json.loads(result.stdout)] == [3, 4, 5]
    assert "newest 3" in result.stderr
    assert run("pilots", "list", "--limit", 5).stderr == ""


def test_all_pilots_come_page_by_page(ce: Ce, run: Run) -> None:
    for _ in range(2001):
        ce.add()
    assert len(json.loads(run("pilots", "list", "--json").stdout)) == 1000
    listed = json.loads(run("pilots", "list", "--all", "--json").stdout)
    assert [pilot["id"] for pilot in listed] == list(range(1, 2002))
    assert len(json.loads(run("pilots", "list", "--limit", 1500, "--json").stdout)) == 1500
    assert ce.asked[-1].query["limit"] == ["500"]


def test_json_is_what_the_api_gives(ce: Ce, run: Run) -> None:
    ce.add(reason="é \x1b", attributes={"x": 1.5, "y": None})
    assert json.loads(run("pilots", "list", "--json").stdout) == ce.pilots
    assert json.loads(run("pilots", "show", 1, "--json").stdout) == ce.pilots[0] | {
        "history": HISTORY,
        "attempts": [],
    }


def test_an_empty_list_prints_nothing_on_stdout(ce: Ce, run: Run) -> None:
    result = run("pilots", "list")
    assert (result.stdout, result.stderr) == ("", "no pilots yet\n")
    assert run("pilots", "list", "--route", "gpu").stderr == "no such pilots\n"


def test_a_pilot_is_shown_with_what_is_known_and_its_history(ce: Ce, run: Run) -> None:
    attempt = {"granted": {"cpus": 8}, "user_cpu_s": 0.5, "peak_memory_mb": None}
    ce.add(
        state="running", batch_id="4711", node="c1", attributes={"xcount": 8, "text": "8"}, attempt=attempt
    )
    shown = run("pilots", "show", 1).stdout
    assert shown.startswith("pilot 1: running, batch job 4711 on c1\n")
    assert "  xcount: 8\n  text: '8'\n" in shown
    assert "created_at: 2026-03-01T12:30:00.125Z\n" in shown
    assert "exit_code" not in shown
    assert "  granted:\n    cpus: 8\n" in shown
    assert "  user_cpu_s: 0.5\n" in shown
    assert "peak_memory_mb" not in shown
    assert "2026-03-01T12:30:00.125Z  received  rest:operator  idle   -\n" in shown


def test_a_factorys_pilot_is_shown_with_its_names_and_the_cause_of_its_hold(ce: Ce, run: Run) -> None:
    names = {"account": "osg01", "factory_job": "f#4711.0#1", "door_key": "ce#5.0#1"}
    ce.add(state="held", hold_cause="requested", reason="not now", door="condor", **names)
    lines = run("pilots", "show", 1).stdout.splitlines()
    assert lines[0] == "pilot 1: held (not now)"
    told = ["hold_cause: requested", "door: condor", *(f"{name}: {value}" for name, value in names.items())]
    assert set(told) <= set(lines)


def test_an_unknown_pilot_is_an_error(ce: Ce, run: Run) -> None:
    result = run("pilots", "show", 7)
    assert (result.exit_code, result.stderr) == (1, "error: there is no pilot 7\n")


def test_output_is_exact_to_the_byte(ce: Ce, run: Run) -> None:
    ce.add()
    ce.outputs[1, "stdout"], ce.outputs[1, "stderr"] = EVERY_BYTE, b"\r\nno newline at the end"
    assert run("pilots", "output", 1).stdout_bytes == EVERY_BYTE
    assert run("pilots", "output", 1, "--stderr").stdout_bytes == b"\r\nno newline at the end"


def test_output_that_is_not_here_yet_is_an_error(ce: Ce, run: Run) -> None:
    ce.add()
    result = run("pilots", "output", 1)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "its stdout is not here yet" in result.stderr


def test_pilots_are_removed_with_the_reason(ce: Ce, run: Run) -> None:
    ce.add(), ce.add()
    result = run("pilots", "remove", 1, 2, "--reason", "node c1 & more")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "pilot 1: idle (to be removed: node c1 & more)", "pilot 2: idle (to be removed: node c1 & more)"
    ]  # fmt: skip
    assert [asked.query for asked in ce.calls("DELETE")] == [{"reason": ["node c1 & more"]}] * 2


def test_an_unknown_pilot_does_not_keep_the_others_from_being_removed(ce: Ce, run: Run) -> None:
    ce.add()
    result = run("pilots", "remove", 9, 1, "--json")
    assert result.exit_code == 1
    assert result.stderr == "error: there is no pilot 9\n"
    assert [pilot["id"] for pilot in json.loads(result.stdout)] == [1]


@pytest.mark.parametrize("verb", ["hold", "release"])
def test_pilots_are_held_and_released_with_the_reason(ce: Ce, run: Run, verb: str) -> None:
    for number in (1, 2):
        ce.answers["POST", f"/api/v1/pilots/{number}/{verb}"] = found(ce.add(reason="as asked"), 202)
    result = run("pilots", verb, 1, 2, "--reason", "node c1 & more")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == ["pilot 1: idle (as asked)", "pilot 2: idle (as asked)"]
    assert [asked.query for asked in ce.calls("POST")] == [{"reason": ["node c1 & more"]}] * 2


@pytest.mark.parametrize("verb", ["hold", "release"])
@pytest.mark.parametrize("state", ["completed", "removed", "lost"])
def test_a_pilot_that_is_over_is_not_said_to_be_held_or_released(
    ce: Ce, run: Run, verb: str, state: str
) -> None:
    for number, now in ((1, state), (2, "idle")):
        ce.answers["POST", f"/api/v1/pilots/{number}/{verb}"] = found(ce.add(state=now, reason="gone"), 200)
    result = run("pilots", verb, 1, 2)
    assert (result.exit_code, result.stdout) == (1, "pilot 2: idle (gone)\n")
    said = f"pilot 1: {state} (gone): it is over, so there is nothing to {verb}"
    assert result.stderr == f"error: {said}\n"


def test_a_factorys_pilot_does_not_keep_the_others_from_being_released(ce: Ce, run: Run) -> None:
    elsewhere = "pilot 1 was brought by a factory: release it at the factory: condor_release -name f 7.0"
    ce.answers["POST", "/api/v1/pilots/1/release"] = problem(409, "It is released elsewhere", elsewhere)
    ce.answers["POST", "/api/v1/pilots/2/release"] = found(ce.add(), 202)
    result = run("pilots", "release", 1, 2, "--json")
    assert (result.exit_code, result.stderr) == (1, f"error: {elsewhere}\n")
    assert [pilot["id"] for pilot in json.loads(result.stdout)] == [1]


def test_what_is_wrong_with_all_ends_the_command(ce: Ce, run: Run) -> None:
    ce.answers["POST", "/api/v1/pilots/1/hold"] = problem(503, "Shutting down", "the CE is shutting down")
    result = run("pilots", "hold", 1, 2)
    assert (result.exit_code, len(ce.calls("POST"))) == (1, 1)
    assert "the CE is shutting down" in result.stderr


@pytest.mark.parametrize(("columns", "created"), [(40, "03-01 12:30"), (200, "2026-03-01T12:30:00Z")])
def test_a_terminal_gets_colours_and_nothing_is_cut(ce: Ce, folder: Path, columns: int, created: str) -> None:
    ce.add(state="running", batch_id="4711", reason="[red]on its way[/red]")
    shown = _on_terminal(["pilots", "list"], columns)
    assert "\x1b[36mrunning" in shown
    for text in ("4711", created, "[red]", "way[/red]"):
        assert text in shown
    assert "NODE" not in shown  # no pilot has one


def test_a_narrow_locale_does_not_end_a_listing(ce: Ce) -> None:
    ce.add(reason="a → b")
    command = [sys.executable, "-m", "hosted_ce.cli.main", "pilots", "list"]
    env = os.environ | {"PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(command, check=False, capture_output=True, env=env)
    assert (done.returncode, done.stderr) == (0, b"")
    assert rb"a \u2192 b" in done.stdout


def test_a_reader_that_has_seen_enough_gets_no_traceback(ce: Ce) -> None:
    ce.add()
    ce.outputs[1, "stdout"] = b"x" * 1_000_000
    command = [sys.executable, "-m", "hosted_ce.cli.main", "pilots", "output", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""


def _on_terminal(arguments: list[str], columns: int) -> str:
    ours, theirs = pty.openpty()
    env = os.environ | {"COLUMNS": str(columns), "TERM": "xterm-256color", "NO_COLOR": ""}
    command = [sys.executable, "-m", "hosted_ce.cli.main", *arguments]
    with subprocess.Popen(command, stdout=theirs, stdin=theirs, env=env) as process:
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
    os.close(ours)
    assert process.returncode == 0
    return shown.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says EIO when the other side has closed
        return b""


@pytest.mark.parametrize(
    ("words", "path", "asked"),
    [
        (["adopt", "1", "--batch-id", "4711"], "adopt", {"batch_id": ["4711"], "force": ["false"]}),
        (
            ["abandon", "1", "--force", "--reason", "no job"],
            "abandon",
            {"force": ["true"], "reason": ["no job"]},
        ),
    ],
)
def test_EN6_a_doubt_is_settled(
    ce: Ce, run: Run, words: list[str], path: str, asked: dict[str, list[str]]
) -> None:
    ce.answers["POST", f"/api/v1/pilots/1/{path}"] = found(ce.add(state="idle"))
    assert run("pilots", *words).stdout == "pilot 1: idle\n"
    assert json.loads(run("pilots", *words, "--json").stdout)["id"] == 1
    assert [call.query for call in ce.calls("POST")] == [asked, asked]
