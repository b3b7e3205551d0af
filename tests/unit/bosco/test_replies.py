"""Answers of agents at login nodes that are broken, or mean us ill: never more than an error of ours."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bosco.batch.arrays import ArraySubmission
from bosco.errors import Interrupted
from bosco.replies import record_of, told, told_evidence, told_or_none, told_size, told_texts, told_time
from bosco.together import outcomes

RECORD = {"rc": 0, "timed_out": False, "stdout": "17\n", "stderr": "", "began": 1.0}


@pytest.mark.parametrize(
    ("value", "kind"), [(None, int), ("1", int), (True, int), (1, bool), (1.0, int), ([], dict), ("", list)]
)
def test_a_value_of_another_kind_is_no_answer(value: Any, kind: type) -> None:
    with pytest.raises(Interrupted, match="makes no sense: its size is"):
        told({"size": value}, "size", kind)


def test_a_value_of_the_kind_is_taken() -> None:
    assert told({"size": 7}, "size", int) == 7
    assert told_or_none({}, "size", int) is None
    assert told_texts({"missing": ["a"]}, "missing") == ["a"]
    assert told_time({"clock": 7}, "clock") == 7.0


def test_a_long_one_is_not_shown_whole() -> None:
    with pytest.raises(Interrupted) as caught:
        told({"size": "x" * 10_000}, "size", int)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("size", [-1, 2**53, 10**23, "7", True])
def test_a_file_has_as_many_bytes_as_a_file_can_have(size: Any) -> None:
    assert told_size({"size": 7}) == 7
    assert told_size({"size": None}) is None
    with pytest.raises(Interrupted):
        told_size({"size": size})


@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), 10**400, True, "1"])
def test_what_no_clock_shows_is_no_time(value: Any) -> None:
    with pytest.raises(Interrupted):
        told_time({"clock": value}, "clock")


@pytest.mark.parametrize(
    "body", [b"", b"[" * 100_000, b"[]", b'{"a": 1}', b'{"a": {"claimed": true}}', b"\xff"]
)
def test_evidence_of_another_form_is_none(body: bytes) -> None:
    with pytest.raises(Interrupted, match="its evidence"):
        told_evidence(body)


def test_evidence_whose_records_are_no_texts_is_none() -> None:
    said = {"claimed": True, "record": None, "start": 7, "exit": None}
    with pytest.raises(Interrupted):
        told_evidence(json.dumps({"a": said}).encode())


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        "x",
        {},
        {**RECORD, "rc": "0"},
        {**RECORD, "rc": True},
        {**RECORD, "stdout": None},
        {**RECORD, "task": 7},
        {**RECORD, "task": None},
        {**RECORD, "tasks": {"haaaaaaaaaaa000": "_0"}},
        {**RECORD, "task": "_7\x1b[2J"},
        {**RECORD, "task": "x" * 200},
    ],
)
def test_what_a_job_has_written_into_its_ledger_is_on_no_record(said: Any) -> None:
    assert record_of(said) is None


def test_what_an_agent_has_written_there_is() -> None:
    assert record_of(RECORD) == RECORD
    assert record_of({"revoked": True}) == {"revoked": True}


def test_an_array_of_which_nothing_is_told_is_not_asked_for_again() -> None:
    submission = ArraySubmission(("sbatch",), {}, ())
    for reply in ({"claimed": {}}, {"claimed": {"hother": RECORD}}):
        with pytest.raises(Interrupted, match="none was claimed"):
            outcomes(submission, reply, lambda record: "17")
