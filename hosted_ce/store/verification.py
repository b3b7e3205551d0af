"""What the runs of each route asked, got and used, counted by the database in one question.

Only counts leave the database. One pass takes what is needed out of each attempt; all counts are made
of that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.rollups.runs import LONGEST_S
from hosted_ce.store.database import Database
from hosted_ce.store.tables import attempts, pilots
from hosted_ce.verification.facts import (
    CUT_S,
    NAMES,
    Cut,
    Ended,
    Measure,
    Pair,
    Resource,
    RouteFacts,
    Shape,
    Value,
)

MOST_COUNTS = 20_000
"""The most frequent ones; a site whose every pilot asks for something else has more than anybody reads."""
MOST_PERCENT = 999
_CUTTING = (EndClass.PREEMPTED, EndClass.REMOVED_AT_SITE, EndClass.UNKNOWN)
"""Ends that a limit of the site's own may be behind."""
Element = sa.ColumnElement[Any]
_since, _until = (sa.bindparam(name, type_=sa.Float) for name in ("since", "until"))


def _larger(one: Element, other: Element) -> Element:
    return sa.case((one > other, one), else_=other)


def _value(of: Any, resource: Resource) -> Element:
    found: Element = of[resource.value].as_string() if resource in NAMES else of[resource.value].as_integer()
    return sa.func.nullif(found, 0) if resource is Resource.CORES else found  # 0: not said


_whole = attempts.c.request["whole_node"].as_boolean()
_begun = _larger(attempts.c.started_at, attempts.c.created_at)
_seconds = _larger(attempts.c.ended_at - _begun, sa.literal(0.0, sa.Float))
_RAN = sa.and_(
    attempts.c.closed_at > _since,
    attempts.c.closed_at <= _until,
    attempts.c.started_at.is_not(None),
    attempts.c.ended_at - _begun <= LONGEST_S,
    pilots.c.purpose == Purpose.PILOT.value,
)
_NEVER = sa.and_(
    attempts.c.closed_at > _since,
    attempts.c.closed_at <= _until,
    attempts.c.started_at.is_(None),
    attempts.c.outcome_class != EndClass.REMOVED_BY_FACTORY.value,
    pilots.c.purpose == Purpose.PILOT.value,
)
_own = attempts.join(pilots, pilots.c.id == attempts.c.pilot_id)


def _asked(resource: Resource) -> Element:
    """A pilot that wants a whole node takes what is in it, whatever it says."""
    if resource is Resource.NODES:
        return sa.literal(1)
    value = _value(attempts.c.request, resource)
    wholly = resource in (Resource.CORES, Resource.MEMORY)
    return sa.case((sa.func.coalesce(_whole, sa.false()), None), else_=value) if wholly else value


_runs = (
    sa.select(
        attempts.c.route,
        attempts.c.cluster,
        attempts.c.node,
        sa.func.coalesce(attempts.c.outcome_class, EndClass.UNKNOWN.value).label("what"),
        _seconds.label("seconds"),
        (attempts.c.user_cpu_s + sa.func.coalesce(attempts.c.system_cpu_s, 0.0)).label("cpu_s"),
        attempts.c.peak_memory_mb.label("peak"),
        *(_asked(each).label(f"asked_{each.value}") for each in Resource),
        *(_value(attempts.c.granted, each).label(f"got_{each.value}") for each in Resource),
        sa.func.coalesce(
            _value(attempts.c.granted, Resource.CORES), _value(attempts.c.request, Resource.CORES), 0
        ).label("cores"),
    )
    .select_from(_own)
    .where(_RAN)
    .cte("runs")
)
_core_s = _runs.c.cores * _runs.c.seconds


class _Count(NamedTuple):
    """One row: of which kind, of which route, and of what; `a`, `b` and `c` are as the kind has them."""

    kind: str
    route: str
    cluster: str
    a: str | None
    b: str | None
    c: str | None
    runs: int
    core_s: float


def _counted(kind: str, *keys: Element, where: Element | None = None) -> sa.Select[Any]:
    texts = [sa.cast(key, sa.String) for key in keys]
    texts += [sa.cast(sa.null(), sa.String)] * (3 - len(texts))
    labelled = [text.label(name) for text, name in zip(texts, "abc", strict=True)]
    select = sa.select(
        sa.literal(kind).label("kind"), _runs.c.route, sa.func.max(_runs.c.cluster).label("cluster"),
        *labelled, sa.func.count().label("runs"), sa.func.sum(_core_s).label("core_s"),
    )  # fmt: skip
    return (select if where is None else select.where(where)).group_by(_runs.c.route, *keys)


