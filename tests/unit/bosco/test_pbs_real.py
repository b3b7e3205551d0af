"""The codec against what a real OpenPBS said of hangs, deaths and orders (recordings 19 and 20)."""

from __future__ import annotations

import pytest
from pbs_recordings import OPENPBS, answer

from bosco.batch.model import Cause, CommandResult, Listing, Observation, Phase
from bosco.batch.pbs.codec import Pbs
from bosco.errors import Failed
from tests.fakes.dialogue import told

PBS, USER = Pbs("openpbs"), "hce-site"
DETAILS = "qstat -E -x -f -F dsv"
ASKS = "hasksaaaaaaaaaa"
WAYS = ("on its way", "running", "node is down", "given up", "node is back")


def job(way: str) -> Observation:
    """The job that was sent to a node which hung, ran there and was lost with it."""
    [seen] = records(answer(OPENPBS, f"{DETAILS} 0.pbs1", WAYS.index(way)), "0.pbs1").observations
    return seen


def records(result: CommandResult, *ids: str) -> Listing:
    listing = told(PBS.accounting(USER, 0, batch_ids=ids), result)
    assert (listing.complete, listing.problem) == (True, None)
    return listing


def test_a_job_that_is_being_sent_to_its_node_waits() -> None:
    seen = job("on its way")
    assert (seen.phase, seen.site_state, seen.started_at, seen.node) == (Phase.PENDING, "R", None, None)
    assert (seen.reason or "").startswith("Job was sent for execution at")


def test_it_runs_once_the_node_has_taken_it() -> None:
    seen = job("running")
    assert (seen.phase, seen.node, seen.reason) == (Phase.RUNNING, "n01", None)
    assert seen.started_at


def test_a_job_on_a_node_that_is_down_runs_until_it_is_given_up() -> None:
    assert job("node is down") == job("running")
    for way in ("given up", "node is back"):
        seen = job(way)
        assert (seen.phase, seen.cause, seen.exit_code) == (Phase.ENDED, Cause.NODE_FAILURE, None)
        assert seen.reason is None, "where it ran is no reason"


@pytest.mark.parametrize("argv", ["qdel 0.pbs1", "qsig -s SIGURG 0.pbs1"])
def test_a_node_that_is_down_takes_no_order_and_that_is_said(argv: str) -> None:
    with pytest.raises(Failed, match="Server could not connect to MOM"):
        told(PBS.cancel(["0.pbs1"], gentle=argv.startswith("qsig")), answer(OPENPBS, argv))


def test_memory_walltime_and_what_no_node_has() -> None:
    ids = ("1.pbs1", "2.pbs1", "3.pbs1")
    hog, late, never = records(answer(OPENPBS, f"{DETAILS} {' '.join(ids)}"), *ids).observations
    assert (hog.phase, hog.cause) == (Phase.ENDED, Cause.MEMORY)
    assert hog.used
    assert (hog.used.peak_memory_mb or 0) > 200
    assert (late.phase, late.cause) == (Phase.ENDED, Cause.WALLTIME)
    assert (never.phase, never.node) == (Phase.PENDING, None)
    assert (never.reason or "").startswith("Can Never Run")


def test_without_history_a_name_and_an_id_find_nothing_and_that_is_complete() -> None:
    gone = "hgoneaaaaaaaaaa"
    by_name = answer(OPENPBS, f"qselect -x -u {USER} -N {gone}")
    by_id = answer(OPENPBS, f"{DETAILS} 0.pbs1", len(WAYS))
    for asked, result in (({"stamps": [gone]}, by_name), ({"batch_ids": ["0.pbs1"]}, by_id)):
        listing = told(PBS.accounting(USER, 0, **asked), result)
        assert (listing.observations, listing.complete) == ((), True)
        assert "job_history_enable" in (listing.problem or "")


@pytest.mark.parametrize("argv", ["qselect -u hce-site", "qdel 9001.pbs1"])
@pytest.mark.parametrize("nth", [0, 1])
def test_a_server_that_was_lost_is_no_answer(argv: str, nth: int) -> None:
    result = answer(OPENPBS, argv, nth)
    if argv.startswith("qdel"):
        with pytest.raises(Failed):
            told(PBS.cancel(["9001.pbs1"]), result)
    else:
        assert not told(PBS.listing(USER), result).complete
