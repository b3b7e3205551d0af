"""What each check says of what it sees."""

from __future__ import annotations

import datetime as dt
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography import x509

from hosted_ce.front_door import ask
from hosted_ce.front_door.ask import Answers
from hosted_ce.front_door.checks.certificate import check_certificate, judge
from hosted_ce.front_door.checks.daemons import judge_daemons
from hosted_ce.front_door.checks.files import check_files
from hosted_ce.front_door.checks.finding import Finding
from hosted_ce.front_door.checks.network import check_network
from hosted_ce.front_door.checks.spool import GB, check_spool, judge_space
from hosted_ce.front_door.checks.subject import Subject
from hosted_ce.front_door.errors import MasterTrouble
from hosted_ce.front_door.layout import Layout
from hosted_ce.front_door.port import check_port
from hosted_ce.intake.condor.attributes import PROTECTED
from hosted_ce.site import FrontDoor
from tests.unit.front_door.sites import site_with

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
ME = "hosted-ce@users.htcondor.org"


def door(**changes: Any) -> FrontDoor:
    wanted = site_with(door=changes).front_door
    assert wanted is not None
    return wanted


def subject(tmp_path: Path = Path("/nonexistent"), **changes: Any) -> Subject:
    site = site_with(door=changes)
    assert site.front_door is not None
    layout = Layout(tmp_path / "front-door")
    return Subject(site, site.front_door, layout, layout.config, tmp_path / "bin")


def certificate(*names: str, until: dt.datetime = NOW + dt.timedelta(days=90), common: str = "") -> Any:
    issued = trustme.CA().issue_cert(*names, common_name=common or None, not_after=until)
    return x509.load_pem_x509_certificate(issued.cert_chain_pems[0].bytes())


@pytest.mark.parametrize(
    ("names", "until", "verdict"),
    [
        (["ce.example.edu"], NOW + dt.timedelta(days=90), "pass"),
        (["CE.example.EDU"], NOW + dt.timedelta(days=90), "pass"),
        (["*.example.edu"], NOW + dt.timedelta(days=90), "pass"),
        (["other.example.edu", "ce.example.edu"], NOW + dt.timedelta(days=90), "pass"),
        (["ce.example.edu"], NOW + dt.timedelta(days=13), "warn"),
        (["ce.example.edu"], NOW - dt.timedelta(seconds=1), "fail"),
        (["example.edu"], NOW + dt.timedelta(days=90), "fail"),
        (["*.edu"], NOW + dt.timedelta(days=90), "fail"),
        (["*.ce.example.edu"], NOW + dt.timedelta(days=90), "fail"),
    ],
)
def test_certificate_is_judged_by_name_and_time(names: list[str], until: dt.datetime, verdict: str) -> None:
    found = judge(certificate(*names, until=until), "ce.example.edu", NOW)
    assert found.verdict == verdict
    assert bool(found.todo) == (verdict != "pass")


def test_a_certificate_of_tomorrow_is_not_valid_yet() -> None:
    made = certificate("ce.example.edu", until=NOW + dt.timedelta(days=90))
    early = made.not_valid_before_utc - dt.timedelta(days=1)
    assert judge(made, "ce.example.edu", early).seen == "it is not valid yet"


@pytest.fixture
def pair(tmp_path: Path) -> FrontDoor:
    """A door whose certificate and key are all right."""
    issued = trustme.CA().issue_cert("ce.example.edu")
    certificate_file, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    certificate_file.write_bytes(b"".join(pem.bytes() for pem in issued.cert_chain_pems))
    key.write_bytes(issued.private_key_pem.bytes())
    key.chmod(0o600)
    return door(certificate=str(certificate_file), certificate_key=str(key))


def verdicts(found: Any) -> dict[str, str]:
    return {each.name: each.verdict for each in found}


def test_a_pair_that_fits_passes(pair: FrontDoor) -> None:
    now = dt.datetime.now(dt.UTC)
    assert verdicts(check_certificate(pair, now)) == {"certificate": "pass", "certificate key": "pass"}


def test_a_key_that_others_can_read_is_found(pair: FrontDoor) -> None:
    pair.certificate_key.chmod(0o640)
    [_, key] = check_certificate(pair, NOW)
    assert (key.verdict, key.todo) == ("fail", f"chmod 600 {pair.certificate_key}")


def test_a_key_of_another_certificate_is_found(pair: FrontDoor) -> None:
    pair.certificate_key.write_bytes(trustme.CA().issue_cert("x.org").private_key_pem.bytes())
    [_, key] = check_certificate(pair, NOW)
    assert (key.verdict, "is not the key of" in key.seen) == ("fail", True)


def test_files_that_are_not_there_or_nonsense_are_told(pair: FrontDoor) -> None:
    pair.certificate_key.unlink()
    [_, key] = check_certificate(pair, NOW)
    assert key.seen == f"{pair.certificate_key} cannot be read: No such file or directory"
    pair.certificate.write_text("nonsense")
    [only] = check_certificate(pair, NOW)
    assert "it is no certificate in PEM format" in only.seen


