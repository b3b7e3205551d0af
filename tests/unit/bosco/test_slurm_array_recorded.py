"""Tasks of arrays that were cancelled while they waited, as a real Slurm 22.05 tells of them: not at all.

Of four arrays of six: one task of `haaa...` by us while two others ran, tasks 1 to 3 of `hbbb...` and all of
`hddd...` by root, all of `hccc...` by us, each named by itself.
"""

from __future__ import annotations

import pytest
import recordings

from bosco.batch.model import Cause, Phase
from bosco.batch.slurm.codec import Slurm
from bosco.batch.stamps import sibling
from tests.fakes.dialogue import told

ONE, RANGE, EACH, WHOLE = (f"h{letter * 11}" for letter in "abcd")
ASKED = [f"{array}_{index}" for array in (1, 2, 3, 4) for index in range(6)]
LEFT = {
    **{sibling(ONE, index): Phase.RUNNING for index in (0, 1)},
    **{sibling(ONE, index): Phase.PENDING for index in (2, 4, 5)},
    **{sibling(RANGE, index): Phase.PENDING for index in (0, 4, 5)},
    **{sibling(WHOLE, index): Phase.ENDED for index in range(6)},
}


@pytest.mark.parametrize(("name", "arrays"), [("array-squeue", True), ("array-squeue-shared", False)])
def test_SL27_a_listing_has_the_arrays_and_those_that_are_left(name: str, arrays: bool) -> None:
    listing = told(Slurm(arrays=arrays).listing(recordings.ACCOUNT), recordings.result(name))
    assert {job.stamp: job.phase for job in listing.observations} == LEFT
    assert listing.arrays == {"1", "2", "3", "4"}
    assert {job.cause for job in listing.observations if job.phase is Phase.ENDED} == {Cause.CANCELLED}


def test_SL27_so_has_accounting() -> None:
    asking = Slurm().accounting(recordings.ACCOUNT, 0.0, batch_ids=ASKED)
    records = told(asking, recordings.result("array-sacct"))
    assert {job.stamp: job.phase for job in records.observations} == LEFT
    assert records.arrays == {"1", "2", "3", "4"}


def test_SL27_accounting_that_was_asked_by_name_has_them_too() -> None:
    asking = Slurm().accounting(recordings.ACCOUNT, 0.0, stamps=[sibling(ONE, 3)])
    records = told(asking, recordings.result("array-sacct"))
    assert (records.observations, records.arrays) == ((), {"1", "2", "3", "4"})


@pytest.mark.parametrize("name", ["array-squeue", "array-squeue-shared"])
def test_what_is_asked_of_arrays_is_what_was_recorded(name: str) -> None:
    command = next(Slurm(arrays=name == "array-squeue").listing(recordings.ACCOUNT))
    variables = [f"{key}={value}" for key, value in command.environment.items()]
    assert recordings.argv(name) == ["env", *variables, *command.argv]


def test_each_that_is_cancelled_by_itself_is_so_without_a_word() -> None:
    asked = next(Slurm().cancel(["1_3"]))
    assert list(asked.argv) == recordings.argv("array-scancel-one")
    told(Slurm().cancel(["1_3"]), recordings.result("array-scancel-each"))
