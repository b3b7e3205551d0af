"""What holds for every codec, whatever a site prints: it asks little, raises what it may, invents nothing."""

from __future__ import annotations

import contextlib
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bosco.batch.facts import Records
from bosco.batch.model import CommandResult
from bosco.batch.protocol import BatchSystem, Dialogue
from bosco.batch.registry import SYSTEMS
from bosco.batch.stamps import STAMP
from bosco.errors import Failed, Interrupted

MOST_COMMANDS = 20
MOST_PROBE_COMMANDS = 7
"""The last one only ends the dialogue: six are run at most."""
T = TypeVar("T")
IDS = [str(number) for number in range(1, 13)]
everyone = pytest.mark.parametrize("system", [make() for make in SYSTEMS.values()], ids=SYSTEMS.keys())
unhurried = settings(deadline=None, max_examples=60)
outputs = st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))
codes = st.sampled_from([0, 0, 0, 1, 2, 127, 153, 255, -9])
answers = st.lists(
    st.builds(CommandResult, codes, outputs, outputs, st.booleans()),
    min_size=MOST_COMMANDS, max_size=MOST_COMMANDS,
)  # fmt: skip
broken = st.lists(
    st.builds(CommandResult, st.sampled_from([1, 2, 127, 255, -9]), outputs, st.just(b"no route to host")),
    min_size=MOST_COMMANDS, max_size=MOST_COMMANDS,
)  # fmt: skip


def heard(dialogue: Dialogue[T], given_answers: list[CommandResult]) -> T:
    """What comes of it. Fails when it asks on and on."""
    try:
        command = next(dialogue)
        for answer in given_answers:
            assert command.argv
            assert all(isinstance(word, str) and "\0" not in word for word in command.argv)
            command = dialogue.send(answer)
    except StopIteration as end:
        made: T = end.value
        return made
    raise AssertionError(f"more than {MOST_COMMANDS} commands")


@everyone
@unhurried
@given(given_answers=answers)
def test_whatever_is_printed_is_read_without_an_error(
    system: BatchSystem, given_answers: list[CommandResult]
) -> None:
    for dialogue in (
        system.listing("osg01"),
        system.accounting("osg01", 1.7e9, stamps=["h" * 15], batch_ids=IDS),
    ):
        listing = heard(dialogue, given_answers)
        assert listing is not None
        assert listing.complete or listing.problem
        assert all(STAMP.match(job.stamp) and job.batch_id for job in listing.observations)


@everyone
@unhurried
@given(given_answers=broken)
def test_a_command_that_failed_proves_no_absence(
    system: BatchSystem, given_answers: list[CommandResult]
) -> None:
    listing = heard(system.listing("osg01"), given_answers)
    assert listing is not None
    assert not listing.complete


@everyone
@unhurried
@given(given_answers=answers, gentle=st.booleans())
def test_a_cancel_was_taken_or_failed(
    system: BatchSystem, given_answers: list[CommandResult], gentle: bool
) -> None:
    with contextlib.suppress(Failed):
        assert heard(system.cancel(IDS, gentle=gentle), given_answers) is None


@everyone
@unhurried
@given(answer=st.builds(CommandResult, codes, outputs, outputs, st.booleans()))
def test_a_submission_gave_an_id_or_a_no_or_a_doubt(system: BatchSystem, answer: CommandResult) -> None:
    with contextlib.suppress(Failed, Interrupted):
        assert system.submitted(answer)
        assert answer.complete


@everyone
@unhurried
@given(given_answers=answers)
def test_a_probe_reads_whatever_is_printed_and_guesses_nothing(
    system: BatchSystem, given_answers: list[CommandResult]
) -> None:
    facts = heard(system.probe("osg01"), given_answers[:MOST_PROBE_COMMANDS])
    for name in ("version", "queues", "remembers_s"):
        assert getattr(facts, name) is not None or facts.unknown[name]
    assert facts.records is Records.ON or facts.unknown["records"]
    assert all(facts.unknown.values())


@everyone
@unhurried
@given(given_answers=broken)
def test_a_probe_whose_commands_fail_finds_no_fault_with_the_account(
    system: BatchSystem, given_answers: list[CommandResult]
) -> None:
    facts = heard(system.probe("osg01"), given_answers[:MOST_PROBE_COMMANDS])
    assert (facts.queues, facts.problems, facts.most_jobs) == (None, (), None)
    assert facts.records is not Records.ON
