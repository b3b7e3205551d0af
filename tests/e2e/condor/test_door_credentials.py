"""Credentials: private at the site, and renewed there while their pilot runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.e2e.condor.factory import Factory, FactoryOptions, start_factory
from tests.e2e.condor.hosted import COMPLETED, RUNNING, Way, running_way
from tests.e2e.condor.lab import CondorLab
from tests.e2e.condor.proxy import GridUser, new_grid_user
from tests.e2e.lab.site import Lab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
READS = """
cat pool.idtoken
for second in $(seq 150); do
    grep -q second pool.idtoken && break
    sleep 1
done
cat pool.idtoken
stat --format=%a pool.idtoken
"""
SHOWS_ITS_PROXY = """
cat "$X509_USER_PROXY" >before
for second in $(seq 180); do
    cmp -s before "$X509_USER_PROXY" || break
    sleep 1
done
cat before
echo -- renewed:
cat "$X509_USER_PROXY"
stat --format=%a "$X509_USER_PROXY"
"""
HOUR = dt.timedelta(hours=1)
LOOKS_OFTEN = "GRIDMANAGER_CHECKPROXY_INTERVAL = 5"
"""HTCondor's own default is ten minutes."""


@pytest.fixture(scope="module")
def way(lab: Lab, condor_lab: CondorLab, factory: Factory) -> Iterator[Way]:
    with running_way(lab, condor_lab, factory, "credentials.lab.test") as way:
        yield way


def test_a_credential_that_is_renewed_in_the_spool_reaches_the_running_pilot(way: Way) -> None:
    entry = way.entry("Renewed")
    [job] = way.send(READS, entry=entry, inputs={"pool.idtoken": b"first\n"})
    way.wait_job(job, RUNNING)
    at_ce = way.at_ce(job)
    assert at_ce is not None
    account = way.door.account
    new = account.write(Path(at_ce["Iwd"]) / "new", b"second\n")
    new.replace(Path(at_ce["Iwd"]) / "pool.idtoken")  # as the schedd does it

    assert way.wait_job(job, COMPLETED, seconds=200)["ExitCode"] == 0
    assert way.factory.outputs(job, entry)[0] == b"first\nsecond\n600\n"
    history = way.ce.show(way.wait_pilot(job, "completed")["id"])["history"]
    assert [event["data"]["files"] for event in history if event["what"] == "credentials_renewed"] == [
        ["pool.idtoken"]
    ]


@pytest.fixture
def factories(condor_lab: CondorLab) -> Iterator[dict[bool, Factory]]:
    """Factories that delegate proxies to the CE, as HTCondor does by default (True), or copy them (False)."""
    started = {delegated: _factory(condor_lab, delegated) for delegated in (True, False)}
    yield started
    for factory in started.values():
        factory.condor.stop()


def _factory(lab: CondorLab, delegated: bool) -> Factory:
    lines = (LOOKS_OFTEN, f"DELEGATE_JOB_GSI_CREDENTIALS = {delegated}")
    return start_factory(lab, FactoryOptions(config_lines=lines), f"proxy-{delegated}.lab.test".lower())


class Proxied:
    """A pilot that was sent with an X.509 proxy and shows it."""

    def __init__(self, way: Way, factory: Factory):
        self.way = replace(way, factory=factory)
        self.user = new_grid_user("Lab Pilot")
        self.file = factory.condor.identity.folder / "x509up"
        self.renew(HOUR)
        self.entry = way.entry("Proxied")
        [self.job] = self.way.send(SHOWS_ITS_PROXY, entry=self.entry, proxy=self.file)

    def renew(self, lifetime: dt.timedelta) -> None:
        """The factory gets another proxy, under the name that the job has for it."""
        account = self.way.factory.condor.account
        account.write(self.file.with_suffix(".new"), self.user.proxy(lifetime)).replace(self.file)

    def wait(self) -> tuple[bytes, bytes, str]:
        """What the pilot had at its start, what it found in its place later, and that one's mode."""
        assert self.way.wait_job(self.job, COMPLETED, seconds=250)["ExitCode"] == 0
        out, _ = self.way.factory.outputs(self.job, self.entry)
        before, _, after = out.partition(b"-- renewed:\n")
        *lines, mode = after.splitlines(keepends=True)
        return before, b"".join(lines), mode.decode().strip()


def test_a_proxy_that_the_factory_renews_reaches_the_running_pilot(
    way: Way, factories: dict[bool, Factory]
) -> None:
    pilots = {delegated: Proxied(way, factory) for delegated, factory in factories.items()}
    for pilot in pilots.values():
        pilot.way.wait_job(pilot.job, RUNNING)
    first = pilots[False].file.read_bytes()
    for pilot in pilots.values():
        pilot.renew(8 * HOUR)

    assert pilots[False].wait() == (first, pilots[False].file.read_bytes(), "600")
    before, after, mode = pilots[True].wait()
    assert mode == "600"
    assert assert_delegated(before, pilots[True].user) + 6 * HOUR < assert_delegated(after, pilots[True].user)
    for pilot in pilots.values():
        history = way.ce.show(pilot.way.wait_pilot(pilot.job, "completed")["id"])["history"]
        renewals = [event["data"] for event in history if event["what"] == "credentials_renewed"]
        assert renewals == [{"files": ["x509up"]}]


def assert_delegated(pem: bytes, user: GridUser) -> dt.datetime:
    """It is a proxy of the user's proxy, with a key of its own. Returns until when it is valid."""
    leaf, proxy, certificate = x509.load_pem_x509_certificates(pem)
    assert load_pem_private_key(pem, None).public_key() == leaf.public_key()
    leaf.verify_directly_issued_by(proxy)
    proxy.verify_directly_issued_by(user.certificate)
    assert certificate == user.certificate
    return leaf.not_valid_after_utc
