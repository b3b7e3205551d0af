"""What a listing says of the jobs of our pilots, in numbers. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from bosco.batch.model import Observation, Phase
from hosted_ce.capabilities.queue_findings import InQueue
from hosted_ce.engine.judge import attempt_of
from hosted_ce.pilots.pilot import Pilot
from hosted_ce.written import written

_ALIVE = tuple(phase for phase in Phase if phase is not Phase.ENDED)


def in_queue(pilots: Iterable[Pilot], jobs: Mapping[str, Observation]) -> InQueue:
    """`jobs` by stamp; those of others do not count."""
    found = [jobs[stamp] for pilot in pilots if (stamp := attempt_of(pilot).stamp) in jobs]
    numbers = Counter(job.phase for job in found)
    return InQueue(
        {phase.value: numbers[phase] for phase in _ALIVE},
        Counter(written(job.reason or "") for job in found if job.phase is Phase.HELD),
        Counter(written(job.site_state) for job in found if job.phase is Phase.UNKNOWN),
    )
