"""`hosted-ce pilots submit`: requests that are whole, sent again safely, and never twice by mistake."""

from __future__ import annotations

import base64
import hashlib
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hosted_ce.cli.pilots.submission import AT_ONCE

from .ce import Ce, problem
from .conftest import Run

SCRIPT = b"#!/bin/sh\necho hello\n"
LARGE = bytes(range(256)) * 300


@pytest.fixture(autouse=True)
def _job(folder: Path) -> None:
    (folder / "job.sh").write_bytes(SCRIPT)


def test_a_request_has_everything_that_was_said(ce: Ce, run: Run, folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "in.txt").write_bytes(b"\x00\xff")
    (folder / "tool").write_bytes(b"tool")
    (folder / "tool").chmod(0o755)
    result = run(
        "pilots", "submit", "job.sh", "plain", "--input", "data/in.txt", "--input", "tool", "--env", "A=b=c",
        "--env", "EMPTY=", "--attribute", "Entry=x", "--", "--dash", "two words", "",
    )  # fmt: skip
    assert (result.exit_code, result.stdout) == (0, "pilot 1: idle\n")
    (asked,) = ce.asked
    assert (asked.method, asked.path) == ("POST", "/api/v1/pilots")
    assert asked.json == {
        "executable": "job.sh",
        "arguments": ["plain", "--dash", "two words", ""],
        "environment": {"A": "b=c", "EMPTY": ""},
        "attributes": {"Entry": "x"},
        "inputs": [
            {"name": "job.sh", "executable": True, "content": _base64(SCRIPT)},
            {"name": "in.txt", "executable": False, "content": _base64(b"\x00\xff")},
            {"name": "tool", "executable": True, "content": _base64(b"tool")},
        ],
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5), ("-5", -5), ("+5", 5), ("1.5", 1.5), (".5", 0.5), ("2e3", 2000.0),
        ("true", True), ("False", False), ("", ""), ("x y", "x y"), ("5 ", "5 "),
        ('"5"', "5"), ('"true"', "true"), ('""', ""), ('"', '"'), ('"a', '"a'),
        ("1_000", "1_000"), ("nan", "nan"), ("inf", "inf"), ("0x10", "0x10"), ("٣", "٣"), ("1e", "1e"),
    ],
)  # fmt: skip
def test_attribute_values_have_the_type_that_they_look_like(
    ce: Ce, run: Run, text: str, value: object
) -> None:
    assert run("pilots", "submit", "job.sh", "--attribute", f"X={text}").exit_code == 0
    found = ce.asked[0].json["attributes"]["X"]
    assert (found, type(found)) == (value, type(value))


def test_short_options_set_the_attributes_of_htcondor_ce(ce: Ce, run: Run) -> None:
    run("pilots", "submit", "job.sh", "--cpus", 8, "--memory", "4GB", "--walltime", "90s", "--queue", "osg")
    assert ce.asked[0].json["attributes"] == {
        "xcount": 8,
        "maxMemory": 4096,
        "maxWallTime": 2,
        "queue": "osg",
    }


@pytest.mark.parametrize(
    ("text", "minutes"), [("2h", 120), ("61s", 2), ("60s", 1), ("1d 12h", 2160), ("1:00:00", 60)]
)
def test_walltime_is_whole_minutes_never_too_few(ce: Ce, run: Run, text: str, minutes: int) -> None:
    run("pilots", "submit", "job.sh", "--walltime", text)
    assert ce.asked[0].json["attributes"] == {"maxWallTime": minutes}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--memory", "4"], "4 has no unit"),
        (["--walltime", "2"], "2 has no unit"),
        (["--env", "novalue"], "--env 'novalue': write NAME=VALUE"),
        (["--attribute", "=5"], "--attribute '=5': write NAME=VALUE"),
        (["--env", "A=1", "--env", "A=2"], "--env gives A twice"),
        (["--cpus", "4", "--attribute", "XCount=5"], "--cpus sets xcount, which --attribute sets too"),
        (["--cpus", "0"], "--cpus"),
        (["--key", "é"], "--key"),
        (["--key", ""], "--key"),
        (["--input", "nothing.txt"], "nothing.txt"),
        (["--dash"], "No such option: --dash"),
    ],
)
def test_wrong_usage_is_told_and_nothing_is_sent(ce: Ce, run: Run, arguments: list[str], told: str) -> None:
    result = run("pilots", "submit", "job.sh", *arguments)
    assert result.exit_code == 2
    assert told in result.stderr
    assert ce.asked == []


