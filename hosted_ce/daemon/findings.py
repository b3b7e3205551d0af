"""What probes found, held against the site file in force."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hosted_ce.capabilities.finding import Finding
from hosted_ce.capabilities.findings import findings
from hosted_ce.capabilities.record import CapabilityRecord
from hosted_ce.capabilities.wanted import wanted
from hosted_ce.routing.route import Table


@dataclass(frozen=True, slots=True)
class Probed:
    """A record, and what follows from it for the table in force."""

    record: CapabilityRecord
    findings: tuple[Finding, ...]


class Findings:
    """Those of the table in force; worked out again only when it or the record is another."""

    def __init__(self, table: Callable[[], Table]):
        self._table = table
        self._made: dict[str, tuple[Table, Probed]] = {}

    def of(
        self, cluster: str, record: CapabilityRecord | None, poll_s: float, together: int = 1
    ) -> Probed | None:
        """The record with what follows from it; None while there is none."""
        if record is None:
            return None
        table = self._table()
        made = self._made.get(cluster)
        if made is None or made[0] is not table or made[1].record is not record:
            made = table, Probed(record, findings(record.found, wanted(table, cluster, poll_s, together)))
            self._made[cluster] = made
        return made[1]
