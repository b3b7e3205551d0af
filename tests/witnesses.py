"""What stood beside a test that failed says what it saw: the ends of its logs, and its answers to questions.

A fixture whose value is a `Witness` is heard. Nothing that goes wrong here hides why the test failed.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol, runtime_checkable

import pytest

LINES = 60
"""So many lines at most are told of each log and each answer, its last ones."""
_LINE_LENGTH = 400

Question = Callable[[], str]


@dataclass(frozen=True)
class Statement:
    """Logs, and questions that are asked when a test has failed, each by words that no other lab has."""

    logs: tuple[Path, ...] = ()
    questions: Mapping[str, Question] = field(default_factory=dict)

    def __or__(self, other: Statement) -> Statement:
        """Both."""
        return Statement((*self.logs, *other.logs), {**self.questions, **other.questions})


@runtime_checkable
class Witness(Protocol):
    """A lab, or a part of one."""

    def testimony(self) -> Statement:
        """What there is to look at now."""


def sections(values: Iterable[object]) -> Iterator[tuple[str, str]]:
    """Title and text of all that the witnesses among these have to say, the same thing once."""
    told: dict[str, Question] = {}
    for witness in values:
        if isinstance(witness, Witness):
            said = _statement(witness)
            told |= {str(log): partial(_end_of, log) for log in said.logs}
            told |= said.questions
    return ((title, _answer(question)) for title, question in told.items())


def last_lines(text: str) -> str:
    """The end of a text, within the bounds."""
    lines = text.rstrip().splitlines()
    before = [f"({len(lines) - LINES} lines before)"] if len(lines) > LINES else []
    return "\n".join([*before, *(line[:_LINE_LENGTH] for line in lines[-LINES:])])


def _statement(witness: Witness) -> Statement:
    try:
        return witness.testimony()
    except Exception as error:
        return Statement((), {repr(witness): partial(str, f"(nothing was said: {error!r})")})


def _answer(question: Question) -> str:
    try:
        return last_lines(question()) or "(nothing)"
    except Exception as error:  # what is broken, or gone, is told of as well
        return f"(no answer: {error!r})"


def _end_of(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - LINES * _LINE_LENGTH))
        return file.read().decode(errors="replace")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds it to the report of a failure."""
    report = yield
    if report.failed:
        item.config.hook.pytest_timeout_cancel_timer(item=item)  # the test is over: its time is, too
        report.sections.extend(sections(getattr(item, "funcargs", {}).values()))
    return report
