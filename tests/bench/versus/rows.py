"""The rows of the table, from what was found. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tests.bench.versus.findings import Findings, OfWay
from tests.bench.versus.idle import Idle
from tests.bench.versus.life import Life
from tests.bench.versus.model import Row, Series, Target

FACTORY_CEILING = 10.0
"""Pilots a second that HTCondor-C carries for one schedd: ten jobs for each call, and a second's nap."""
SHARE = 0.95
TENTH = 0.1
BYTES_A_PILOT = 4.0  # kB

NAMES = (
    "rest_rate", "rest_batch_plain", "rest_arrays", "rest_batch", "rest_first", "door_rate",
    "door_rate_three", "door_first", "submit_first", "submit_cold", "end_factory", "end_api",
    "sbatch_calls", "listings", "programs", "processes", "login_cpu", "ssh_bytes", "idle_cpu", "idle_memory",
)  # fmt: skip


BY_REST = (
    ("rest_rate", "submissions, all at once through REST", "limit: the best parallel loop of sbatch"),
    (
        "rest_batch_plain", "submissions, one request for all, an sbatch each",
        "limit: as above; next to no HTTP",
    ),
    (
        "rest_arrays", "submissions, all at once through REST, job arrays",
        "limit: as above; until our own record has the last batch job's id, since one sbatch takes many",
    ),
    ("rest_batch", "submissions, one request for all, job arrays", "limit: as above; in the same way"),
)  # fmt: skip


def rows(found: Findings, *, sandbox: int, listing_s: float, pilots: int) -> list[Row]:
    """All rows; without a figure of ours where nothing was measured."""
    makers = (
        _rates(found, pilots),
        _latencies(found, listing_s),
        _costs(found, sandbox),
        _idle(found),
    )
    return [row for maker in makers for row in maker]


def _rates(found: Findings, pilots: int) -> Iterator[Row]:
    rest, lives = found.rest, _lives(found, lambda life: life.per_second)
    loop = rest.best_loop if rest else []
    for name, title, note in BY_REST:
        yield Row(
            name=name, title=title, unit="1/s", better="more",
            ours=series(rest.rates[name] if rest else [], pilots), **_theirs(lives),
            limit=series(loop, pilots), target=_share_of(loop), note=note,
        )  # fmt: skip
    ceiling, whose = found.ceiling or FACTORY_CEILING, "measured" if found.ceiling else "by its clocks"
    of_three = found.ceiling_three or 3 * ceiling
    yield Row(
        name="door_rate", title="submissions, one factory's schedd", unit="1/s", better="more",
        ours=series([found.one] if found.one else [], pilots), **_theirs(lives),
        limit=series([ceiling]), note=f"limit: HTCondor-C's own, {whose}",
        target=Target(kind="at least", bound=SHARE * ceiling, words="95 % of HTCondor-C's ceiling"),
    )  # fmt: skip
    yield Row(
        name="door_rate_three", title="submissions, three factories' schedds", unit="1/s", better="more",
        ours=series([found.three] if found.three else [], pilots), **_theirs(lives),
        limit=series([of_three]), note=f"limit: HTCondor-C's own, {whose}; the incumbent: with one factory",
        target=Target(kind="at least", bound=SHARE * of_three, words="95 % of HTCondor-C's ceiling"),
    )  # fmt: skip


def _latencies(found: Findings, listing_s: float) -> Iterator[Row]:
    singles = {name: way.singles for name, way in _ways(found)}
    door = {name: series(one.spooled_to_accepted if one else []) for name, one in singles.items()}
    yield Row(
        name="rest_first", title="one pilot: POST to sbatch accepted", unit="s", better="less",
        ours=series(found.rest.post_to_accepted if found.rest else []), **_theirs(door),
        target=Target(kind="at most", bound=1.0, words="a second"),
        note="the incumbent: from its queue, since it has no REST",
    )  # fmt: skip
    yield Row(
        name="door_first", title="one pilot: in the CE's queue to sbatch accepted", unit="s", better="less",
        **door, target=Target(kind="at most", bound=3.0, words="three seconds"),
        note="from a time in whole seconds: up to 1 s too long",
    )  # fmt: skip
    yield Row(
        name="submit_first", title="one pilot: condor_submit to sbatch accepted", unit="s", better="less",
        **{name: series(one.submit_to_accepted if one else []) for name, one in singles.items()},
    )  # fmt: skip
    yield Row(
        name="submit_cold", title="a new CE's first pilot: condor_submit to sbatch accepted", unit="s",
        better="less",
        **{n: series(way.cold.submit_to_accepted if way.cold else []) for n, way in _ways(found)},
    )  # fmt: skip
    yield Row(
        name="end_factory", title="end at the site to completed at the factory", unit="s", better="less",
        **{name: series(one.end_to_factory if one else []) for name, one in singles.items()},
        target=Target(kind="at most", bound=15.0, words="15 s with a factory that polls every 5 s"),
        note="incumbent as installed: its factory polls every 60 s",
    )  # fmt: skip
    life = found.ours.life
    yield Row(
        name="end_api", title="end at the site to completed at our API", unit="s", better="less",
        ours=series(life.end_to_api if life else [], life.pilots if life else None),
        target=Target(kind="at most", bound=listing_s + 2, words="the interval of listings and 2 s"),
    )  # fmt: skip