def test_every_submission_has_a_key_of_its_own(ce: Ce, run: Run) -> None:
    for _ in range(2):
        run("pilots", "submit", "job.sh")
    first, second = (asked.headers["Idempotency-Key"] for asked in ce.asked)
    assert first != second
    assert len(first) == 32


def test_a_request_whose_answer_was_lost_is_sent_again_with_the_same_key(ce: Ce, run: Run) -> None:
    ce.break_next = 2
    result = run("pilots", "submit", "job.sh")
    assert (result.exit_code, result.stdout) == (0, "pilot 1: idle\n")
    assert len(ce.asked) == 3
    assert len({(asked.headers["Idempotency-Key"], asked.body) for asked in ce.asked}) == 1
    assert len(ce.pilots) == 1


def test_after_giving_up_it_says_how_to_go_on_without_a_second_pilot(ce: Ce, run: Run) -> None:
    ce.break_next = 4
    result = run("pilots", "submit", "job.sh")
    assert result.exit_code == 3
    key = result.stderr.split("--key ")[1].split()[0]
    assert "0 of 1 were certainly submitted" in result.stderr
    assert run("pilots", "submit", "job.sh", "--key", key).stdout == "pilot 1: idle\n"
    assert len(ce.pilots) == 1


def test_the_same_key_gives_the_same_pilot(ce: Ce, run: Run) -> None:
    for _ in range(2):
        result = run("pilots", "submit", "job.sh", "--key", "mine", "--json")
        assert json.loads(result.stdout)["id"] == 1


def test_count_submits_many_each_with_its_own_key(ce: Ce, run: Run) -> None:
    result = run("pilots", "submit", "job.sh", "--count", 3, "--key", "mine", "--json")
    assert [(pilot["id"], pilot["door_key"]) for pilot in json.loads(result.stdout)] == [
        (1, "mine-1"), (2, "mine-2"), (3, "mine-3"),
    ]  # fmt: skip
    [asked] = ce.asked
    assert (asked.path, asked.headers["Idempotency-Key"]) == ("/api/v1/pilots/batch", "mine")
    assert (asked.json["first"], asked.json["count"], asked.json["executable"]) == (1, 3, "job.sh")
    again = run("pilots", "submit", "job.sh", "--count", 4, "--key", "mine")
    assert again.stdout.splitlines() == [f"pilot {number}: idle" for number in (1, 2, 3, 4)]


def test_many_go_in_several_requests_under_one_key(ce: Ce, run: Run) -> None:
    ce.break_next = 1
    result = run("pilots", "submit", "job.sh", "--count", 2 * AT_ONCE + 1, "--key", "mine")
    assert len(result.stdout.splitlines()) == len(ce.pilots) == 2 * AT_ONCE + 1
    sent = [(asked.json["first"], asked.json["count"]) for asked in ce.asked]
    assert sent == [(1, 100), (1, 100), (101, 100), (201, 1)]


def test_json_is_an_array_whenever_a_count_is_given(ce: Ce, run: Run) -> None:
    assert isinstance(json.loads(run("pilots", "submit", "job.sh", "--count", 1, "--json").stdout), list)
    assert isinstance(json.loads(run("pilots", "submit", "job.sh", "--json").stdout), dict)


@pytest.mark.parametrize("json_option", [[], ["--json"]])
def test_a_failure_midway_tells_what_is_submitted_and_how_to_go_on(
    ce: Ce, run: Run, monkeypatch: pytest.MonkeyPatch, json_option: list[str]
) -> None:
    healthy = ce.answer
    full = problem(503, "Shutting down", "the CE is shutting down")
    monkeypatch.setattr(ce, "answer", lambda asked: full if len(ce.pilots) == AT_ONCE else healthy(asked))
    result = run("pilots", "submit", "job.sh", "--count", AT_ONCE + 5, "--key", "mine", *json_option)
    assert result.exit_code == 1
    assert result.stderr == (
        "error: the CE is shutting down\n"
        "100 of 105 were certainly submitted: the same command with --key mine submits the rest, "
        "and none twice\n"
    )
    told = [p["id"] for p in json.loads(result.stdout)] if json_option else result.stdout.splitlines()
    assert len(told) == AT_ONCE


