"""A whole CE in front of a real Torque, over a real sshd, while it fails. Where one is installed."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.ce import Ce, killed_in_the_middle, stamps_of
from tests.e2e.lab.torque import TorqueLab, running_torque, unmet
from tests.e2e.lab.torque_conf import TorqueOptions

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(600),
    pytest.mark.skipif(bool(unmet()), reason=unmet() or ""),
]
HEEDS = "#!/bin/sh\ntrap 'exit 5' TERM\necho begun\nwhile :; do sleep 0.1; done\n"
SHORT = "#!/bin/sh\nsleep 1\necho pilot $1\nexit $1\n"
NOTED = '#!/bin/sh\necho "$1" >>"$HOME/begun"\nsleep 1\n'
PATIENCE_S = 240


@pytest.fixture(scope="module")
def torque() -> Iterator[TorqueLab]:
    with running_torque(TorqueOptions(keep_completed_s=300)) as lab:
        yield lab


@pytest.fixture
def ce(torque: TorqueLab, tmp_path: Path) -> Iterator[Ce]:
    with started(Ce(torque, tmp_path, batch="pbs", command_timeout="10s")) as ce:
        yield ce


@contextmanager
def started(ce: Ce) -> Iterator[Ce]:
    ce.start()
    try:
        yield ce
    finally:
        ce.kill()


@contextmanager
def frozen(pid: int | None) -> Iterator[None]:
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def starts(lab: TorqueLab) -> Counter[str]:
    """How often a job of each name has begun."""
    return Counter(name for kind, name in lab.accounting() if kind == "S")


def states_of(ce: Ce, ids: Sequence[int]) -> set[str]:
    return {pilot["state"] for pilot in ce.pilots() if pilot["id"] in ids}


def test_pilots_run_and_a_kill_of_the_ce_loses_and_doubles_none(ce: Ce, torque: TorqueLab) -> None:
    done = killed_in_the_middle(ce, SHORT, ["0", "1", "2"] * 4, seconds=90)
    assert Counter((pilot["state"], pilot["exit_code"]) for pilot in done) == {
        ("completed", 0): 4, ("completed", 1): 4, ("completed", 2): 4,
    }  # fmt: skip
    assert all(pilot["attempt_number"] == 1 for pilot in done)
    assert {starts(torque)[stamp] for stamp in stamps_of(done)} == {1}


def test_a_server_that_is_frozen_while_pilots_are_submitted(ce: Ce, torque: TorqueLab) -> None:
    before = torque.submissions()
    ce.wait([ce.submit(SHORT, "0")["id"]])
    with frozen(torque.daemons.server.pid):
        ids = [ce.submit(SHORT, "3")["id"] for _ in range(6)]
        ce.wait_until(lambda: "unknown" in states_of(ce, ids), 60, "nobody is in doubt")
    done = ce.wait(ids, seconds=PATIENCE_S)
    assert {(pilot["state"], pilot["exit_code"]) for pilot in done} == {("completed", 3)}
    assert torque.submissions() - before == 7
    assert {starts(torque)[stamp] for stamp in stamps_of(done)} == {1}


def test_a_server_that_is_killed_and_comes_back(ce: Ce, torque: TorqueLab) -> None:
    """The pilots note themselves that they began: of one that begins right then, the server has no record."""
    ids = [ce.submit(NOTED, str(number))["id"] for number in range(20)]
    ce.wait_until(lambda: any(pilot["batch_id"] for pilot in ce.pilots()), 60, "nothing was submitted")
    torque.daemons.server.stop(signal.SIGKILL)
    ids += [ce.submit(NOTED, str(number))["id"] for number in range(20, 25)]
    torque.start_server()
    done = ce.wait(ids, seconds=PATIENCE_S)
    assert {(pilot["state"], pilot["exit_code"]) for pilot in done} == {("completed", 0)}
    begun = (torque.owner.home / "begun").read_text().split()
    assert sorted(begun, key=int) == [str(number) for number in range(25)]


def test_pilots_that_die_with_their_node_are_not_called_well(ce: Ce, torque: TorqueLab) -> None:
    """Torque itself says exit status 0 of them, when the node is back."""
    dead = ce.submit("#!/bin/sh\nexec sleep 600\n")["id"]
    [running] = ce.wait([dead], {"running"})
    torque.daemons.mom.stop(signal.SIGKILL)
    torque.kill_job(running["batch_id"])
    torque.daemons.mom.start()
    [done] = ce.wait([dead], seconds=PATIENCE_S)
    assert b"exit_status = 0\n" in torque.command("qstat", "-f", running["batch_id"]).stdout
    assert (done["state"], done["outcome"], done["exit_code"]) == ("completed", "node_failure", None)


def test_a_pilot_on_a_node_that_is_away_is_removed_when_it_is_back(ce: Ce, torque: TorqueLab) -> None:
    there = ce.submit(HEEDS)["id"]
    ce.wait([there], {"running"})
    torque.daemons.mom.stop(signal.SIGKILL)
    ce.client.delete(f"/api/v1/pilots/{there}").raise_for_status()
    ce.wait_until(lambda: "could not connect to MOM" in ce.log.read_text(), 60, "nobody was asked")
    torque.daemons.mom.start()
    [done] = ce.wait([there], seconds=PATIENCE_S)
    assert done["state"] == "removed"


def test_a_pilot_that_can_never_run_is_held_with_torques_word(ce: Ce) -> None:
    pilot = ce.submit("#!/bin/sh\n", attributes={"xcount": 99})
    [held] = ce.wait([pilot["id"]])
    assert (held["state"], held["hold_cause"]) == ("held", "refused")
    assert "Job exceeds queue resource limits" in held["reason"]


def test_a_running_pilot_is_removed_gently(ce: Ce) -> None:
    pilot = ce.submit(HEEDS)
    ce.wait([pilot["id"]], {"running"})
    ce.client.delete(f"/api/v1/pilots/{pilot['id']}").raise_for_status()
    [done] = ce.wait([pilot["id"]])
    assert (done["state"], done["exit_code"]) == ("removed", 5)


def test_three_hundred_pilots(ce: Ce, torque: TorqueLab) -> None:
    ids = [ce.submit("#!/bin/sh\nexit 0\n")["id"] for _ in range(300)]
    done = ce.wait(ids, seconds=PATIENCE_S)
    assert Counter((pilot["state"], pilot["exit_code"]) for pilot in done) == {("completed", 0): 300}
    assert {starts(torque)[stamp] for stamp in stamps_of(done)} == {1}