def answers(**changes: Any) -> Answers:
    ad = {
        "Name": "ce.example.edu", "OSG_Resource": "Example-CE1", "OSG_ResourceGroup": "Example University",
        "OSG_BatchSystems": "SLURM", "OSG_ResourceCatalog": "[]", "grid_resource": "condor a a:1",
    }  # fmt: skip
    settings = {"QUEUE_SUPER_USERS": f"root, {ME}", "PROTECTED_JOB_ATTRS": " ".join(PROTECTED), "SPOOL": "/s"}
    known = {"schedds": [ad], "jobs": 3, "identity": ME, "users": [ME], "settings": settings}
    return Answers({**known, **changes})


def by_name(given: Answers) -> dict[str, Finding]:
    return {each.name: each for each in judge_daemons(subject(), given)}


def test_daemons_that_answer_well_pass() -> None:
    found = by_name(answers())
    assert {name: each.verdict for name, each in found.items()} == {
        "collector": "pass", "schedd": "pass", "manager": "pass",
    }  # fmt: skip
    assert found["schedd"].seen == "it answers; 3 pilots are in its queue"


@pytest.mark.parametrize(
    ("changes", "name", "verdict", "seen"),
    [
        ({"schedds": []}, "collector", "fail", "it knows no schedd ce.example.edu, but: none"),
        ({"schedds": [{"Name": "x"}]}, "collector", "fail", "it knows no schedd ce.example.edu, but: x"),
        (
            {"schedds": [{"Name": "ce.example.edu", "OSG_Resource": "a", "grid_resource": "b"}]},
            "collector",
            "fail",
            "the schedd's ad has no OSG_ResourceGroup, OSG_BatchSystems, OSG_ResourceCatalog",
        ),
        ({"identity": "a@b"}, "manager", "fail", "the schedd takes us as a@b, who is no queue super user"),
        (
            {"users": ["osg01@users.htcondor.org"]},
            "manager",
            "fail",
            f"the schedd has no record of {ME}, and takes no edits of others",
        ),
        (
            {"settings": {"QUEUE_SUPER_USERS": ME, "PROTECTED_JOB_ATTRS": " ".join(PROTECTED[1:]).lower()}},
            "manager",
            "warn",
            f"we are {ME}; not protected: {PROTECTED[0]}",
        ),
    ],
)
def test_what_daemons_say_is_judged(changes: dict[str, Any], name: str, verdict: str, seen: str) -> None:
    found = by_name(answers(**changes))[name]
    assert (found.verdict, found.seen) == (verdict, seen)
    assert found.todo


def test_daemons_that_do_not_answer_fail_each_with_its_reason() -> None:
    found = by_name(
        Answers({}, {"schedds": "refused", "jobs": "hung", "identity": "no", "users": "", "settings": ""})
    )
    assert {name: each.verdict for name, each in found.items()} == {
        "collector": "fail", "schedd": "fail", "manager": "fail",
    }  # fmt: skip
    assert found["schedd"].seen == "it does not answer: hung"


@pytest.mark.parametrize(("free", "verdict"), [(5 * GB, "pass"), (GB, "warn"), (GB // 10, "fail")])
def test_disk_is_judged_by_what_is_free(free: int, verdict: str) -> None:
    assert judge_space(Path("/s"), free).verdict == verdict


def test_a_spool_that_is_not_there_is_told(tmp_path: Path) -> None:
    [only] = check_spool(tmp_path / "none")
    assert only.verdict == "fail"
    assert [each.name for each in check_spool(tmp_path)] == ["spool", "disk"]


def test_missing_programs_end_the_checks_of_files(tmp_path: Path) -> None:
    [only] = check_files(subject(tmp_path))
    assert (only.name, only.verdict) == ("programs", "fail")
    assert "HOSTED_CE_CONDOR_BIN" in only.todo


def test_a_port_that_nobody_answers_at_fails_and_one_that_answers_passes() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        [here, name] = check_network(door(port=port, host="localhost"))
        assert (here.verdict, name.verdict) == ("pass", "pass")
        [_, unknown] = check_network(door(port=port, host="ce.invalid"))
        assert (unknown.verdict, "is no known name here" in unknown.seen) == ("warn", True)
        [_, forwarded] = check_network(door(port=port, host="ce.invalid", bind="0.0.0.0"))
        assert forwarded.verdict == "fail"
    [closed] = check_network(door(port=port))
    assert (closed.verdict, closed.todo) == ("fail", "start it with `hosted-ce front-door start`")


def test_a_port_that_cannot_be_had_is_told_with_the_reason() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(MasterTrouble, match=f"port {port} is taken by another program"):
            check_port(door(port=port, bind="127.0.0.1"))
    check_port(door(port=port, bind="127.0.0.1"))
    with pytest.raises(MasterTrouble, match=r"192\.0\.2\.1 is no address of this machine"):
        check_port(door(port=port, bind="192.0.2.1"))


def test_a_probe_that_says_nothing_is_an_error_for_every_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert ask.ask(tmp_path, "jobs", timeout_s=5).errors == {"jobs": "exit code 1"}
    sleeper = tmp_path / "sleeper"
    sleeper.write_text("#!/bin/sh\nexec sleep 60\n")
    sleeper.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(sleeper))
    assert ask.ask(tmp_path, "jobs", timeout_s=0.2).errors == {"jobs": "no answer within 0.2 s"}
