"""What is asked of HTCondor for a job."""

from __future__ import annotations

from typing import Any

import pytest

from bosco.batch.htcondor.codec import HTCondor
from bosco.batch.htcondor.job import BEGUN_BEFORE
from bosco.batch.model import BatchRequest, InputFile
from bosco.batch.wrapper import WRAPPER_FAILED

FOLDER = "/home/osg01/it's/pilots/haaaaaaaaaaaaaa"


def asked(*, shared_home: bool = False, **more: Any) -> dict[str, str]:
    """The lines of the submit description, by their names."""
    inputs = (InputFile("pilot.sh", "0" * 64), InputFile("token", "0" * 64))
    request = BatchRequest("haaaaaaaaaaaaaa", "pilot.sh", inputs, **{"walltime_s": 259_200, **more})
    job = HTCondor(filesystem_domain="a.edu" if shared_home else None).submission(request, FOLDER)
    assert job.argv == ("condor_submit", "-terse", "job.sub")
    [*lines, queue] = job.files["job.sub"].decode().splitlines()
    assert queue == "queue"
    names = [line.partition(" = ")[0] for line in lines]
    assert len(set(names)) == len(names)
    return dict(line.split(" = ", 1) for line in lines)


def test_resources() -> None:
    lines = asked(cpus=8, memory_mb=16_000, gpus=2, account="group_osg.pilots", queue='a "b"', qos="$x")
    assert (lines["request_cpus"], lines["request_memory"], lines["request_gpus"]) == ("8", "16000", "2")
    assert lines["allowed_execute_duration"] == "259200"
    assert lines["accounting_group"] == "group_osg.pilots"
    assert lines["My.BatchQueue"] == r'"a \042b\042"'
    assert lines["My.BatchQOS"] == r'"\044x"'
    assert lines["My.HostedCEStamp"] == '"haaaaaaaaaaaaaa"'
    assert "request_gpus" not in asked()


def test_a_whole_node_is_a_slot_that_is_not_divided() -> None:
    lines = asked(whole_node=True, cpus=4, memory_mb=2000)
    assert lines["request_cpus"].startswith("ifThenElse(TARGET.TotalSlotCpus")
    assert lines["request_memory"].endswith("TARGET.TotalSlotMemory, 2000)")
    assert "TARGET.DynamicSlot =!= true" in lines["requirements"]


@pytest.mark.parametrize("shared_home", [True, False])
def test_one_start_is_asked_for(shared_home: bool) -> None:
    lines = asked(shared_home=shared_home)
    assert lines["requirements"] == "JobCurrentStartExecutingDate =?= undefined"
    assert "JobCurrentStartExecutingDate =!= undefined" in lines["periodic_remove"]


def test_what_is_carried_and_what_is_not() -> None:
    carried = asked(credentials=("token",))
    assert carried["should_transfer_files"] == "YES"
    assert carried["transfer_input_files"] == "job.sh,job.courier,in,credentials"
    assert carried["transfer_output_files"] == "home/"
    at_home = asked(shared_home=True)
    assert (at_home["should_transfer_files"], at_home["My.FileSystemDomain"]) == ("NO", '"a.edu"')
    assert not [name for name in at_home if name.startswith(("transfer_input", "transfer_output"))]


def test_no_secret_is_in_the_ad() -> None:
    """Anybody may read it with condor_q."""
    more: dict[str, Any] = {"environment": {"TOKEN": "s3cret"}, "arguments": ("s3cret",)}
    for shared_home in (True, False):
        assert "s3cret" not in str(asked(shared_home=shared_home, **more))


def test_the_sites_own_requirement_comes_beside_ours() -> None:
    lines = asked(extra=("Requirements = OpSysMajorVer == 9 || HasCVMFS",))
    assert lines["requirements"] == (
        "JobCurrentStartExecutingDate =?= undefined && (OpSysMajorVer == 9 || HasCVMFS)"
    )
    assert "Requirements" not in lines


def test_the_sites_own_lines_are_the_last_and_win() -> None:
    lines = list(asked(extra=("My.WantGlidein = true", "request_disk = 20 GB")))
    assert lines[-2:] == ["My.WantGlidein", "request_disk"]


@pytest.mark.parametrize("account", ["a b", "a\nb", "$(x)", "", '"'])
def test_what_is_no_accounting_group_is_refused(account: str) -> None:
    if not account:
        assert "accounting_group" not in asked(account=account)
    else:
        with pytest.raises(ValueError, match="accounting group"):
            asked(account=account)


@pytest.mark.parametrize("text", ["$$(Memory)", "$$[Memory]", "a\0b"])
def test_what_htcondor_would_expand_whatever_we_do_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="cannot be given"):
        asked(queue=text)


def test_with_a_shared_home_the_job_claims_its_start_before_the_wrapper_touches_anything() -> None:
    inputs = (InputFile("pilot.sh", "0" * 64),)
    request = BatchRequest("haaaaaaaaaaaaaa", "pilot.sh", inputs, 600)
    files = HTCondor(filesystem_domain="a.edu").submission(request, FOLDER).files
    [first, *_] = files["job.sh"].decode().splitlines()
    assert first.startswith("mkdir '/home/osg01/it'\"'\"'s/pilots/haaaaaaaaaaaaaa'/begun ||")
    assert f"exit {BEGUN_BEFORE}" in first
    assert f"exit {WRAPPER_FAILED}" in first
    assert set(files) == {"job.sub", "job.sh"}