@pytest.mark.parametrize("status", [500, 503, 504])
def test_a_failure_that_leaves_open_whether_they_were_submitted_tells_the_key(
    ce: Ce, run: Run, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr(ce, "answer", lambda _: problem(status, "Away", "nobody knows"))
    result = run("pilots", "submit", "job.sh", "--count", 3)
    assert result.exit_code == 1
    assert "0 of 3 were certainly submitted: the same command with --key " in result.stderr


def test_a_refusal_is_final_and_tells_no_key(ce: Ce, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ce, "answer", lambda _: problem(403, "No", "you may not"))
    assert run("pilots", "submit", "job.sh", "--count", 3).stderr == "error: you may not\n"


def test_a_large_file_is_uploaded_once_for_many_pilots(ce: Ce, run: Run, folder: Path) -> None:
    (folder / "large.bin").write_bytes(LARGE)
    (folder / "edge.bin").write_bytes(b"x" * 64 * 1024)
    checksum = hashlib.sha256(LARGE).hexdigest()
    for _ in range(2):
        assert run("pilots", "submit", "job.sh", "--input", "large.bin", "--count", 2).exit_code == 0
    assert [asked.method for asked in ce.asked] == ["HEAD", "PUT", "POST", "HEAD", "POST"]
    assert ce.files == {checksum: LARGE}
    assert ce.calls("POST")[0].json["inputs"][1] == {
        "name": "large.bin",
        "executable": False,
        "sha256": checksum,
    }
    run("pilots", "submit", "job.sh", "--input", "edge.bin")
    assert "content" in ce.asked[-1].json["inputs"][1]


def test_an_upload_that_breaks_is_tried_again(ce: Ce, run: Run, folder: Path) -> None:
    (folder / "large.bin").write_bytes(LARGE)
    ce.break_next = 3
    assert run("pilots", "submit", "job.sh", "--input", "large.bin").exit_code == 0
    assert list(ce.files.values()) == [LARGE]


def test_without_a_ce_nothing_is_doubtful(run: Run) -> None:
    result = run("pilots", "submit", "job.sh")
    assert result.exit_code == 3
    assert "--key" not in result.stderr


def test_waiting_tells_the_way_and_succeeds_with_the_pilot(ce: Ce, run: Run) -> None:
    ce.life = [{"state": "running", "batch_id": "47"}, {}, {"state": "completed", "exit_code": 0}]
    result = run("pilots", "submit", "job.sh", "--wait")
    assert result.exit_code == 0
    assert result.stdout == "pilot 1: idle\npilot 1: completed, batch job 47, exit 0\n"
    assert result.stderr == "waiting for pilot 1\npilot 1: running, batch job 47\n"


@pytest.mark.parametrize(
    "end",
    [
        {"state": "completed", "exit_code": 3},
        {"state": "completed", "exit_signal": 9},
        {"state": "removed"},
        {"state": "lost"},
        {"state": "held"},
    ],
)
def test_waiting_fails_unless_the_pilot_came_back_well(ce: Ce, run: Run, end: dict[str, object]) -> None:
    ce.life = [end]
    result = run("pilots", "submit", "job.sh", "--wait", "--json")
    assert result.exit_code == 1
    assert end.items() <= json.loads(result.stdout).items()


def test_waiting_for_many_needs_all_of_them(ce: Ce, run: Run) -> None:
    ce.life = [{"state": "completed", "exit_code": 0}, {"state": "lost"}]
    result = run("pilots", "submit", "job.sh", "--count", 2, "--wait", "--json")
    assert result.exit_code == 1
    assert [pilot["state"] for pilot in json.loads(result.stdout)] == ["completed", "lost"]
    assert "waiting for pilots 1, 2" in result.stderr


def test_waiting_survives_a_restart_of_the_ce(ce: Ce, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    healthy, looks = ce.answer, []

    def restarting(asked: object) -> tuple[int, bytes, str]:
        looks.append(asked)
        if 2 <= len(looks) < 12:
            ce.break_next = 1
        return healthy(asked)  # type: ignore[arg-type]

    monkeypatch.setattr(ce, "answer", restarting)
    ce.life = [{}] * 10 + [{"state": "completed", "exit_code": 0}]
    result = run("pilots", "submit", "job.sh", "--wait")
    assert result.exit_code == 0
    assert result.stderr.count("waiting for the CE to come back") == 1


def test_waiting_ends_when_the_ce_does_not_know_the_pilot(ce: Ce, run: Run) -> None:
    ce.answers["GET", "/api/v1/pilots/1"] = problem(404, "No such pilot", "there is no pilot 1")
    result = run("pilots", "submit", "job.sh", "--wait")
    assert (result.exit_code, result.stdout) == (1, "pilot 1: idle\n")


def test_an_interrupted_wait_ends_quietly(ce: Ce) -> None:
    command = [sys.executable, "-m", "hosted_ce.cli.main", "pilots", "submit", "job.sh", "--wait"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == b"waiting for pilot 1\n"
        process.send_signal(signal.SIGINT)
        assert (process.wait(), process.stderr.read()) == (130, b"")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
