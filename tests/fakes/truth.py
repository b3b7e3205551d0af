"""What must hold between what is written down and what is true at the site, at every moment."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from bosco.batch.model import Cause, Phase
from hosted_ce.pilots.states import AT_SITE, FINAL, Goal, IllegalChange, Stage, State, check_change
from hosted_ce.routing.limits import MINUTE_S
from hosted_ce.routing.route import Route
from tests.fakes.batch import Job
from tests.fakes.cluster import FakeCluster
from tests.fakes.database import reader_of

STATES_OF = {
    Stage.WAITING: {State.IDLE},
    Stage.SUBMITTING: {State.IDLE},
    Stage.DOUBTFUL: {State.UNKNOWN},
    Stage.QUEUED: {State.IDLE},
    Stage.RUNNING: {State.RUNNING},
    Stage.ENDED: {State.IDLE, State.UNKNOWN, State.RUNNING},
    Stage.DONE: {State.HELD, *FINAL},
}


@dataclass(slots=True)
class Written:
    """A pilot as it is written down: its latest route, stamps of all attempts, states that it was in."""

    id: int
    state: State
    stage: Stage
    goal: Goal
    reason: str
    route: str | None
    exit_code: int | None
    cores: int
    """As the site was asked."""
    stamps: list[str] = field(default_factory=list)
    begun: list[tuple[str, float]] = field(default_factory=list)
    """The route of each attempt, and when it began."""
    states: list[State] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


class Truth:
    """Reads the database behind the CE's back, and compares."""

    def __init__(self, url: str, site: FakeCluster, routes: Sequence[Route]):
        self._connection = reader_of(url)
        self._site, self._routes = site, routes
        self._final: dict[int, State] = {}

    def close(self) -> None:
        """Reads no more."""
        self._connection.close()

    def pilots(self) -> dict[int, Written]:
        """All pilots, by id, as of one moment."""
        self._connection.execute("BEGIN")
        try:
            return self._read()
        finally:
            self._connection.execute("COMMIT")

    def _read(self) -> dict[int, Written]:
        select = (
            "SELECT p.id, p.state, p.stage, p.goal, p.reason, p.route, a.exit_code, "
            "COALESCE(CAST(a.request ->> 'cpus' AS INTEGER), 0) FROM pilots p "
            "LEFT JOIN attempts a ON a.pilot_id = p.id AND a.number = p.attempt ORDER BY p.id"
        )
        found = {
            row[0]: Written(row[0], State(row[1]), Stage(row[2]), Goal(row[3]), row[4] or "", *row[5:])
            for row in self._connection.execute(select)
        }
        for pilot_id, stamp, route, created_at in self._connection.execute(
            "SELECT pilot_id, stamp, route, created_at FROM attempts ORDER BY pilot_id, number"
        ):
            found[pilot_id].stamps.append(stamp)
            found[pilot_id].begun.append((route, created_at))
        for pilot_id, state, what in self._connection.execute(
            "SELECT pilot_id, state, what FROM events ORDER BY id"
        ):
            found[pilot_id].states.append(State(state))
            found[pilot_id].words.append(what)
        return found

    def check(self) -> dict[int, Written]:
        """Raises AssertionError unless everything holds; returns what is written down."""
        pilots = self.pilots()
        jobs = defaultdict[str, list[Job]](list)
        for job in self._site.batch.jobs:
            jobs[job.now.stamp].append(job)
        known = {stamp for pilot in pilots.values() for stamp in pilot.stamps}
        assert jobs.keys() <= known, "a batch job that nobody here knows"
        for pilot in pilots.values():
            self._check_history(pilot)
            for stamp in pilot.stamps:
                assert len(jobs[stamp]) <= 1, f"stamp {stamp} has {len(jobs[stamp])} batch jobs"
            began = [stamp for stamp in pilot.stamps if stamp not in self._site.never_began]
            self._check_jobs(pilot, [job for stamp in began for job in jobs[stamp]])
        self._check_limits(pilots)
        return pilots

    def _check_history(self, pilot: Written) -> None:
        assert pilot.state in STATES_OF[pilot.stage], f"{pilot.state} at stage {pilot.stage}"
        assert pilot.states[-1] is pilot.state, "a change of state without its event"
        for old, new in itertools.pairwise(pilot.states):
            assert _is_legal(old, new), f"a pilot that was {old} became {new}"
        if before := self._final.get(pilot.id):
            assert pilot.state is before, "a final state changed"
        if pilot.state in FINAL:
            self._final[pilot.id] = pilot.state

    def _check_jobs(self, pilot: Written, jobs: Sequence[Job]) -> None:
        releases = sum(word in {"released", "release_asked"} for word in pilot.words)
        assert len(jobs) <= 1 + releases, f"pilot {pilot.id} has {len(jobs)} batch jobs"
        alive = [job for job in jobs if job.alive]
        assert len(alive) <= 1, f"pilot {pilot.id} has {len(alive)} living batch jobs"
        if pilot.stage not in AT_SITE:
            assert not alive, f"pilot {pilot.id} is {pilot.stage}, and its batch job is alive"
        elif any(job.now.stamp == pilot.stamps[-1] for job in jobs):
            assert pilot.stamps[-1] in {*self._site.folders, *self._site.wiped}, (
                "the folder of a pilot under way is gone"
            )
        if pilot.state is State.COMPLETED:
            assert jobs, "completed without a batch job"
            assert self._ended(jobs[-1]), "completed, and its batch job never ended"
            assert pilot.exit_code == self._exit_code(jobs[-1]), "another exit code than the true one"

    def _check_limits(self, pilots: dict[int, Written]) -> None:
        at_site = [pilot for pilot in pilots.values() if pilot.stage in AT_SITE]
        used = Counter(pilot.route for pilot in at_site)
        # A job that the site puts back to its queue waits again: no decision of ours.
        idle = Counter(p.route for p in at_site if p.stage is not Stage.RUNNING and "requeued" not in p.words)
        for route in self._routes:
            caps = route.limits.caps
            assert caps.pilots is None or used[route.name] <= caps.pilots, f"too many pilots on {route.name}"
            assert caps.idle is None or idle[route.name] <= caps.idle, f"too many idle pilots on {route.name}"
            cores = sum(pilot.cores for pilot in at_site if pilot.route == route.name)
            assert caps.cores is None or cores <= caps.cores, f"too many cores on {route.name}"
            self._check_rate(route, pilots)

    def _check_rate(self, route: Route, pilots: dict[int, Written]) -> None:
        begun = sorted(at for pilot in pilots.values() for name, at in pilot.begun if name == route.name)
        if (most := route.limits.submits) is not None:
            for first, after in zip(begun, begun[most:], strict=False):
                assert after - first >= MINUTE_S, f"more than {most} submits in a minute on {route.name}"

    def _ended(self, job: Job) -> bool:
        return job.now.phase is Phase.ENDED or self._record_code(job) is not None

    def _exit_code(self, job: Job) -> int | None:
        code = self._record_code(job)
        if code is None and (job.now.cause is not Cause.EXITED or job.now.exit_signal):
            return job.now.exit_code or None  # 0 is what a batch system says of what did not exit by itself
        return job.now.exit_code if code is None else code

    def _record_code(self, job: Job) -> int | None:
        return self._site.exit_codes.get(job.now.stamp)


def _is_legal(old: State, new: State) -> bool:
    try:
        check_change(old, new)
    except IllegalChange:
        return False
    return True
