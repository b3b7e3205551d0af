"""What one check found at one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hosted_ce.checks.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Result:
    """`check` is an id of the catalogue; `seen` says in a sentence what was seen, or why nothing was.

    `where`: the login node (`host:port`), route, queue or worker node that it is about; None: all of them.
    `data`: figures behind the sentence, as JSON can hold them.
    """

    check: str
    verdict: Verdict
    seen: str
    where: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
