"""Edits: as few calls as can be, in an order that tells nothing false, with values that stay values."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.intake.condor.edits import Edit, Order, Value, grouped, jobs_constraint, literal
from tests.fakes.classads import evaluate

jobs = st.builds("{}.{}".format, st.integers(1, 99), st.integers(0, 3))
edits = st.builds(
    Edit,
    jobs,
    st.sampled_from(["A", "B"]),
    st.sampled_from([1, "x", True]),
    st.sampled_from(Order),
    st.sampled_from([None, "JobStatus == 1"]),
)


@given(st.lists(edits, unique_by=lambda edit: (edit.job, edit.attribute, edit.order)))
def test_every_edit_is_in_one_call_in_its_order(some: list[Edit]) -> None:
    calls = grouped(some)
    made = [(job, call.attribute, call.value, call.guard) for call in calls for job in call.jobs]
    wanted = [(e.job, e.attribute, literal(e.value), e.guard) for e in some]
    assert sorted(made, key=repr) == sorted(wanted, key=repr)
    order = {(e.job, e.attribute, literal(e.value), e.guard): e.order for e in some}
    if len(order) == len(some):
        orders = [order[made_one] for made_one in made]
        assert orders == sorted(orders)


def test_jobs_that_get_the_same_value_share_a_call() -> None:
    some = [Edit(f"{i}.0", "JobStatus", 2, Order.STATUS, "JobStatus == 1") for i in range(1, 200)]
    [call] = grouped(some)
    assert len(call.jobs) == 199
    assert evaluate(call.constraint, {"ClusterId": 150, "ProcId": 0, "JobStatus": 1}) is True
    assert evaluate(call.constraint, {"ClusterId": 150, "ProcId": 0, "JobStatus": 5}) is False
    assert evaluate(call.constraint, {"ClusterId": 200, "ProcId": 0, "JobStatus": 1}) is False


def test_one_and_true_are_not_the_same_value() -> None:
    assert [call.value for call in grouped([Edit("1.0", "A", 1), Edit("2.0", "A", True)])] == ["1", "true"]


def test_nothing_to_edit_is_no_call() -> None:
    assert grouped([]) == []


@given(st.lists(jobs, min_size=1, unique=True), jobs)
def test_a_constraint_selects_its_jobs_and_no_others(some: list[str], other: str) -> None:
    constraint = jobs_constraint(some)
    for job in {*some, other}:
        cluster, process = map(int, job.split("."))
        chosen = evaluate(constraint, {"ClusterId": cluster, "ProcId": process}) is True
        assert chosen == (job in some)


@given(st.text())
def test_any_text_is_one_string_literal(text: str) -> None:
    found = evaluate(literal(text), {})
    assert isinstance(found, str)
    assert len(found) == len(text)
    for was, now in zip(text, found, strict=True):
        assert now in {was, "/" if was == "\\" else " "}
        assert was.isprintable() or now == " "


@given(st.text(), st.text())
def test_no_text_ends_its_literal(before: str, after: str) -> None:
    """Whatever stands beside it stays what it is: the value of B is in no case written by A."""
    line = f'strcat({literal(before)}, "|", {literal(after)})'
    expected = f"{evaluate(literal(before), {})}|{evaluate(literal(after), {})}"
    assert evaluate(line, {}) == expected


@given(st.text())
def test_a_literal_is_one_line_of_utf8(text: str) -> None:
    assert len(literal(text).encode().splitlines()) == 1


@given(st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats())
def test_numbers_and_truths_stay_what_they_are(value: Value) -> None:
    found = evaluate(literal(value), {})
    assert type(found) is type(value)
    assert found == value or (isinstance(value, float) and math.isnan(value) and math.isnan(found))


@pytest.mark.parametrize("end", ["\\", '\\"', '"', "\n", '\\\\"; X = "'])
def test_what_once_ended_literals(end: str) -> None:
    assert literal("a" + end).endswith('"')
    assert str(evaluate(literal("a" + end), {})).startswith("a")
