"""A whole CE in front of a real OpenPBS, over a real sshd, where one is installed."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.ce import Ce, killed_in_the_middle, stamps_of
from tests.e2e.lab.openpbs import OpenPbsLab, running_openpbs, unmet
from tests.e2e.lab.openpbs_conf import OpenPbsOptions

pytestmark = [
    pytest.mark.e2e, pytest.mark.timeout(900), pytest.mark.skipif(bool(unmet()), reason=unmet() or ""),
]  # fmt: skip
HEEDS = (
    "#!/bin/sh\ntrap 'echo last; exit 5' TERM\necho begun | tee $HOME/begun\nwhile :; do sleep 0.1; done\n"
)

ROUTES = [
    {"name": "short", "when": "xcount == 2", "request": {"walltime": "1m", "memory": "10 MB"}},
    {
        "name": "default", "request": {"walltime": "10m", "memory": "10 MB"},
        "limits": {"pilots": 500, "idle": 500},
    },
]  # fmt: skip
HOG = "#!/bin/sh\nexec python3 -c 'k = bytearray(200 * 2**20); import time; time.sleep(600)'\n"


@pytest.fixture(scope="module")
def openpbs() -> Iterator[OpenPbsLab]:
    with running_openpbs() as lab:
        yield lab


@pytest.fixture(scope="module")
def forgetful() -> Iterator[OpenPbsLab]:
    """Without job history, as PBS is by default; what it needs is little."""
    with running_openpbs(OpenPbsOptions(history=False)) as lab:
        yield lab


@pytest.fixture
def ce(openpbs: OpenPbsLab, tmp_path: Path) -> Iterator[Ce]:
    yield from running(openpbs, tmp_path)


@pytest.fixture
def forgetful_ce(forgetful: OpenPbsLab, tmp_path: Path) -> Iterator[Ce]:
    yield from running(forgetful, tmp_path)


def running(lab: OpenPbsLab, folder: Path) -> Iterator[Ce]:
    """A CE that soon gives up a command that hangs."""
    ce = Ce(lab, folder, batch="pbs", command_timeout="10s", site={"routes": ROUTES})
    ce.start()
    yield ce
    ce.kill()


def submissions(lab: OpenPbsLab) -> Counter[str]:
    """How many jobs of each name PBS has or had."""
    lines = lab.command("qstat", "-x", "-f").stdout.decode().splitlines()
    return Counter(line.partition(" = ")[2] for line in lines if line.startswith("    Job_Name = "))


def wait_for_one_more(ce: Ce, submitted: int) -> None:
    """Until PBS has taken one more pilot than this."""
    ce.wait_until(
        lambda: sum(bool(pilot["batch_id"]) for pilot in ce.pilots()) > submitted, 120, "no submission"
    )


@contextmanager
def frozen(pid: int | None) -> Iterator[None]:
    """The process takes no step."""
    assert pid
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_pilots_run_and_a_kill_of_the_ce_loses_and_doubles_none(ce: Ce, openpbs: OpenPbsLab) -> None:
    script = "#!/bin/sh\nsleep 1\necho pilot $1\nexit $1\n"
    done = killed_in_the_middle(ce, script, ["0", "1", "2"] * 4, seconds=120)
    assert Counter((pilot["state"], pilot["exit_code"]) for pilot in done) == {
        ("completed", 0): 4, ("completed", 1): 4, ("completed", 2): 4,
    }  # fmt: skip
    assert all(pilot["attempt_number"] == 1 for pilot in done)
    assert {submissions(openpbs)[stamp] for stamp in stamps_of(done)} == {1}


def test_why_a_pilot_waits_is_told_and_it_is_removed_from_the_queue(ce: Ce) -> None:
    pilot = ce.submit("#!/bin/sh\n", attributes={"xcount": 99})
    ce.wait_until(
        lambda: "Can Never Run" in (ce.show(pilot["id"])["reason"] or ""),
        60,
        "the scheduler's word is missing",
    )
    ce.client.delete(f"/api/v1/pilots/{pilot['id']}").raise_for_status()
    [done] = ce.wait([pilot["id"]], seconds=90)
    assert done["state"] == "removed"


def test_a_running_pilot_is_removed_gently(ce: Ce, openpbs: OpenPbsLab) -> None:
    pilot = ce.submit(HEEDS)
    ce.wait([pilot["id"]], {"running"})
    ce.wait_until((openpbs.home / "begun").exists, 60, "it has not begun")
    ce.client.delete(f"/api/v1/pilots/{pilot['id']}").raise_for_status()
    [done] = ce.wait([pilot["id"]])
    assert (done["state"], done["exit_code"]) == ("removed", 5)
    assert ce.output(pilot["id"]) == b"begun\nlast\n"


def test_a_held_pilot_says_who_holds_it(ce: Ce, openpbs: OpenPbsLab) -> None:
    pilot = ce.submit("#!/bin/sh\n", attributes={"xcount": 99})
    ce.wait_until(lambda: bool(ce.show(pilot["id"])["batch_id"]), 60, "it was not submitted")
    openpbs.command("qhold", "-h", "s", ce.show(pilot["id"])["batch_id"])
    ce.wait_until(lambda: "system" in (ce.show(pilot["id"])["reason"] or ""), 60, "the hold is not told")
    ce.client.delete(f"/api/v1/pilots/{pilot['id']}").raise_for_status()
    assert ce.wait([pilot["id"]])[0]["state"] == "removed"


def test_a_server_that_hangs_while_pilots_are_submitted_doubles_none(ce: Ce, openpbs: OpenPbsLab) -> None:
    ce.wait([ce.submit("#!/bin/sh\n")["id"]])  # a CE that has seen no listing submits nothing
    with frozen(openpbs.server.pid):
        pilots = [ce.submit("#!/bin/sh\nexit 3\n") for _ in range(12)]
        ce.wait_until(
            lambda: any(pilot["state"] == "unknown" for pilot in ce.pilots()), 120, "nothing is in doubt"
        )
    done = ce.wait((pilot["id"] for pilot in pilots), seconds=300)
    assert Counter((pilot["state"], pilot["exit_code"]) for pilot in done) == {("completed", 3): 12}
    seen = submissions(openpbs)
    assert {seen[stamp] for stamp in stamps_of(done)} == {1}


def test_a_server_that_is_killed_while_pilots_are_submitted_doubles_none(ce: Ce, openpbs: OpenPbsLab) -> None:
    pilots: list[int] = []
    for _ in range(6):
        pilots += [ce.submit("#!/bin/sh\nexit 4\n")["id"] for _ in range(8)]
        wait_for_one_more(ce, sum(bool(pilot["batch_id"]) for pilot in ce.pilots()))
        openpbs.server.stop(signal.SIGKILL)
        openpbs.server.start()
    # PBS itself may keep a job for ever that was being sent to its node when the server was killed.
    ce.wait_until(
        lambda: all(pilot["batch_id"] and pilot["state"] != "unknown" for pilot in ce.pilots()),
        600,
        "in doubt",
    )
    names = submissions(openpbs)
    assert len(pilots) == len(ce.pilots()) == 48
    assert {names[pilot["stamp"]] for pilot in ce.pilots()} <= {0, 1}
    # A job that qsub had an id of may be unknown to a server that was killed right then.
    forgotten = [pilot["id"] for pilot in ce.pilots() if not names[pilot["stamp"]]]
    ends = {(pilot["state"], pilot["exit_code"]) for pilot in ce.wait(forgotten)}
    assert ends <= {("lost", None), ("completed", 4)}
    assert {pilot["exit_code"] for pilot in ce.pilots()} <= {4, None}


def test_a_node_that_dies_is_why_its_pilots_end(ce: Ce, openpbs: OpenPbsLab) -> None:
    pilot = ce.submit(HEEDS)
    ce.wait([pilot["id"]], {"running"})
    openpbs.qmgr("set server node_fail_requeue = 5")
    openpbs.mom.stop(signal.SIGKILL)
    try:
        [done] = ce.wait([pilot["id"]], seconds=300)
    finally:
        openpbs.qmgr("set server node_fail_requeue = 310")
        openpbs.mom.start()
        openpbs.wait_for_the_node()
    assert (done["state"], done["outcome"], done["exit_code"]) == ("completed", "node_failure", None)


def test_a_pilot_that_takes_too_much_is_ended_and_the_reason_is_known(ce: Ce) -> None:
    late = ce.submit("#!/bin/sh\nexec sleep 600\n", attributes={"xcount": 2})["id"]
    hog = ce.submit(HOG)["id"]
    done = {pilot["id"]: pilot for pilot in ce.wait([late, hog], seconds=300)}
    assert (done[late]["outcome"], done[hog]["outcome"]) == ("walltime", "memory")
    assert {pilot["exit_code"] for pilot in done.values()} <= {143, None}


def test_without_history_exits_are_known_and_kills_are_what_the_job_saw(forgetful_ce: Ce) -> None:
    ce = forgetful_ce
    ended, hog = ce.submit("#!/bin/sh\nexit 3\n")["id"], ce.submit(HOG)["id"]
    done = {pilot["id"]: pilot for pilot in ce.wait([ended, hog], seconds=300)}
    assert (done[ended]["outcome"], done[ended]["exit_code"]) == ("exited", 3)
    assert (done[hog]["outcome"], done[hog]["exit_code"]) in {("exited", 143), ("vanished", None)}


def test_a_burst_of_pilots(ce: Ce, openpbs: OpenPbsLab) -> None:
    pilots = [ce.submit("#!/bin/sh\nexit $1\n", str(number % 7))["id"] for number in range(300)]
    done = ce.wait(pilots, seconds=600)
    assert {pilot["state"] for pilot in done} == {"completed"}
    assert [pilot["exit_code"] for pilot in done] == [number % 7 for number in range(300)]
    seen = submissions(openpbs)
    assert {seen[stamp] for stamp in stamps_of(done)} == {1}
