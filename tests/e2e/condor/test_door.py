"""Pilots of a factory go through a schedd, our daemon and sshd to a real Slurm, and come home again."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.e2e.ce import names_at_site, stamps_of
from tests.e2e.condor.factory import Factory
from tests.e2e.condor.hosted import COMPLETED, HELD, IDLE, RUNNING, Way, running_way
from tests.e2e.condor.lab import CondorLab
from tests.e2e.lab.site import Lab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

PILOT = r"""
echo "${@: -4}"
printf '%s\n' "$GLIDEIN_LAB" "$OSG_WN_TMP"
stat --format='%n %a' *.idtoken *.scitoken .
cat credential_lab.scitoken
printf '\000\001\377\r\n' >&2
sleep 2
exit 7
"""


@pytest.fixture(scope="module")
def way(lab: Lab, condor_lab: CondorLab, factory: Factory) -> Iterator[Way]:
    with running_way(lab, condor_lab, factory, "way.lab.test") as way:
        yield way


def test_a_hundred_faithful_pilots_come_home_byte_for_byte(way: Way) -> None:
    secret = random.Random(3).randbytes(2_000)
    inputs = {"credential_lab.idtoken": b"for the pool\n", "credential_lab.scitoken": secret}
    entry = way.entry("Hundred")
    sent = way.send(PILOT, count=100, entry=entry, inputs=inputs)
    over = way.factory.wait_for(sent, COMPLETED, HELD, seconds=150)

    assert Counter(ad["JobStatus"] for ad in over.values()) == {COMPLETED: 100}
    for job, ad in over.items():
        assert (ad["ExitCode"], ad["ExitBySignal"]) == (7, False)
        assert ad["JobStartDate"] <= ad["CompletionDate"]
        assert ad["RemoteWallClockTime"] >= 1
        cluster, process = job.split(".")
        out, err = way.factory.outputs(job, entry)
        head, _, rest = out.partition(b"credential_lab.idtoken 600\n")
        assert head.decode().split() == ["-cluster", cluster, "-subcluster", process]
        assert rest == b"credential_lab.scitoken 600\n. 700\n" + secret
        assert err == b"\0\1\377\r\n"
    records = [pilot for pilot in way.ce.pilots() if pilot["attributes"].get("GlideinEntryName") == "Hundred"]
    at_site = Counter(names_at_site(way.lab))
    assert [at_site[stamp] for stamp in stamps_of(records)] == [1] * 100
    assert len({pilot["factory_job"] for pilot in records}) == 100


def test_the_factory_sees_where_its_pilot_is_and_both_queues_agree(way: Way) -> None:
    [job] = way.send("sleep 600", entry=way.entry("Seen"))
    pilot = way.wait_pilot(job, "running")
    way.wait_job(job, RUNNING)

    def told() -> bool:
        ad = way.wait_job(job, RUNNING)
        return bool(ad.get("ChirpHostedCENode") and ad.get("ChirpHostedCEGranted"))

    way.ce.wait_until(told, 60, "the factory's ad has no ChirpHostedCE attributes")
    ad, at_ce = way.wait_job(job, RUNNING), way.at_ce(job)
    assert at_ce is not None
    assert ad["ChirpHostedCEBatchId"] == pilot["batch_id"] == at_ce["ChirpHostedCEBatchId"]
    assert ad["ChirpHostedCEPilot"] == pilot["id"]
    assert (ad["ChirpHostedCERoute"], ad["ChirpHostedCEAttempt"]) == ("default", 1)
    assert ad["ChirpHostedCENode"] == pilot["node"]
    assert "memory 10 MB" in ad["ChirpHostedCERequested"]
    assert "cpus 1" in ad["ChirpHostedCEGranted"]
    for name in ("JobStatus", "JobStartDate", "JobCurrentStartDate", "NumJobStarts"):
        assert ad[name] == at_ce[name], name
    assert at_ce["JobStatus"] == RUNNING
    way.factory.remove([job])
    way.wait_gone(job)


def test_a_pilot_that_waits_at_the_site_is_idle_and_says_why(way: Way) -> None:
    way.lab.slurm.command("scontrol", "update", "PartitionName=short", "State=DOWN")
    try:
        [job] = way.send("exit 0", entry=way.entry("Waits", queue="short"))
        way.wait_pilot(job, "idle")
        way.ce.wait_until(
            lambda: "PartitionDown" in str(way.wait_job(job, IDLE).get("ChirpHostedCEReason")),
            60,
            "the factory is not told why its pilot waits",
        )
    finally:
        way.lab.slurm.command("scontrol", "update", "PartitionName=short", "State=UP")
    assert way.wait_job(job, COMPLETED)["ExitCode"] == 0


def test_a_pilot_ended_by_its_walltime_brings_its_logs_home_and_no_exit_code_0(way: Way) -> None:
    entry = way.entry("Walltime", maxWallTime=1)
    [job] = way.send("echo begun; exec sleep 600", entry=entry)
    ad = way.wait_job(job, COMPLETED, HELD, seconds=180)
    assert ad["JobStatus"] == COMPLETED
    assert ad["ExitBySignal"] or ad["ExitCode"] != 0
    assert ad["ChirpHostedCEEnd"] == "walltime"
    assert way.factory.outputs(job, entry)[0] == b"begun\n"
