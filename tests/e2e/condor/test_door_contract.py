"""What an unmodified factory needs kept true: the rows that its gridmanager was seen to depend on.

Letters are those of the list that these tests were written from: what the CE does, and what the factory makes
of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.e2e.condor.factory import Factory
from tests.e2e.condor.hosted import COMPLETED, HELD, IDLE, RUNNING, Way, running_way
from tests.e2e.condor.lab import CondorLab
from tests.e2e.condor.submit_file import Literal
from tests.e2e.lab.site import Lab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
BACK = Path("/tmp/hosted-ce-contract-back")
GO = Path("/tmp/hosted-ce-contract-go")  # where pilots of any account can see it
PILOTS: Mapping[str, tuple[str, Mapping[str, Literal]]] = {
    "Silent": ("exit 3", {}),
    "Refused": ("exit 0", {"queue": "nosuchqueue"}),
    "Held": (f'echo "$SLURM_JOB_ID"; [ -e {GO} ] || exec sleep 600', {}),
    "Removed": ("trap 'sleep 3; exit 9' TERM; while :; do sleep 1; done", {}),
    "Operator": ("echo so far; exec sleep 600", {}),
    "Bad": ("exit 0", {"maxMemory": -5}),
    "Protected": ("exec sleep 600", {}),
    "Away": (f"until [ -e {BACK} ]; do sleep 1; done; echo whole", {}),
}


@pytest.fixture(scope="module")
def way(lab: Lab, condor_lab: CondorLab, factory: Factory) -> Iterator[Way]:
    with running_way(lab, condor_lab, factory, "contract.lab.test") as way:
        yield way


@pytest.fixture(scope="module")
def sent(way: Way) -> dict[str, str]:
    """A pilot for each row, all on their way at once, since a factory takes its time: their names there."""
    return {row: way.send(main, entry=way.entry(row, **more))[0] for row, (main, more) in PILOTS.items()}


def test_a_c_i_an_end_without_output_is_completed_with_two_empty_files_and_leaves_the_queue(
    way: Way, sent: dict[str, str]
) -> None:
    entry, job = way.entry("Silent"), sent["Silent"]
    assert way.wait_job(job, COMPLETED)["ExitCode"] == 3
    assert way.factory.outputs(job, entry) == (b"", b"")
    way.wait_gone(job)
    [left] = way.schedd.history("Managed", "ExitCode", "StageOutFinish", constraint="ExitCode == 3")
    assert (left["Managed"], left["ExitCode"]) == ("ScheddDone", 3)
    assert left["StageOutFinish"] > 0


def test_d_m_o_what_can_never_run_is_held_with_our_words_and_stays_so_until_the_factory_releases_it(
    way: Way, sent: dict[str, str]
) -> None:
    job = sent["Refused"]
    ad = way.wait_job(job, HELD)
    assert ad["HoldReason"].startswith("HostedCE[Lab-CE1] submit: the site refused it")
    assert "invalid partition" in ad["HoldReason"].lower()
    assert len(ad["HoldReason"]) <= 200
    assert (ad["HoldReasonCode"], ad["HoldReasonSubCode"]) == (9619, 3)
    first = way.wait_pilot(job, "held")
    assert first["hold_cause"] == "refused"

    way.factory.release([job])  # a new attempt, which the site refuses again: held again, and no storm
    way.ce.wait_until(
        lambda: (way.pilot(job) or {}).get("attempt_number", 0) >= 2, 60, "there is no second attempt"
    )
    assert way.wait_job(job, HELD)["HoldReasonSubCode"] == 3
    again = way.wait_pilot(job, "held")
    assert again["stamp"] != first["stamp"]
    way.factory.remove([job])
    way.wait_gone(job)
    assert way.wait_pilot(job, "removed")


def test_e_f_a_hold_kills_and_a_release_is_a_new_attempt_with_a_new_stamp(
    way: Way, sent: dict[str, str]
) -> None:
    entry, job = way.entry("Held"), sent["Held"]
    first = way.wait_pilot(job, "running")
    way.wait_job(job, RUNNING)
    way.factory.hold([job])
    held = way.wait_pilot(job, "held")
    assert held["hold_cause"] == "requested"
    assert first["stamp"] not in way.alive_at_site()
    at_ce = way.at_ce(job)
    assert at_ce is not None
    assert at_ce["JobStatus"] == HELD
    GO.touch()
    try:
        way.factory.release([job])
        ad = way.wait_job(job, COMPLETED)
    finally:
        GO.unlink()
    done = way.wait_pilot(job, "completed")
    assert done["attempt_number"] == 2
    assert done["stamp"] != first["stamp"]
    assert ad["NumJobStarts"] == 2
    assert way.factory.outputs(job, entry)[0].decode().split() == [done["batch_id"]]


def test_g_a_removal_ends_the_batch_job_before_the_job_is_given_back(way: Way, sent: dict[str, str]) -> None:
    job = sent["Removed"]
    stamp = way.wait_pilot(job, "running")["stamp"]
    way.wait_job(job, RUNNING)
    way.factory.remove([job])
    way.wait_gone(job)
    assert stamp not in way.alive_at_site()  # seen after the job had left the queue
    assert way.wait_pilot(job, "removed")["batch_id"]


def test_h_a_removal_by_an_operator_of_a_pilot_that_ran_brings_its_logs_home(
    way: Way, sent: dict[str, str]
) -> None:
    entry, job = way.entry("Operator"), sent["Operator"]
    pilot = way.wait_pilot(job, "running")
    way.wait_job(job, RUNNING)
    way.ce.client.delete(f"/api/v1/pilots/{pilot['id']}", params={"reason": "draining"}).raise_for_status()
    ad = way.wait_job(job, COMPLETED, HELD)
    assert ad["JobStatus"] == COMPLETED
    assert ad["ExitBySignal"] or ad["ExitCode"] != 0
    assert way.factory.outputs(job, entry)[0] == b"so far\n"


def test_no_route_and_a_bad_request_are_told_in_words(way: Way, sent: dict[str, str]) -> None:
    bad = sent["Bad"]
    ad = way.wait_job(bad, HELD)
    assert (ad["HoldReasonCode"], ad["HoldReasonSubCode"]) == (9619, 4)
    assert "maxMemory" in ad["HoldReason"]
    way.factory.remove([bad])
    way.wait_gone(bad)


def test_r_while_the_site_is_away_pilots_are_idle_and_never_held(way: Way, sent: dict[str, str]) -> None:
    entry, running = way.entry("Away"), sent["Away"]
    way.wait_job(running, RUNNING)
    way.lab.sshd.stop()
    way.lab.sshd.kill_sessions()
    try:
        waiting = way.send("echo late", entry=entry, count=3)
        for job in waiting:
            way.wait_pilot(job, "idle", "unknown")
        way.ce.wait_until(
            lambda: way.ce.cluster()["contact"] != "ready" and all(way.at_ce(job) for job in waiting),
            60,
            "the CE is still in contact",
        )
        assert [way.wait_job(job, IDLE, RUNNING, HELD)["JobStatus"] for job in waiting] == [IDLE] * 3
        BACK.touch()  # it ends while nobody can see it
        assert way.wait_job(running, RUNNING, HELD, COMPLETED)["JobStatus"] == RUNNING
    finally:
        way.lab.sshd.start()
    try:
        over = way.factory.wait_for([running, *waiting], COMPLETED, HELD, seconds=120)
    finally:
        BACK.unlink()
    assert {ad["JobStatus"] for ad in over.values()} == {COMPLETED}
    assert way.factory.outputs(running, entry)[0] == b"whole\n"


def test_the_factory_cannot_take_its_job_from_the_manager(way: Way, sent: dict[str, str]) -> None:
    """The owner of a job may edit it over the network, except what is protected."""
    job = sent["Protected"]
    way.wait_pilot(job, "running")
    at_ce = way.at_ce(job)
    assert at_ce is not None
    remote = ("-pool", way.schedd.identity.collector, "-name", way.schedd.identity.name)
    edit = ("condor_qedit", *remote, f"{at_ce['ClusterId']}.{at_ce['ProcId']}")
    token = {
        "_CONDOR_SEC_CLIENT_AUTHENTICATION_METHODS": "SCITOKENS",
        "BEARER_TOKEN_FILE": str(way.scitoken),
    }
    owner = way.factory.condor.account.run(
        [*edit, "Managed", '"ScheddDone"'], {**way.factory.condor.environment, **token}
    )
    assert owner.returncode != 0, owner
    still = way.at_ce(job)
    assert still is not None
    assert still["Managed"] == "External"
    way.factory.remove([job])
    way.wait_gone(job)
