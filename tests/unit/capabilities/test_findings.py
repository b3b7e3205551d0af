"""What follows from a probe: each finding with what makes it, and none from what is not known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bosco.batch.facts import BatchFacts, Limits, Queue, Records
from bosco.capabilities import Noise, Quota
from hosted_ce.capabilities.finding import Weight
from hosted_ce.capabilities.findings import findings
from hosted_ce.capabilities.record import read, written
from hosted_ce.capabilities.wanted import Wanted, wanted
from hosted_ce.routing.limits import Caps
from hosted_ce.routing.model import ClusterRules
from hosted_ce.routing.request import Expr, Request
from hosted_ce.routing.route import Route, Table
from tests.fakes.capabilities import BATCH, GIB, TOOLS, capabilities, folder
from tests.fakes.routes import CLUSTER, route

POLL = 30.0
QUEUE = Queue("batch", True, True, None, Limits(86400, 64_000, 16, 0))
ONE = replace(BATCH, queues=(QUEUE,))


def wants(*routes: Route, pilots: int | None = None) -> Wanted:
    return wanted(Table(routes, {CLUSTER: ClusterRules(caps=Caps(pilots))}), CLUSTER, POLL)


def asking(**request: Any) -> Wanted:
    """One route that asks for this; for an hour and little memory unless it says otherwise."""
    return wants(route("default", request=Request(**{"walltime_s": 3600, "memory_mb": 1000, **request})))


def found(batch: BatchFacts = ONE, wanted: Wanted | None = None, **login: Any) -> list[tuple[str, str, str]]:
    """Each finding: its kind, its weight, what was said."""
    made = findings(capabilities(batch, **login), wanted or asking())
    assert all(one.todo and one.said for one in made)
    return [(one.id, one.weight.value, one.said) for one in made]


def test_where_all_is_well_there_is_none() -> None:
    assert found(BATCH, asking(queue="short", walltime_s=1800, cpus=64, account="any", qos="any")) == []


@pytest.mark.parametrize(
    ("batch", "request_", "kind", "said"),
    [
        (ONE, {"queue": "osg"}, "queue-missing", "asks for the queue osg, which is not there for us"),
        (replace(ONE, default_queue=None), {}, "queue-missing", "names no queue, and there is no default"),
        (replace(ONE, queues=(replace(QUEUE, open=False, why="State=DRAIN"),)), {}, "queue-closed",
         "the queue batch, which is closed (State=DRAIN)"),
        (replace(ONE, queues=(replace(QUEUE, usable=False, why="AllowGroups=root"),)), {"queue": "batch"},
         "queue-not-allowed", "the queue batch, which is not for our account (AllowGroups=root)"),
        (ONE, {"walltime_s": 72 * 3600}, "walltime-above", "asks for 72h, and queue batch gives 24h at most"),
        (ONE, {"walltime_s": 86460}, "walltime-above", "asks for 1441m, and queue batch gives 24h at most"),
        (ONE, {"cpus": 17}, "cpus-above", "asks for 17 cores, and queue batch gives 16 cores at most"),
        (ONE, {"memory_mb": 64_001}, "memory-above", "asks for 64001 MB"),
        (ONE, {"gpus": 1}, "gpus-above", "asks for 1 GPUs, and queue batch gives 0 GPUs at most"),
        (replace(ONE, limits=Limits(walltime_s=1800)), {}, "walltime-above",
         "and Slurm in any queue gives 30m at most"),
        (replace(ONE, accounts=("osg",)), {"account": "physics"}, "account-missing", "the account physics"),
        (replace(ONE, qos=()), {"qos": "high"}, "qos-missing", "the qos high"),
    ],
)  # fmt: skip
def test_what_a_route_asks_and_the_site_does_not_give(
    batch: BatchFacts, request_: dict[str, Any], kind: str, said: str
) -> None:
    ((name, weight, words),) = found(batch, asking(**request_))
    assert (name, weight) == (kind, "problem")
    assert words.startswith("route default ")
    assert said in words


@pytest.mark.parametrize(
    "batch",
    [
        replace(ONE, queues=None, default_queue=None, unknown={"queues": "scontrol: down"}),
        replace(ONE, queues=(replace(QUEUE, limits=Limits()),)),
        replace(ONE, queues=(replace(QUEUE, usable=None, why="acl_group_enable = True", limits=Limits()),)),
    ],
)
def test_what_is_not_known_contradicts_nothing(batch: BatchFacts) -> None:
    assert found(batch, asking(queue="batch", walltime_s=10**6, cpus=1000, gpus=9)) == []


@pytest.mark.parametrize("name", ["other@pbs2", "*.q", "all.q@node1", "[a-c].q"])
def test_a_queue_that_is_more_than_a_name_is_not_judged(name: str) -> None:
    assert found(ONE, wants(route("x", request=Request(queue=name, walltime_s=60)))) == []


def test_where_any_queue_will_do_the_most_generous_counts() -> None:
    short = Queue("short.q", True, True, None, Limits(3600, None, 4))
    private = Queue("private.q", True, False, "acl", Limits(10**6, None, 64))
    batch = replace(
        ONE, queues=(short, QUEUE, private), default_queue=None, unknown={"default_queue": "it chooses"}
    )
    assert found(batch, asking(cpus=16, walltime_s=86400)) == []
    ((kind, _, said),) = found(batch, asking(cpus=17))
    assert (kind, said) == (
        "cpus-above", "route default asks for 17 cores, and any queue gives 16 cores at most"
    )  # fmt: skip


def test_where_any_queue_would_do_and_none_is_open() -> None:
    shut = tuple(Queue(name, False, True, "qtype is not BATCH") for name in ("a.q", "b.q"))
    batch = replace(ONE, queues=shut, default_queue=None, unknown={"default_queue": "it chooses"})
    ((kind, _, said),) = found(batch)
    assert (kind, said) == (
        "queue-closed", "route default finds no queue: a.q is closed (qtype is not BATCH)"
    )  # fmt: skip


def test_a_whole_node_asks_for_no_memory_of_its_own() -> None:
    assert found(ONE, asking(whole_node=True, memory_mb=10**6)) == []


def test_a_route_is_judged_by_what_a_pilot_gets_that_says_nothing() -> None:
    assert found(ONE, asking(cpus=Expr("xcount * 20"))) == [], "undefined: the default counts"
    ((kind, _, said),) = found(ONE, asking(queue=Expr('isUndefined(xcount) ? "small" : "batch"')))
    assert (kind, "small" in said) == ("queue-missing", True)
    assert found(ONE, asking(cpus=Expr("error"))) == [], "of such a pilot it makes nothing"


def test_routes_to_other_clusters_are_left_out() -> None:
    other = replace(route("other", request=Request(queue="nosuch")), cluster="elsewhere")
    assert found(ONE, wants(other)) == []


@pytest.mark.parametrize(
    ("login", "kind", "weight"),
    [
        ({"tools": {**TOOLS, "sbatch": None}}, "tool-missing", "problem"),
        ({"spool": folder(read_only=True)}, "spool-read-only", "problem"),
        ({"spool": folder(noexec=True)}, "spool-noexec", "warning"),
        ({"spool": folder(free_bytes=4 * GIB)}, "spool-space", "warning"),
        ({"spool": folder(free_bytes=GIB // 10)}, "spool-space", "problem"),
        ({"spool": folder(free_inodes=10_000)}, "spool-inodes", "warning"),
        ({"spool": folder(free_inodes=500)}, "spool-inodes", "problem"),
        ({"home": folder(writable=False)}, "home-not-writable", "warning"),
        ({"quotas": (Quota("nfs1:/home", 95, 100, 1, None),)}, "quota", "warning"),
        ({"quotas": (Quota("nfs1:/home", 1, None, 100, 100),)}, "quota", "problem"),
        ({"clock_offset_s": -3600.0}, "clock-off", "warning"),
        ({"clock_offset_s": 75.0}, "clock-off", "warning"),
        ({"noise": Noise(12, "Welcome\x1b[1m")}, "shell-noise", "warning"),
    ],
)
def test_what_is_wrong_at_the_login_node(login: dict[str, Any], kind: str, weight: str) -> None:
    ((name, given, _),) = found(**login)
    assert (name, given) == (kind, weight)


@pytest.mark.parametrize(
    "login",
    [
        {"clock_offset_s": 75.0, "clock_error_s": 20.0},
        {"spool": folder(free_inodes=None, free_bytes=None)},
        {"quotas": None, "unknown": {"quotas": "no such command"}},
        {"quotas": (Quota("nfs1:/home", 89, 100, None, 100),)},
    ],
)
def test_what_is_well_at_the_login_node_or_not_known(login: dict[str, Any]) -> None:
    assert found(**login) == []


@pytest.mark.parametrize(
    ("records", "remembers_s", "kinds"),
    [
        (Records.ON, 2, []),
        (Records.ON, 0, []),
        (Records.UNKNOWN, 0, []),
        (Records.AWAY, 300, ["records-away"]),
        (Records.OFF, 300, []),
        (Records.OFF, 59, ["ends-unseen"]),
        (Records.OFF, 0, ["ends-unseen"]),
        (Records.OFF, None, []),
    ],
)
def test_who_will_tell_how_a_job_was_killed(
    records: Records, remembers_s: int | None, kinds: list[str]
) -> None:
    batch = replace(ONE, records=records, remembers_s=remembers_s, unknown={"records": "it is off"})
    assert [kind for kind, _, _ in found(batch)] == kinds


def test_more_pilots_than_the_site_allows() -> None:
    batch = replace(ONE, most_jobs=100)
    assert found(batch, wants(pilots=100)) == []
    ((kind, weight, said),) = found(batch, wants(pilots=101))
    assert (kind, weight) == ("too-many-pilots", "warning")
    assert "101 pilots" in said


def test_a_site_that_counts_requests_is_a_reason_for_arrays() -> None:
    batch = replace(ONE, rate_limited=True, largest_array=1001)
    ((kind, weight, said),) = found(batch)
    assert (kind, weight) == ("rate-limited", "warning")
    assert "rl_enable" in said
    assert found(batch, replace(wants(), together=100)) == []


@pytest.mark.parametrize(
    ("most", "kinds"), [(None, []), (100, []), (99, ["array-too-large"]), (0, ["array-too-large"])]
)
def test_arrays_that_the_site_does_not_take(most: int | None, kinds: list[str]) -> None:
    batch = replace(ONE, largest_array=most)
    assert [kind for kind, _, _ in found(batch, replace(wants(), together=100))] == kinds
    assert found(batch) == []


def test_problems_come_first() -> None:
    made = findings(capabilities(replace(ONE, problems=("no association",)), noise=Noise(1, "x")), asking())
    assert [one.weight for one in made] == [Weight.PROBLEM, Weight.WARNING]
    assert made[0].said == "no association"


texts = st.text(max_size=10)
numbers = st.none() | st.integers(0, 2**40)
limits = st.builds(Limits, numbers, numbers, numbers, numbers)
queues = st.builds(Queue, texts, st.booleans(), st.none() | st.booleans(), st.none() | texts, limits)
facts = st.builds(
    BatchFacts, name=texts, version=st.none() | texts, queues=st.none() | st.lists(queues).map(tuple),
    default_queue=st.none() | texts, limits=limits, most_jobs=numbers, records=st.sampled_from(Records),
    accounts=st.none() | st.lists(texts).map(tuple), qos=st.none() | st.lists(texts).map(tuple),
    remembers_s=numbers, problems=st.lists(texts).map(tuple), unknown=st.dictionaries(texts, texts),
)  # fmt: skip


@given(facts)
def test_a_record_that_is_written_is_read_as_it_was(batch: BatchFacts) -> None:
    taken = capabilities(batch, noise=Noise(3, "\x00\x1b\n"), quotas=(Quota("fs", 1, None, None, 2),))
    assert read(written(taken)) == taken


@given(facts, st.integers(1, 10**6), st.integers(1, 10**6))
def test_whatever_a_site_says_there_are_findings_or_none(
    batch: BatchFacts, cpus: int, walltime_s: int
) -> None:
    made = findings(capabilities(batch), asking(cpus=cpus, walltime_s=walltime_s))
    for one in made:
        if one.id == "cpus-above":
            generous = [queue.limits.cpus for queue in batch.queues or ()] + [batch.limits.cpus]
            assert min((known for known in generous if known is not None), default=cpus) < cpus


@pytest.mark.parametrize("document", [{}, {"batch": {}}, {"codec": 1, "batch": [], "login": None}])
def test_a_record_of_another_form_is_none(document: dict[str, Any]) -> None:
    assert read(document) is None
