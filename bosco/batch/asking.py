"""What the codecs' probes have in common: an answer is text, or a reason why something is not known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bosco.batch.answers import said
from bosco.batch.model import CommandResult


@dataclass(slots=True)
class Answers:
    """Collects why facts are not known, by their names in BatchFacts."""

    unknown: dict[str, str] = field(default_factory=dict)

    def text(self, result: CommandResult, command: str, *facts: str) -> str:
        """What the command printed; nothing if it failed: then these facts are not known."""
        if result.complete and result.exit_code == 0:
            return result.stdout.decode("utf-8", "replace")
        for fact in facts:
            self.unknown.setdefault(fact, f"{command}: {said(result)}")
        return ""

    def missing(self, fact: str, why: str) -> None:
        """This fact is not known, unless there is a reason already."""
        self.unknown.setdefault(fact, why)


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
