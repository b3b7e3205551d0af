"""What the codecs' probes have in common: an answer is text, or a reason why something is not known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bosco.batch.answers import said
from bosco.batch.facts import BatchFacts
from bosco.batch.model import CommandResult

NO_SUCH_COMMAND = 127
_NUMBER = re.compile(r"[0-9]{1,15}\Z")
_OUGHT = ("version", "queues", "remembers_s")
"""What every batch system has."""


@dataclass(slots=True)
class Answers:
    """Collects why facts are not known, by their names in BatchFacts."""

    unknown: dict[str, str] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def text(self, result: CommandResult, command: str, *facts: str) -> str:
        """What the command printed; nothing if it failed: then these facts are not known."""
        if result.complete and result.exit_code == 0:
            return result.stdout.decode("utf-8", "replace")
        if result.exit_code != NO_SUCH_COMMAND:  # that does not mend itself
            self.failed.append(command)
        for fact in facts:
            self.unknown.setdefault(fact, f"{command}: {said(result)}")
        return ""

    def missing(self, fact: str, why: str) -> None:
        """This fact is not known, unless there is a reason already."""
        self.unknown.setdefault(fact, why)

    def complete(self, facts: BatchFacts) -> BatchFacts:
        """The facts with the reasons; what a batch system must have and did not tell has one, too."""
        for name in _OUGHT:
            if getattr(facts, name) is None:
                self.missing(name, "what it printed is in no form that is known")
        told = facts.queues if "queues" not in self.unknown else None
        return replace(facts, queues=told, unknown=self.unknown, failed=tuple(self.failed))


def number(text: str | None) -> int | None:
    """A whole number; None for anything else."""
    return int(text) if text and _NUMBER.match(text) else None


def settings(text: str) -> Iterator[tuple[str, str]]:
    """Lines of `name = value`."""
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if equals:
            yield name.strip(), value.strip()


def most(*values: int | None) -> int | None:
    """The largest of those that are known."""
    return max((value for value in values if value is not None), default=None)


def least(*values: int | None) -> int | None:
    """The smallest of those that are known: all of these limits hold."""
    return min((value for value in values if value is not None), default=None)
