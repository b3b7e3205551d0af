"""What is taken down besides the API's requests: the factory's door, and what the CE does by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from hosted_ce.api.views import ClusterView, Contact
from hosted_ce.audit.log import Auditor
from hosted_ce.audit.record import Outcome, Record
from hosted_ce.daemon.cluster import ContactSince
from hosted_ce.intake.rest import DOOR as REST
from hosted_ce.pilots.pilot import Change
from hosted_ce.pilots.states import Stage

BY_ITSELF = frozenset({"engine", "site"})
"""Actors of events that nobody decided."""
LOOK_S = 2.0


class DoorAudit:
    """A listener for the store: what came through a door other than the API, which has its own records."""

    def __init__(self, auditor: Auditor):
        self._auditor = auditor

    def changes(self, changes: Sequence[Change]) -> None:
        """Never waits."""
        for change in changes:
            if record := record_of(change):
                self._auditor.note(record)


def record_of(change: Change) -> Record | None:
    """The decision in a change; None: there was none, or the API has it."""
    pilot, event = change.pilot, change.event
    if event is None:
        if pilot.door == REST or change.update.get("stage") is not Stage.WAITING:
            return None
        return Record(pilot.door, pilot.owner, "submit_pilot", Outcome.ALLOWED, facts=_of(change))
    if event.actor in BY_ITSELF or event.actor.startswith(f"{REST}:"):
        return None
    return Record(pilot.door, event.actor, event.what, Outcome.ALLOWED, event.reason, _of(change))


def _of(change: Change) -> dict[str, Any]:
    pilot = change.pilot
    issuer, comma, subject = pilot.owner.rpartition(",")
    whose = {"issuer": issuer, "subject": subject} if comma else {}
    return {"pilot": pilot.id, **whose, "account": pilot.account, "factory_job": pilot.factory_job}


class KeyAudit:
    """Takes down when the key of a cluster was used to log in, and when it was refused.

    `clusters` are asked for only when `contacts`, by the names of clusters, are not what they were.
    """

    def __init__(
        self,
        auditor: Auditor,
        contacts: Callable[[], Mapping[str, ContactSince]],
        clusters: Callable[[], Iterable[ClusterView]],
    ):
        self._auditor, self._contacts, self._clusters = auditor, contacts, clusters
        self._known: Mapping[str, ContactSince] = {}

    async def run(self) -> None:
        """Runs for ever."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_S)

    def look(self) -> None:
        """Compares with what was so the last time."""
        contacts = self._contacts()
        changed = {name for name, contact in contacts.items() if self._known.get(name) != contact}
        for cluster in self._clusters() if changed else ():
            if cluster.name in changed:
                self._note(cluster)
        self._known = contacts

    def _note(self, cluster: ClusterView) -> None:
        if cluster.contact not in (Contact.READY, Contact.REFUSED):
            return
        ready = cluster.contact is Contact.READY
        facts = {"cluster": cluster.name, "account": cluster.account, "login": ", ".join(cluster.logins)}
        outcome = Outcome.ALLOWED if ready else Outcome.REFUSED
        self._auditor.note(Record("ce", None, "use_key", outcome, None if ready else cluster.problem, facts))
