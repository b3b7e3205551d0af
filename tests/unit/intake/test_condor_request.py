"""Requests: a job's ad as the factory writes it, and ads that are wrong or hostile."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.intake.condor.request import BadRequest, pilot_spec, routing_attributes, wanted_files
from hosted_ce.pilots.spec import MAX_ATTRIBUTES, MAX_FILES, PilotSpec

SPOOL = "/spool/14/0/cluster14.proc0.subproc0"
ARGUMENTS = (
    "-v std -name gfactory_instance -entry Lab-CE1 -clientname OSPool.main -schedd fac.test -proxy OSG "
    "-web http://fac.test/stage -sign 0a1b -dir OSG -param_GLIDEIN_Report_Failed NEVER "
    "-param_CONDOR_VERSION default -param_X a.comma,b.nbsp,c,d -cluster 14 -subcluster 0"
)
FACTORY_AD: dict[str, Any] = {
    # The files, as the schedd wrote them anew when they were spooled.
    "Cmd": f"{SPOOL}/glidein_startup.sh", "Iwd": SPOOL, "Out": "_condor_stdout", "Err": "_condor_stderr",
    "TransferInput": f"{SPOOL}/credential_OSPool.main_Lab-CE1.idtoken,{SPOOL}/credential.scitoken",
    "EncryptInputFiles": "credential_OSPool.main_Lab-CE1.idtoken", "TransferOutput": "",
    "TransferExecutable": True, "WhenToTransferOutput": "ON_EXIT", "StreamOut": False, "StreamErr": False,
    "SUBMIT_Cmd": "/factory/glidein_startup.sh", "SUBMIT_Iwd": "/factory", "SUBMIT_TransferInput": "x",
    # What the factory asks for.
    "Args": ARGUMENTS, "Env": "", "xcount": 32, "maxMemory": 121856, "maxWallTime": 2880, "RequestGPUs": 1,
    "BatchQueue": "gpu", "queue": "rq", "cerequirements": "foo==1", "WantWholeNode": True,
    "BatchExtraSubmitArgs": "--qos=osg", "ProjectName": "CHTC",
    "GlideinFactory": "fac", "GlideinName": "gfactory_instance", "GlideinEntryName": "Lab-CE1",
    "GlideinClient": "OSPool.main", "GlideinMaxWalltime": 171000, "GlideinOverloadEnabled": False,
    # What condor_submit and schedds add to every job.
    "RequestCpus": 1, "RequestMemory": 128, "RequestDisk": 40, "DiskUsage": 40, "ImageSize": 100,
    "ImageSize_RAW": 93, "ClusterId": 14, "ProcId": 0, "GlobalJobId": "ce.test#14.0#1", "JobUniverse": 5,
    "JobStatus": 1, "QDate": 1, "EnteredCurrentStatus": 1, "StageInStart": 1, "StageInFinish": 1,
    "Owner": "osg01", "User": "osg01@users.htcondor.org", "LeaveJobInQueue": False, "NumJobStarts": 0,
    "NumHolds": 0, "TotalSuspensions": 0, "RemoteWallClockTime": 0.0, "CumulativeSlotTime": 0.0,
    "LastHoldReason": "Spooling input data files", "LastHoldReasonCode": 16, "JobNotification": 0,
    "SubmitterId": "fac.test", "SubmitterGlobalJobId": "fac.test#14.1#1", "CondorVersion": "$CondorVersion$",
    "AuthTokenSubject": "vofrontend", "AuthTokenIssuer": "https://osg.test", "MyType": "Job",
}  # fmt: skip


def spec(ad: dict[str, Any]) -> PilotSpec:
    wanted = wanted_files(ad)
    return pilot_spec(ad, wanted, dict.fromkeys(wanted.inputs, "0" * 64))


def test_what_a_factory_sends_is_a_pilot() -> None:
    made = spec(FACTORY_AD)
    assert made.executable == "glidein_startup.sh"
    assert [(file.name, file.executable) for file in made.inputs] == [
        ("glidein_startup.sh", True),
        ("credential_OSPool.main_Lab-CE1.idtoken", False),
        ("credential.scitoken", False),
    ]
    assert made.credentials == ("credential_OSPool.main_Lab-CE1.idtoken", "credential.scitoken")
    assert made.arguments == tuple(ARGUMENTS.split(" "))
    assert made.environment == {}


def test_what_it_asks_for_reaches_the_routes_and_what_schedds_add_does_not() -> None:
    asked = spec(FACTORY_AD).attributes
    assert asked == {
        "xcount": 32, "maxMemory": 121856, "maxWallTime": 2880, "RequestGPUs": 1, "BatchQueue": "gpu",
        "queue": "rq", "cerequirements": "foo==1", "WantWholeNode": True, "ProjectName": "CHTC",
        "BatchExtraSubmitArgs": "--qos=osg", "GlideinFactory": "fac", "GlideinName": "gfactory_instance",
        "GlideinEntryName": "Lab-CE1", "GlideinClient": "OSPool.main", "GlideinMaxWalltime": 171000,
        "GlideinOverloadEnabled": False, "RequestDisk": 40, "DiskUsage": 40, "ImageSize": 100,
        "ClusterId": 14, "GlobalJobId": "ce.test#14.0#1", "JobUniverse": 5, "QDate": 1, "Owner": "osg01",
        "User": "osg01@users.htcondor.org", "SubmitterId": "fac.test", "CondorVersion": "$CondorVersion$",
        "SubmitterGlobalJobId": "fac.test#14.1#1", "AuthTokenSubject": "vofrontend",
        "AuthTokenIssuer": "https://osg.test",
    }  # fmt: skip


def test_more_than_condor_submit_s_defaults_is_intent() -> None:
    asked = routing_attributes({"RequestCpus": 8, "requestmemory": 4096})
    assert asked == {"RequestCpus": 8, "RequestMemory": 4096}
    assert routing_attributes({"RequestCpus": 1, "requestmemory": 128}) == {}


def test_a_proxy_is_an_input_and_a_credential() -> None:
    wanted = wanted_files({"Cmd": "/a/run", "x509userproxy": "/spool/proxy", "TransferInput": " b , a/c,,b "})
    assert wanted.inputs == ("run", "b", "c", "proxy")
    assert wanted.credentials == ("b", "c", "proxy")
    assert wanted.proxy == "proxy"


def test_the_pilot_is_told_which_file_is_its_proxy() -> None:
    assert spec({**FACTORY_AD, "x509userproxy": "x509up"}).proxy == "x509up"
    assert spec({**FACTORY_AD, "x509userproxy": "", "TransferInput": "x509up"}).proxy is None


def test_routes_see_whose_a_proxy_is_and_not_until_when_since_it_is_renewed() -> None:
    whose = {"x509userproxysubject": "/O=Lab/CN=Pilot", "x509UserProxyFirstFQAN": "/lab/Role=pilot"}
    until = {"x509userproxy": "x509up", "x509UserProxyExpiration": 1795687769}
    assert routing_attributes({**whose, **until, "SUBMIT_x509userproxy": "/factory/x509up"}) == whose


@pytest.mark.parametrize(
    ("ad", "words"),
    [
        ({"Cmd": None}, "no executable"),
        ({"Cmd": ""}, "no executable"),
        ({"Cmd": 5}, "no executable"),
        ({"Cmd": "/bin/"}, "cannot be a file name"),
        ({"Cmd": "/bin/.."}, "cannot be a file name"),
        ({"Cmd": "/bin/-rf"}, "cannot be a file name"),
        ({"Cmd": "/bin/a b"}, "cannot be a file name"),
        ({"Cmd": "/bin/a\0b"}, "cannot be a file name"),
        ({"Cmd": "/bin/" + "a" * 300}, "too long"),
        ({"Cmd": "/bin/\udcff"}, "cannot be a file name"),
        ({"TransferExecutable": False}, "transfer_executable"),
        ({"TransferInput": "a,b/,c"}, "cannot be a file name"),
        ({"TransferInput": "$HOME"}, "cannot be a file name"),
        ({"TransferInput": ",".join(f"f{i}" for i in range(MAX_FILES))}, "too many"),
        ({"x509userproxy": "/a/;"}, "cannot be a file name"),
        ({"Args": None, "Arguments": "'open"}, "never closed"),
        ({"Environment": "A"}, "NAME=value"),
        ({"Environment": "'A B=1'"}, "environment variable's name"),
        ({"Environment": "A=\0"}, "NUL"),
        ({"Args": "a " * 70_000}, "too long"),
        ({"xcount": 0}, "attribute xcount"),
        ({"xcount": True}, "attribute xcount"),
        ({"XCOUNT": "8", "xcount": None}, "attribute xcount"),
        ({"maxMemory": 2**40}, "attribute maxMemory"),
        ({"queue": "a b"}, "attribute queue"),
        ({"queue": "a\n#SBATCH --wrap"}, "attribute queue"),
        ({"WantWholeNode": "yes"}, "attribute WantWholeNode"),
        ({"RequestMemory": float("nan")}, "attribute RequestMemory"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_pilot_is_refused_in_words(ad: dict[str, Any], words: str) -> None:
    changed = {name: value for name, value in {**FACTORY_AD, **ad}.items() if value is not None}
    with pytest.raises(BadRequest, match=words):
        spec(changed)


def test_strange_attributes_that_no_route_knows_are_left_out() -> None:
    strange = {"long": "x" * 5000, "bell": "a\x07", "a b": 1, "big": 2**70, "nan": float("nan"), "list": [1]}
    assert routing_attributes({"xcount": 1, **strange}) == {"xcount": 1}


def test_too_many_attributes_never_push_out_those_that_routes_know() -> None:
    many = {f"a{i}": i for i in range(2 * MAX_ATTRIBUTES)}
    asked = spec({**many, **FACTORY_AD}).attributes
    assert len(asked) == MAX_ATTRIBUTES
    assert (asked["xcount"], asked["BatchQueue"]) == (32, "gpu")


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.just([1])
hostile = st.dictionaries(st.sampled_from([*FACTORY_AD, "x509userproxy"]) | st.text(max_size=9), values)


@given(hostile)
def test_any_ad_is_a_good_pilot_or_a_bad_request(changed: dict[str, Any]) -> None:
    ad = {name: value for name, value in {**FACTORY_AD, **changed}.items() if value is not None}
    try:
        made = spec(ad)
    except BadRequest as error:
        assert str(error)  # noqa: PT017 - either is right
    else:
        assert PilotSpec.model_validate_json(made.model_dump_json()) == made
