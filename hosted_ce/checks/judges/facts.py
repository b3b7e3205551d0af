"""All that the judges of a login node and its batch system go by."""

from __future__ import annotations

from dataclasses import dataclass, field

from bosco.approach import Approach
from bosco.examined import Examination
from hosted_ce.capabilities.wanted import Wanted


@dataclass(frozen=True, slots=True)
class Strangers:
    """Stamps at the site that our CE does not know."""

    folders: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known so far of one cluster, and what the site file wants of it.

    `strangers` is None where nobody knows the CE's own stamps.
    """

    wanted: Wanted
    approaches: tuple[Approach, ...] = ()
    """Of each login node; none where the CE runs beside the batch system."""
    known: Examination = field(default_factory=Examination)
    has_scratch: bool = False
    """Whether pilots run elsewhere than in the spool."""
    strangers: Strangers | None = None
