"""Every check that there is, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Mapping

from hosted_ce.checks.kind import CheckKind, Family, Where
from hosted_ce.checks.kinds.account import ACCOUNT
from hosted_ce.checks.kinds.batch import BATCH
from hosted_ce.checks.kinds.connection import CONNECTION
from hosted_ce.checks.kinds.node import NODE

__all__ = ["CATALOGUE", "CheckKind", "Family", "UnknownCheck", "Where", "kind_of"]

CATALOGUE: Mapping[str, CheckKind] = {kind.id: kind for kind in (*CONNECTION, *ACCOUNT, *BATCH, *NODE)}
"""By id. What a check needs comes before it."""
_BY_NAME = {kind.name: kind for kind in CATALOGUE.values()}


class UnknownCheck(ValueError):
    """There is no check of this id or name."""


def kind_of(word: str) -> CheckKind:
    """By id, in any case, or by name. Raises UnknownCheck."""
    found = CATALOGUE.get(word.upper()) or _BY_NAME.get(word.lower())
    if found is None:
        raise UnknownCheck(f"there is no check {word}; `hosted-ce site check --list` shows all")
    return found
