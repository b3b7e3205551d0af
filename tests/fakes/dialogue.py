"""Talks to a codec in a batch system's place."""

from __future__ import annotations

from typing import TypeVar

from bosco.batch.model import CommandResult
from bosco.batch.protocol import Command, Dialogue

T = TypeVar("T")


def told(dialogue: Dialogue[T], *answers: CommandResult) -> T:
    """What the codec makes of these answers. It must ask for exactly so many."""
    return conversation(dialogue, *answers)[1]


def conversation(dialogue: Dialogue[T], *answers: CommandResult) -> tuple[list[Command], T]:
    """The same, with the commands that it asked for."""
    asked: list[Command] = []
    try:
        asked.append(next(dialogue))
        for answer in answers:
            asked.append(dialogue.send(answer))
    except StopIteration as end:
        assert len(asked) == len(answers), f"{len(answers)} answers to {len(asked)} commands"
        made: T = end.value
        return asked, made
    raise AssertionError(f"no answer is left for {asked[-1].argv}")


def asked(dialogue: Dialogue[T]) -> list[str]:
    """argv of the first command."""
    return list(next(dialogue).argv)
