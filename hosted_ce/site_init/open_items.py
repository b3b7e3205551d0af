"""What is not settled yet, and whose move it is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from hosted_ce.site_init.question import UNKNOWN, Answers, Owner, Question, known
from hosted_ce.site_init.questions.names import LOCAL
from hosted_ce.site_init.standing import asked


@dataclass(frozen=True, slots=True)
class OpenItem:
    """One of them. `question` is the one to answer anew when it is settled."""

    owner: Owner
    what: str
    question: str


def open_items(answers: Answers, unpinned: Sequence[str]) -> list[OpenItem]:
    """All of them, the site's first. `unpinned` are the login nodes whose host keys nobody has confirmed."""
    settled = {"fingerprints"} if not unpinned and known(answers, "login") else set()
    found = [*_of_answers(answers, settled), *_of_host_keys(answers, unpinned)]
    return sorted(found, key=lambda item: item.owner != "the site")


def _of_answers(answers: Answers, settled: Collection[str]) -> Iterator[OpenItem]:
    for question in asked(answers):
        if answers.get(question.id) == UNKNOWN and question.id not in settled:
            yield OpenItem(_owner(question, answers), question.unknown, question.id)


def _owner(question: Question, answers: Answers) -> Owner:
    """Who runs the CE has a name for it."""
    own = answers.get("option") == LOCAL and question.id == "door_host"
    return "the site" if own else question.owner


def _of_host_keys(answers: Answers, unpinned: Sequence[str]) -> Iterator[OpenItem]:
    sent = answers.get("fingerprints", UNKNOWN) != UNKNOWN
    for login in unpinned if sent else ():
        what = f"comparing the host keys of {login} with the fingerprints that the site sent"
        yield OpenItem("OSG", what, "fingerprints")
