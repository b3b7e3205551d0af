"""`hosted-ce front-door` on a real HTCondor, as an ordinary user: start, check, config, stop."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.condor.config import Identity
from tests.e2e.condor.front_door import FrontDoorLab, front_door
from tests.e2e.condor.instance import Condor, prepare
from tests.e2e.condor.issuer import start_issuer
from tests.e2e.condor.lab import CondorLab
from tests.e2e.lab.daemons import HOST, is_listening
from tests.e2e.lab.process import command_name, wait_until

pytestmark = pytest.mark.e2e

NAMES = [
    "programs", "configuration", "mapfile", "modes", "certificate", "certificate key", "port", "name",
    "collector", "schedd", "manager", "spool", "disk",
]  # fmt: skip


@pytest.fixture(scope="module")
def door(condor_lab: CondorLab) -> Iterator[FrontDoorLab]:
    """An open front door; tests that close it open it again."""
    opened = front_door(condor_lab, "check.lab.test", start_issuer(condor_lab, "check-issuer"))
    opened.start()
    yield opened
    opened.run("stop")


def pid_of(door: FrontDoorLab) -> int:
    return int(door.layout.pid_file.read_text().split()[0])


def test_everything_passes_but_the_name_that_only_the_lab_knows(door: FrontDoorLab) -> None:
    found = door.check("--issuers")
    assert list(found)[: len(NAMES)] == NAMES
    [issuer] = list(found)[len(NAMES) :]
    assert found[issuer]["seen"] == "it has 2 keys"
    assert {name: each["verdict"] for name, each in found.items() if each["verdict"] != "pass"} == {
        "name": "warn"
    }
    assert found["manager"]["seen"].startswith(f"we are {door.account.name}@users.htcondor.org")


def test_all_of_it_belongs_to_the_account_alone(door: FrontDoorLab) -> None:
    for folder in door.layout.folders():
        assert (folder.stat().st_uid, folder.stat().st_mode & 0o777) == (door.account.uid, 0o700)
    assert door.layout.signing_key.stat().st_mode & 0o777 == 0o600
    master = Path(f"/proc/{pid_of(door)}")
    assert (command_name(pid_of(door)), master.stat().st_uid) == ("condor_master", door.account.uid)


def test_collector_tells_factories_what_they_look_for(door: FrontDoorLab) -> None:
    [ad] = door.condor.status("-schedd")
    address = f"{door.host}:{door.port}"
    assert ad["Name"] == door.host
    assert (ad["OSG_Resource"], ad["OSG_ResourceGroup"]) == ("Lab-CE1", "Lab-University")
    assert ad["OSG_BatchSystems"] == "SLURM"
    assert ad["grid_resource"] == f"condor {door.host} {address}"
    assert ad["CollectorHost"] == address
    [kind] = ad["OSG_ResourceCatalog"]
    assert kind == {
        "Name": "default", "IsPilotEntry": True, "CPUs": 8, "Memory": 16384, "MaxWallTime": 4320,
        "MaxPilots": 100, "Queue": "osg",
    }  # fmt: skip


def test_collector_answers_anybody_and_the_schedd_does_not(door: FrontDoorLab, condor_lab: CondorLab) -> None:
    stranger = condor_lab.accounts["pool"]
    settings = {
        "PATH": door.environment["PATH"], "CONDOR_CONFIG": "ONLY_ENV",
        "_CONDOR_SEC_CLIENT_AUTHENTICATION_METHODS": "SSL", "_CONDOR_COLLECTOR_HOST": f"{HOST}:{door.port}",
    }  # fmt: skip
    pool = ["-pool", f"{HOST}:{door.port}"]
    shown = stranger.run(["condor_status", "-schedd", "-af", "Name", *pool], settings)
    assert shown.stdout.decode().split() == [door.host]
    queue = stranger.run(["condor_q", "-allusers", "-name", door.host, *pool], settings)
    assert queue.returncode != 0


def test_a_second_start_says_that_it_runs(door: FrontDoorLab) -> None:
    ran = door.run("start")
    assert (ran.code, ran.printed) == (0, f"it runs already (process {pid_of(door)})\n")


def test_config_says_what_changed_and_the_running_door_takes_it(door: FrontDoorLab) -> None:
    assert door.run("config").printed == "nothing to change\n"
    door.write_site(resource="Lab-CE2")
    stale = door.check()
    assert stale["configuration"]["verdict"] == "fail"
    assert stale["collector"]["seen"] == "the schedd's ad is for resource Lab-CE1, not Lab-CE2"
    printed = door.run("config").printed
    assert f"wrote {door.layout.config}\n" in printed
    assert "the front door reads them now" in printed
    wait_until(
        lambda: door.condor.status("-schedd")[0]["OSG_Resource"] == "Lab-CE2", "the new ad", seconds=70
    )
    assert door.check()["collector"]["verdict"] == "pass"


def test_print_shows_the_files_and_writes_nothing(door: FrontDoorLab, condor_lab: CondorLab) -> None:
    other = front_door(condor_lab, "print.lab.test")
    printed = other.run("config", "--print").printed
    assert f"# ==== {other.layout.config}\n" in printed
    assert "SCHEDD_NAME = print.lab.test\n" in printed
    assert f"FS {other.account.name} {other.account.name}@users.htcondor.org\n" in printed
    assert not other.layout.folder.exists()


def test_checks_find_what_is_wrong_with_files(door: FrontDoorLab) -> None:
    door.layout.spool.chmod(0o755)
    door.layout.mapfile.write_text("SCITOKENS /.*/ osg01\n")
    found = door.check()
    assert found["modes"]["seen"] == f"{door.layout.spool} has mode 0755, not 0700"
    assert found["mapfile"]["verdict"] == "fail"
    assert door.run("config").code == 0
    found = door.check()
    assert (found["modes"]["verdict"], found["mapfile"]["verdict"]) == ("pass", "pass")


def test_checks_find_a_hung_schedd_and_end(door: FrontDoorLab) -> None:
    [schedd] = [pid for pid in _children(pid_of(door)) if command_name(pid) == "condor_schedd"]
    os.kill(schedd, signal.SIGSTOP)
    try:
        found = door.check("--timeout", "8")
    finally:
        os.kill(schedd, signal.SIGCONT)
    assert found["schedd"]["verdict"] == "fail"
    assert "no answer within 8 s" in found["schedd"]["seen"]
    assert found["collector"]["verdict"] == "pass"
    assert door.check()["schedd"]["verdict"] == "pass"


def test_a_door_run_elsewhere_is_looked_at_by_its_own_configuration(door: FrontDoorLab) -> None:
    elsewhere = door.folder / "elsewhere"
    elsewhere.mkdir()
    door.account.own(elsewhere)
    found = door.check("--state", str(elsewhere), "--condor-config", str(door.layout.config))
    assert list(found) == ["collector", "schedd", "manager", "spool", "disk"]
    assert {each["verdict"] for each in found.values()} == {"pass"}
    assert str(door.layout.spool) in found["spool"]["seen"]


def test_stop_ends_all_of_it_and_start_finds_its_queue_again(door: FrontDoorLab) -> None:
    before = pid_of(door)
    assert door.run("stop").printed == "the front door is closed\n"
    assert not Path(f"/proc/{before}").exists()
    assert not is_listening(door.port)
    assert door.run("stop").printed == "it did not run\n"
    closed = door.check()
    assert closed["port"]["verdict"] == closed["collector"]["verdict"] == "fail"
    ran = door.run("start")
    assert ran.printed == f"the front door is open at {door.host}:{door.port} (process {pid_of(door)})\n"


def test_a_pid_file_of_another_process_is_not_believed(door: FrontDoorLab) -> None:
    assert door.run("stop").code == 0
    mine = Path(f"/proc/{os.getpid()}/stat").read_text().rpartition(")")[2].split()[19]
    door.layout.pid_file.write_text(f"{os.getpid()} {mine}\n")
    assert door.run("stop").printed == "it did not run\n"
    door.start()


def test_in_the_foreground_it_is_the_process_that_was_started(condor_lab: CondorLab) -> None:
    other = front_door(condor_lab, "foreground.lab.test")
    process = other.foreground()
    process.start()
    assert process.pid is not None
    assert command_name(process.pid) == "condor_master"
    assert other.run("start").printed == f"it runs already (process {process.pid})\n"
    process.stop(signal.SIGTERM)
    assert other.run("stop").printed == "it did not run\n"


def test_refusals_say_what_to_do(condor_lab: CondorLab) -> None:
    other = front_door(condor_lab, "refusals.lab.test")
    with socket.create_server((HOST, other.port)):
        taken = other.run("start")
    assert taken.code == 1
    assert taken.printed.startswith(f"error: port {other.port} is taken by another program")
    missing = other.run("start", "--condor-bin", str(other.folder))
    assert "install HTCondor 25 or later (package `condor`)" in missing.printed
    clusters = other.site["clusters"]
    clusters["main"]["account"] = other.account.name
    other.write_site(issuers=[{"issuer": "https://x.org", "account": other.account.name}])
    own = other.run("start")
    assert own.printed.startswith(f"error: pilots cannot run as {other.account.name}: HTCondor gives")
    assert not other.layout.pid_file.exists()


def test_a_door_that_cannot_open_is_closed_again_and_says_why(condor_lab: CondorLab) -> None:
    other = front_door(condor_lab, "unopened.lab.test")
    ran = other.run("start", "--timeout", "12", _CONDOR_MAX_JOBS_SUBMITTED="many")
    assert ran.code == 1
    assert "the front door did not open within 12 s" in ran.printed
    assert "MAX_JOBS_SUBMITTED" in ran.printed
    assert not other.layout.pid_file.exists()
    assert not is_listening(other.port)


def test_a_central_collector_gets_the_schedds_ad_and_nothing_else(condor_lab: CondorLab) -> None:
    central = _central_collector(condor_lab, "central.lab.test")
    door = front_door(condor_lab, "advertised.lab.test")
    door.write_site(
        front_door={**door.site["front_door"], "advertise_to": [f"localhost:{central.identity.port}"]}
    )
    door.start()
    ads = wait_until(lambda: central.status("-schedd"), "the ad at the central collector", seconds=60)
    assert [(ad["Name"], ad["OSG_Resource"]) for ad in ads] == [(door.host, "Lab-CE1")]
    assert ads[0]["AuthenticatedIdentity"] == "ssl@unmapped"  # by the host certificate
    machines = {ad["Machine"] for ad in central.status("-master")}
    assert door.host not in machines
    door.run("stop")
    central.stop()


def _central_collector(lab: CondorLab, name: str) -> Condor:
    """A collector that takes ads of schedds from everybody with a certificate of the lab's authority."""
    identity, account = Identity(name, lab.folder / name, next(lab.ports)), lab.accounts["pool"]
    keys = lab.folder / f"{name}.keys"
    keys.mkdir(mode=0o755)
    own = lab.authority.host_certificate(keys, "localhost", owner=account)
    lines = [
        "SEC_DEFAULT_AUTHENTICATION_METHODS = FS, SSL",
        f"AUTH_SSL_SERVER_CERTFILE = {own.certificate}",
        f"AUTH_SSL_SERVER_KEYFILE = {own.key}",
        f"AUTH_SSL_SERVER_CAFILE = {lab.authority.file}",
        "AUTH_SSL_REQUIRE_CLIENT_CERTIFICATE = True",
        "ALLOW_ADVERTISE_SCHEDD = *",
        "FS_LOCAL_DIR = $(RUN)",  # nobody else's programs come as neighbours
    ]
    central = prepare(lab.supervisor, lab.programs, account, identity, "MASTER COLLECTOR", *lines)
    serves = replace(central.master, is_ready=lambda: is_listening(identity.port))
    serving = replace(central, master=serves)
    serving.start()
    return serving


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
