"""What the door remembers of its jobs between two ticks. All of it can be read again from queue and store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hosted_ce.intake.condor.attributes import HOLDS_DEALT_WITH, SHOWN, STATUS_DEALT_WITH
from hosted_ce.intake.condor.edits import Edit, Undefined, Value
from hosted_ce.intake.condor.job import JobStatus, QueuedJob
from hosted_ce.pilots.pilot import Pilot

_OURS_ALONE = frozenset({*SHOWN, STATUS_DEALT_WITH, HOLDS_DEALT_WITH})


@dataclass(slots=True)
class Known:
    """A job and its pilot. `told` are the attributes of its ad that only we write, as it has them."""

    job: QueuedJob
    pilot: Pilot
    told: dict[str, Value] = field(default_factory=dict)
    credentials: dict[str, str] = field(default_factory=dict)
    """SHA-256 of the input files that may be renewed, as the pilot's request has them, by name."""
    seen: Mapping[str, tuple[int, int]] | None = None
    """Times and sizes of those files when they were looked at last."""

    def looked_at(self, job: QueuedJob) -> None:
        """The job as the queue has it now.

        Without the marks that it was given it is as it was before: a schedd that is killed may lose the last
        edits, and be back before anybody asks. Then all of them are news again.
        """
        if job.dealt_with != self.job.dealt_with:
            self.told.clear()
        self.job = job

    def news(self, edits: Iterable[Edit]) -> Iterator[Edit]:
        """Those of the edits that say something new."""
        return (edit for edit in edits if self.told.get(edit.attribute, "") != edit.value)

    def was_told(self, edits: Iterable[Edit]) -> None:
        """The edits were made; a guarded one maybe not, and then the next query shows it."""
        status, holds = self.job.dealt_with
        for edit in edits:
            if isinstance(edit.value, Undefined):
                self.job = replace(self.job, reason=None)
                continue
            if edit.attribute in _OURS_ALONE:
                self.told[edit.attribute] = edit.value
            if edit.attribute == STATUS_DEALT_WITH:
                status = int(edit.value)
            elif edit.attribute == HOLDS_DEALT_WITH:
                holds = int(edit.value)
            elif edit.attribute == "JobStatus":
                self.job = replace(self.job, status=JobStatus(int(edit.value)))
            elif edit.attribute == "Managed":
                self.job = replace(self.job, managed=str(edit.value))
            elif edit.attribute == "HoldReasonCode":
                self.job = replace(self.job, hold_code=int(edit.value))
        self.job = replace(self.job, dealt_with=(status, holds))


class Jobs:
    """All jobs that have a pilot, by GlobalJobId and by pilot."""

    def __init__(self) -> None:
        self._by_key: dict[str, Known] = {}
        self._by_pilot: dict[int, Known] = {}

    def __iter__(self) -> Iterator[Known]:
        return iter(list(self._by_key.values()))

    def __len__(self) -> int:
        return len(self._by_key)

    def of_key(self, key: str) -> Known | None:
        """By GlobalJobId."""
        return self._by_key.get(key)

    def of_pilot(self, pilot_id: int) -> Known | None:
        """By the pilot's number."""
        return self._by_pilot.get(pilot_id)

    def put(self, job: QueuedJob, pilot: Pilot, ad: Mapping[str, Any] | None = None) -> Known:
        """The job as it is now, with its pilot; what the ad says was told it."""
        known = self._by_key.get(job.key)
        if known is None:
            known = Known(job, slim(pilot))
            self._by_key[job.key] = self._by_pilot[pilot.id] = known
        known.looked_at(job)
        known.pilot = slim(pilot)
        if pilot.spec:
            known.credentials = _credentials(pilot.spec)
        if ad is not None:
            known.told = {
                name: ad[name] for name in (*SHOWN, STATUS_DEALT_WITH, HOLDS_DEALT_WITH) if name in ad
            }
        return known

    def forget(self, known: Known) -> None:
        """Its job is no longer in the queue."""
        self._by_key.pop(known.job.key, None)
        self._by_pilot.pop(known.pilot.id, None)


def slim(pilot: Pilot) -> Pilot:
    """The pilot without its request, which is by far the most of it."""
    return replace(pilot, spec={})


def _credentials(spec: Mapping[str, Any]) -> dict[str, str]:
    names = spec.get("credentials", ())
    return {file["name"]: file["sha256"] for file in spec["inputs"] if file["name"] in names}