def _costs(found: Findings, sandbox: int) -> Iterator[Row]:
    yield Row(
        name="sbatch_calls", title="sbatch commands per pilot", unit="", better="less",
        **_lives(found, lambda life: life.programs["sbatch"] / life.pilots),
        target=Target(kind="at most", bound=1.0, words="one each"),
    )  # fmt: skip
    few = found.ours.small_life
    yield Row(
        name="listings", title="commands that list or look up jobs", unit="1/min", better="less",
        **_lives(found, lambda life: life.listings_a_minute),
        limit=series([few.listings_a_minute], few.pilots) if few else None,
        target=few and Target(
            kind="at most", bound=1.25 * few.listings_a_minute + 1, words="as with a few pilots",
        ),
        note=f"limit: ours with {few.pilots} pilots" if few else "",
    )  # fmt: skip
    for name, title, of in (
        ("programs", "programs begun at the login node per pilot", lambda life: life.programs.total()),
        ("processes", "processes begun at the login node per pilot", lambda life: life.processes),
    ):
        found_here = _lives(found, lambda life, of=of: of(life) / life.pilots)
        yield Row(
            name=name, title=title, unit="", better="less", **found_here,
            target=_tenth_of(found_here["incumbent"]), note="every exec or fork below sshd",
        )  # fmt: skip
    yield _login_cpu(found)
    more = _lives(found, lambda life: life.bytes / life.pilots / 1000)
    life = found.ours.life
    yield Row(
        name="ssh_bytes", title="bytes over SSH per pilot, ours beyond one sandbox", unit="kB", better="less",
        ours=series([(life.bytes - sandbox) / life.pilots / 1000], life.pilots) if life else None,
        **_theirs(more), target=Target(kind="at most", bound=BYTES_A_PILOT, words="4 kB a pilot"),
        note=_there_and_back(life, sandbox),
    )  # fmt: skip


def _login_cpu(found: Findings) -> Row:
    cpu = _lives(found, lambda life: 1000 * life.cpu_s / life.pilots)
    sbatch, life = found.sbatch_cpu_s, found.ours.life
    own = (
        series([max(0.0, 1000 * (life.cpu_s / life.pilots - sbatch))], life.pilots)
        if life and sbatch
        else None
    )
    return Row(
        name="login_cpu", title="CPU at the login node per pilot, ours without sbatch", unit="ms",
        better="less", ours=own, **_theirs(cpu), limit=series([1000 * sbatch]) if sbatch else None,
        target=_tenth_of(cpu["incumbent"]), note="limit: sbatch alone, in a plain loop",
    )  # fmt: skip


def _idle(found: Findings) -> Iterator[Row]:
    ways = [(name, way.idle) for name, way in _ways(found)]
    yield Row(
        name="idle_cpu", title="a CE with nothing to do: CPU", unit="% of a core", better="less",
        **{name: series([idle.cpu_percent] if idle else []) for name, idle in ways},
        target=Target(kind="at most", bound=0.5, words="half a per cent"),
        note=f"the daemon and its htcondor2 child; all of the incumbent's{_after(found, _cpu)}",
    )  # fmt: skip
    yield Row(
        name="idle_memory", title="a CE with nothing to do: memory (PSS)", unit="MB", better="less",
        **{name: series([idle.pss_mb] if idle else []) for name, idle in ways},
        target=Target(kind="at most", bound=100.0, words="100 MB"),
        note=f"of the same processes{_after(found, _memory)}",
    )  # fmt: skip


def _after(found: Findings, told: Callable[[Idle], str]) -> str:
    """What an idle CE costs when it has carried many."""
    ways = [("ours", found.ours), ("the incumbent's", found.incumbent)]
    told_of = [f"{name} {told(way.idle_after)}" for name, way in ways if way.idle_after]
    return f"; after many pilots {', '.join(told_of)}" if told_of else ""


def _cpu(idle: Idle) -> str:
    return f"{idle.cpu_percent:.2f} %"


def _memory(idle: Idle) -> str:
    return f"{idle.pss_mb:.0f} MB"


def series(values: Sequence[float], pilots: int | None = None) -> Series | None:
    """The series, rounded to what the clocks are worth; None when there is nothing in it."""
    return Series(values=[round(value, 3) for value in values], pilots=pilots) if values else None


def _ways(found: Findings) -> list[tuple[str, OfWay]]:
    return [(name, getattr(found, name)) for name in ("ours", "incumbent", "incumbent_default")]


def _lives(found: Findings, of: Callable[[Life], float]) -> dict[str, Series | None]:
    return {name: series([of(way.life)], way.life.pilots) if way.life else None for name, way in _ways(found)}


def _theirs(all_ways: dict[str, Series | None]) -> dict[str, Series | None]:
    return {name: found for name, found in all_ways.items() if name != "ours"}


def _share_of(limit: Sequence[float]) -> Target | None:
    found = series(limit)
    return found and Target(
        kind="at least", bound=SHARE * found.median, words="95 % of the best loop of sbatch"
    )


def _tenth_of(incumbent: Series | None) -> Target | None:
    return incumbent and Target(
        kind="at most", bound=TENTH * incumbent.median, words="a tenth of the incumbent's"
    )


def _there_and_back(life: Life | None, sandbox: int) -> str:
    told = f"both ways; each pilot has the same sandbox, {sandbox / 1000:.0f} kB compressed"
    if life is None:
        return told
    there, back = (life.bytes_there - sandbox) / life.pilots, life.bytes_back / life.pilots
    return f"{told}; ours {there / 1000:.1f} kB there, {back / 1000:.1f} kB back"
