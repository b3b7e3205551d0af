"""What a question is, and what an answer is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

UNKNOWN = "unknown"
"""The answer of somebody who does not know yet: an open item of the letter, and a mark in the site file."""

NONE = "none"
"""The answer that there is no such thing: the site file leaves it out."""

Value = str | int | bool | list[str]
"""An answer as `answers.yaml` has it: UNKNOWN, NONE, or what the question's kind makes of a text."""

Answers = Mapping[str, Value]
"""Answers by the ids of their questions."""

Owner = Literal["the site", "OSG"]

Place = tuple[str, ...]
"""Keys of the site file from its top. A route is named where the file has its number."""


def always(answers: Answers) -> bool:
    """A question that everybody is asked."""
    return True


def no_default(answers: Answers) -> str | None:
    """A question that has no answer which is right for most."""
    return None


def fixed(text: str) -> Callable[[Answers], str]:
    """The same default for everybody."""
    return lambda answers: text


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that the kickoff settles. Its texts are for a site's administrator, unless `owner` is OSG."""

    id: str
    """Name of the command's option, and key in `answers.yaml`."""
    title: str
    why: str
    """One paragraph: what is meant, and why it is asked."""
    example: str
    kind: str
    """What answers look like: a name in `hosted_ce.site_init.kinds`."""
    owner: Owner = "the site"
    """Who knows the answer."""
    default: Callable[[Answers], str | None] = no_default
    """What Enter stands for, from the answers before it; None: there is no such thing."""
    unknown: str = ""
    """What the letter calls it while it is not known; empty: nothing can be written without it."""
    asked_if: Callable[[Answers], bool] = always
    """Whether it has a meaning for these answers: it sees those of the questions before it."""
    choices: Mapping[str, str] = field(default_factory=dict)
    """Where an answer is one of a few: each, and what it means."""
    place: Place = ()
    """Where the site file has the answer as it is; empty: it goes elsewhere, or is said in another way."""
    stands_in: Value | None = None
    """What the site file has there while it is not known; None: a comment only."""


def known(answers: Answers, question: str) -> Value | None:
    """The answer, or None where there is none, or none yet."""
    value = answers.get(question)
    return None if value in (UNKNOWN, NONE) else value
