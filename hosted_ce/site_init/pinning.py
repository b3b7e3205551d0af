"""Which host keys may be pinned: those whose fingerprints the site gave, and no others without a person."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol


class ShownKey(Protocol):
    """A host key that a login node showed."""

    @property
    def fingerprint(self) -> str:
        """As ssh-keygen prints it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`proven` may be pinned. `ask`: nobody said what is right, so that a person has to compare."""

    proven: Sequence[int]
    """Their numbers among the keys that were shown."""
    ask: bool = False

    @property
    def refused(self) -> bool:
        """The site told its fingerprints, and this node shows none of them."""
        return not self.proven and not self.ask


def compare(shown: Sequence[ShownKey], given: Collection[str]) -> Verdict:
    """What the fingerprints that the site gave say about the keys that a node showed."""
    if not given:
        return Verdict((), ask=True)
    return Verdict([number for number, key in enumerate(shown) if key.fingerprint in given])
