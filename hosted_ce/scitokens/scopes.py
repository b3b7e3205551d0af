"""What tokens may ask of a CE: the WLCG profile's compute.* scopes, and HTCondor's. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Scope(StrEnum):
    """What may be done with pilots, in the words of the WLCG Common JWT Profiles, 1.0 and later."""

    READ = "compute.read"
    CREATE = "compute.create"
    MODIFY = "compute.modify"
    CANCEL = "compute.cancel"


_CONDOR = {"condor:/READ": {Scope.READ}, "condor:/WRITE": set(Scope)}
"""HTCondor's own scopes. What may write there may read, too."""


def allowed(words: Iterable[str]) -> frozenset[Scope]:
    """What these scopes allow. Those of other services allow nothing here."""
    found: set[Scope] = set()
    for word in words:
        found |= _CONDOR.get(word, set())
        if word in set(Scope):
            found.add(Scope(word))
    return frozenset(found)