def _floor(of: Element) -> Element:
    """Databases do not agree whether a cast rounds, and SQLite may come without floor()."""
    rounded = sa.cast(of, sa.Integer)
    return sa.case((rounded > of, rounded - 1), else_=rounded)


def _percent(of: Element, whole: Element) -> Element:
    """Whole percents, rounded down."""
    part = _floor(100.0 * of / sa.func.nullif(whole, 0))
    return sa.case((part > MOST_PERCENT, MOST_PERCENT), else_=part)


def _share(measure: Measure, of: Element, whole: Element) -> sa.Select[Any]:
    percent = _percent(of, whole)
    return _counted(f"share {measure.value}", percent, where=percent.is_not(None))


def _either(name: str) -> Element:
    return sa.func.coalesce(_runs.c[f"got_{name}"], _runs.c[f"asked_{name}"])


_band = _floor(_runs.c.seconds / CUT_S)
_where = sa.case((_runs.c.what == EndClass.NORMAL.value, None), else_=_runs.c.node)
_ALL = sa.union_all(
    _counted("all"),
    *(
        _counted(f"pair {each.value}", _runs.c[f"asked_{each.value}"], _runs.c[f"got_{each.value}"])
        for each in Resource
    ),
    _share(Measure.CORES, _runs.c.cpu_s, _core_s),
    _share(Measure.MEMORY, _runs.c.peak, _either("memory_mb")),
    _share(Measure.WALLTIME, _runs.c.seconds, _either("walltime_s")),
    _counted("shape", _either("cpus"), _either("memory_mb"), sa.func.coalesce(_either("gpus"), 0)),
    _counted("end", _runs.c.what, _where),
    _counted("cut", _runs.c.what, _band, where=_runs.c.what.in_([what.value for what in _CUTTING])),
).subquery()
_COUNTS = sa.select(_ALL).order_by(_ALL.c.runs.desc()).limit(MOST_COUNTS)
_NEVER_RAN = (
    sa.select(attempts.c.route, sa.func.count()).select_from(_own).where(_NEVER).group_by(attempts.c.route)
)


class Verification:
    """Asks the database."""

    def __init__(self, database: Database):
        self._database = database

    async def between(self, since: float, until: float) -> list[RouteFacts]:
        """Of each route with runs that the CE was done with in this time (seconds since the epoch)."""

        def work(connection: sa.Connection) -> tuple[list[_Count], dict[str, int]]:
            times = {"since": since, "until": until}
            counts = [_Count(*row) for row in connection.execute(_COUNTS, times)]
            return counts, {route: number for route, number in connection.execute(_NEVER_RAN, times)}

        counts, never_ran = await self._database.read(work)
        return facts_of(counts, never_ran)


def facts_of(counts: Iterable[_Count], never_ran: Mapping[str, int]) -> list[RouteFacts]:
    """The rows, route by route."""
    by_route: defaultdict[str, defaultdict[str, list[_Count]]] = defaultdict(lambda: defaultdict(list))
    for count in counts:
        by_route[count.route][count.kind].append(count)
    return [_facts(kinds, never_ran.get(route, 0)) for route, kinds in sorted(by_route.items())]


def _facts(kinds: Mapping[str, list[_Count]], never_ran: int) -> RouteFacts:
    total = kinds["all"][0]

    def of(kind: str) -> list[_Count]:
        return kinds.get(kind, [])

    return RouteFacts(
        total.route, total.cluster, total.runs, total.core_s or 0.0, never_ran,
        pairs={each: [_pair(each, one) for one in of(f"pair {each.value}")] for each in Resource},
        shares={each: {int(one.a or 0): one.runs for one in of(f"share {each.value}")} for each in Measure},
        shapes=[_shape(one) for one in of("shape") if one.a],
        ends=[Ended(EndClass(str(one.a)), one.b, one.runs, one.core_s or 0.0) for one in of("end")],
        cuts=[
            Cut(EndClass(str(one.a)), int(one.b or 0), one.runs, one.core_s or 0.0) for one in of("cut")
        ],
    )  # fmt: skip


def _pair(resource: Resource, one: _Count) -> Pair:
    return Pair(_read(resource, one.a), _read(resource, one.b), one.runs, one.core_s or 0.0)


def _read(resource: Resource, text: str | None) -> Value:
    return text if text is None or resource in NAMES else int(text)


def _shape(one: _Count) -> Shape:
    megabytes = None if one.b is None else int(one.b)
    return Shape(int(one.a or 0), megabytes, int(one.c or 0), one.runs, one.core_s or 0.0)
