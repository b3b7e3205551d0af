"""One of several clusters of Slurm, and a federation, as a real Slurm told of them."""

from __future__ import annotations

from typing import Any

import pytest
import recordings
from confined import PLAIN

from bosco.batch.inspections import condition_of, rehearsal_of
from bosco.batch.model import CommandResult, Observation, Phase
from bosco.batch.slurm.codec import Slurm
from bosco.errors import Failed, Interrupted, Refusal
from tests.fakes.dialogue import conversation

OTHER = Slurm(cluster="lab2")


def listed(name: str, codec: Slurm = OTHER) -> dict[str, Observation]:
    """By stamp."""
    asked, listing = conversation(codec.listing(recordings.ACCOUNT), recordings.result(name))
    assert ["env", "SLURM_TIME_FORMAT=%s", *asked[0].argv] == recordings.argv(name)
    assert listing.complete
    return {job.stamp: job for job in listing.observations}


def test_SL14_the_id_of_a_job_in_the_cluster_that_is_named() -> None:
    assert OTHER.submission(PLAIN, "/f").argv == ("sbatch", "--clusters=lab2", "--parsable", "job.sh")
    assert OTHER.submitted(recordings.result("clusters-sbatch")) == "1"
    assert OTHER.submitted(CommandResult(0, b"17\n")) == "17", "as some print it"


def test_SL14_a_job_that_was_given_to_another_cluster_is_told_with_the_way_to_end_it() -> None:
    with pytest.raises(
        Failed, match=r"for cluster campus and gave .* to lab2.*scancel --clusters=lab2 1"
    ) as no:
        Slurm(cluster="campus").submitted(recordings.result("clusters-sbatch"))
    assert no.value.refusal is Refusal.PERMANENT
    with pytest.raises(Interrupted):
        OTHER.submitted(CommandResult(1, b"17;lab2\n"))


def test_SL14_jobs_are_listed_accounted_and_cancelled_in_the_cluster_that_is_named() -> None:
    job = listed("clusters-squeue")["hffffffffffffff"]
    assert (job.batch_id, job.phase, job.node) == ("1", Phase.RUNNING, "node51")
    dialogue = OTHER.accounting(recordings.ACCOUNT, 0.0, batch_ids=["1"])
    [sacct], records = conversation(dialogue, recordings.result("clusters-sacct"))
    assert sacct.argv[:2] == ("sacct", "--clusters=lab2")
    assert [job.stamp for job in records.observations] == ["hffffffffffffff"]
    [scancel], _ = conversation(OTHER.cancel(["134217730"]), recordings.result("federation-named-scancel"))
    assert ["env", *scancel.argv] == recordings.argv("federation-named-scancel")
    assert listed("federation-cancelled-squeue")["hhaaaaaaaaaaaaa"].phase is Phase.ENDED


@pytest.mark.parametrize("asks", ["probe", "condition", "rehearsal"])
def test_SL14_whatever_is_asked_is_asked_of_the_cluster_that_is_named(asks: str) -> None:
    dialogues: dict[str, Any] = {
        "probe": OTHER.probe("osg01"), "condition": condition_of(OTHER, "osg01"),
        "rehearsal": rehearsal_of(OTHER, PLAIN),
    }  # fmt: skip
    dialogue, commands = dialogues[asks], []
    try:
        commands.append(next(dialogue).argv)
        while True:
            enforced = b"AccountingStorageEnforce = associations\n"
            commands.append(dialogue.send(CommandResult(0, enforced, b"")).argv)
    except StopIteration:
        pass
    assert all("--clusters=lab2" in argv or argv[-1] == "cluster=lab2" for argv in commands), commands


def test_SL14_a_job_that_another_cluster_of_the_federation_runs_has_not_ended() -> None:
    """Slurm calls it REVOKED, with no node and no times, where it was submitted."""
    found = listed("federation-squeue", Slurm())
    assert found["hgaaaaaaaaaaaaa"].phase is Phase.UNKNOWN
    assert found["hgbbbbbbbbbbbbb"].phase is Phase.RUNNING
    assert found["hgccccccccccccc"].phase is Phase.PENDING


def test_SL14_rows_about_jobs_that_another_cluster_has_are_none_of_jobs() -> None:
    """They have a number for an id that no job has, and the name of a job that runs."""
    assert recordings.result("federation-squeue").stdout.count(b"hgbbbbbbbbbbbbb") == 2
    _, listing = conversation(Slurm().listing(recordings.ACCOUNT), recordings.result("federation-squeue"))
    assert [job.batch_id for job in listing.observations if job.stamp == "hgbbbbbbbbbbbbb"] == ["67108871"]
    assert "hgbbbbbbbbbbbbb" not in listed("federation-named-squeue")


def test_SL14_in_a_federation_a_job_stays_in_the_cluster_that_is_named() -> None:
    found = listed("federation-named-squeue")
    assert (found["hhaaaaaaaaaaaaa"].phase, found["hhbbbbbbbbbbbbb"].phase) == (Phase.RUNNING, Phase.PENDING)


def test_SL10_jobs_that_were_put_back_and_are_held_wait_for_a_person() -> None:
    found = listed("held-squeue", Slurm())
    assert {job.phase for stamp, job in found.items() if stamp[1] in "abc"} == {Phase.HELD}
    assert found["hcccccccccccccc"].reason == "launch failed requeued held"
    assert found["hdddddddddddddd"].phase is Phase.ENDED, "it may not be put back"


def test_pilots_whose_files_are_carried_are_in_the_login_nodes_own_cluster() -> None:
    with pytest.raises(ValueError, match="see the spool"):
        Slurm(cluster="lab2", shared_home=False)
