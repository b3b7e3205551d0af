"""The jobs of the conformance suite: what their pilots do is in their arguments, for programs and fakes."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator
from typing import Any

from bosco.batch.model import BatchRequest, InputFile, Observation, Phase
from bosco.batch.stamps import SIBLINGS, sibling
from hosted_ce.engine.ports import Site
from tests.conformance.bench import Bench

PILOT = b"""\
#!/bin/sh
what=$1
shift
case $what in
exit) echo said; echo whispered >&2; exit "$1" ;;
sleep) exec sleep "$1" ;;
heed) trap 'echo heeded; exit 7' TERM; echo listening; while :; do sleep 0.1; done ;;
hog) exec python3 -c 'import time; kept = bytearray(int('"$1"') * 2**20); time.sleep(600)' ;;
tell) printf '%s\\0' "$@" "$AWKWARD" ;;
esac
"""
SHA256 = hashlib.sha256(PILOT).hexdigest()
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
PATIENCE_S = 180.0

Job = tuple[BatchRequest, str]
"""What was asked for, and its batch id."""
Sees = Callable[[Observation | None], bool]


async def contents(sha256: str) -> bytes:
    """The only input file."""
    assert sha256 == SHA256
    return PILOT


class _Stamps:
    """Those of one family after the other."""

    def __init__(self) -> None:
        self._unused: Iterator[str] = iter(())

    def new_family(self) -> None:
        family = "h" + "".join(secrets.choice(ALPHABET) for _ in range(11))
        self._unused = (sibling(family, index) for index in range(SIBLINGS))

    def next(self) -> str:
        while (stamp := next(self._unused, None)) is None:
            self.new_family()
        return stamp


_stamps = _Stamps()


def new_family() -> None:
    """The next 1,000 stamps are of one family: their jobs may share an array."""
    _stamps.new_family()


def new_stamp() -> str:
    """One that was never used, of one family with those before it."""
    return _stamps.next()


def request(bench: Bench, *arguments: str, **more: Any) -> BatchRequest:
    """A small job whose pilot gets these arguments."""
    inputs = (InputFile("pilot.sh", SHA256, executable=True),)
    asked = {"walltime_s": 600, "memory_mb": 64, "queue": bench.queue, "scratch": bench.scratch, **more}
    return BatchRequest(new_stamp(), "pilot.sh", inputs, arguments=arguments, **asked)


async def submit(site: Site, request: BatchRequest) -> str:
    """Submits it; returns its batch id."""
    return await site.submit(request, contents)


async def look(site: Site, job: Job) -> Observation | None:
    """What the batch system says of the job now: its listing, or else its records, as the engine asks."""
    request, batch_id = job
    listing = await site.listing()
    assert listing.complete, listing.problem
    listed = [seen for seen in listing.observations if seen.stamp == request.stamp]
    if not listed:
        records = await site.accounting(0.0, batch_ids=[batch_id])
        assert records.complete, records.problem
        listed = [seen for seen in records.observations if seen.stamp == request.stamp]
    assert len(listed) <= 1, f"{len(listed)} jobs with one stamp"
    assert all(seen.batch_id == batch_id for seen in listed)
    return listed[0] if listed else None


async def until(
    bench: Bench, site: Site, job: Job, sees: Sees, seconds: float = PATIENCE_S
) -> Observation | None:
    """Looks again and again, for up to so many seconds of the site's, until it `sees` what it waits for."""
    waited = 0.0
    while not sees(found := await look(site, job)):
        assert waited < seconds, f"not within {seconds:g} s; the last that was seen: {found}"
        waited += await bench.pause()
    return found


async def becomes(
    bench: Bench, site: Site, job: Job, phase: Phase, seconds: float = PATIENCE_S
) -> Observation:
    """The job as soon as it is in this phase. Fails at once when it has ended and should not have."""

    def there(seen: Observation | None) -> bool:
        assert seen is None or phase is Phase.ENDED or seen.phase is not Phase.ENDED, seen
        return seen is not None and seen.phase is phase

    found = await until(bench, site, job, there, seconds)
    assert found is not None
    return found
