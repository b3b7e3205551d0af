"""Whose tokens open the product's front door, as whom they come, and what they may do there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from hosted_ce.intake.condor.attributes import OURS_TO_SAY, PROTECTED
from tests.e2e.condor.factory import Factory
from tests.e2e.condor.front_door import FrontDoorLab, front_door
from tests.e2e.condor.issuer import Issuer, start_issuer
from tests.e2e.condor.lab import CondorLab
from tests.e2e.condor.pilot_script import glidein_startup
from tests.e2e.condor.submit_file import Entry
from tests.e2e.lab.daemons import HOST
from tests.e2e.lab.process import LabError, wait_until

pytestmark = pytest.mark.e2e

Mint = Callable[..., Path]
Refusal = Callable[[Path, str], None]
Tool = Callable[..., str]


@pytest.fixture(scope="module")
def issuer(condor_lab: CondorLab) -> Issuer:
    """Every subject of it is taken, but one."""
    return start_issuer(condor_lab, "whole")


@pytest.fixture(scope="module")
def choosy(condor_lab: CondorLab) -> Issuer:
    """One subject of it is taken."""
    return start_issuer(condor_lab, "choosy")


@pytest.fixture(scope="module")
def door(condor_lab: CondorLab, issuer: Issuer, choosy: Issuer) -> Iterator[FrontDoorLab]:
    opened = front_door(condor_lab, "tokens.lab.test", issuer)
    main = opened.site["clusters"]["main"]
    opened.write_site(
        clusters={"main": main, "other": {**main, "account": "osg02"}},
        routes=[{"name": "main", "cluster": "main"}, {"name": "other", "cluster": "other"}],
        issuers=[
            {"issuer": issuer.url, "account": "osg01"},
            {"issuer": choosy.url, "subjects": ["vofrontend-x"], "account": "osg02"},
        ],
        bans=[{"issuer": issuer.url, "subject": "rogue"}],
    )
    opened.start()
    yield opened
    opened.run("stop")


@pytest.fixture
def entry(door: FrontDoorLab) -> Entry:
    return Entry(door.host, f"{HOST}:{door.port}", "Token_Entry")


@pytest.fixture
def mint(factory: Factory, issuer: Issuer, door: FrontDoorLab) -> Mint:
    """A file with a token; unless told otherwise one that opens the door."""

    def token_file(of: Issuer = issuer, **claims: Any) -> Path:
        token = of.token(**{"audience": f"{door.host}:{door.port}", **claims})
        return factory.condor.account.write(factory.condor.identity.folder / "scitoken", token.encode())

    return token_file


@pytest.fixture
def refusal(factory: Factory, door: FrontDoorLab, entry: Entry) -> Refusal:
    """That a token is not taken, and that the schedd writes this into its log about it."""

    def refused(scitoken: Path, reason: str) -> None:
        known = door.condor.log("SchedLog").count(reason)
        with pytest.raises(LabError, match="condor_ping"):
            factory.knock(entry, scitoken)
        said = f"{reason!r} in the log"
        wait_until(lambda: door.condor.log("SchedLog").count(reason) > known, said, seconds=60, every=0.1)

    return refused


@pytest.fixture
def as_owner(factory: Factory, door: FrontDoorLab, mint: Mint) -> Tool:
    """One of HTCondor's tools, run at the front door by somebody who has a token for it."""

    def run(tool: str, option: str, then: Sequence[str] = (), submit: str = "") -> str:
        settings = {
            "_CONDOR_SEC_CLIENT_AUTHENTICATION_METHODS": "SCITOKENS",
            "BEARER_TOKEN_FILE": str(mint(subject="vofrontend-b")),
        }
        described = factory.condor.account.write(
            factory.condor.identity.folder / "submit", submit.encode(), 0o644
        )
        argv = [tool, option, door.host, "-pool", f"{HOST}:{door.port}", *then]
        return factory.condor.tool(*argv, *([str(described)] if submit else []), environment=settings)

    return run


def test_every_subject_of_an_issuer_comes_as_its_account(factory: Factory, entry: Entry, mint: Mint) -> None:
    for subject in ("vofrontend-a", "someone@example.org", "a b", "https://cilogon.org/serverA/users/1"):
        assert factory.knock(entry, mint(subject=subject)) == "osg01@users.htcondor.org"


def test_a_listed_subject_is_taken_and_nothing_like_it(
    factory: Factory, entry: Entry, mint: Mint, refusal: Refusal, choosy: Issuer
) -> None:
    assert factory.knock(entry, mint(choosy, subject="vofrontend-x")) == "osg02@users.htcondor.org"
    for subject in ("vofrontend-xy", "vofrontend-", "Vofrontend-x", "y,vofrontend-x", "vofrontend-x "):
        refusal(mint(choosy, subject=subject), "Failed to map SCITOKENS authenticated identity")


def test_the_audience_may_be_written_as_a_url(
    factory: Factory, door: FrontDoorLab, entry: Entry, mint: Mint
) -> None:
    for scheme in ("https", "condor"):
        token = mint(audience=f"{scheme}://{door.host}:{door.port}")
        assert factory.knock(entry, token) == "osg01@users.htcondor.org"


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"lifetime_s": -600}, "token expired"),
        ({"audience": "elsewhere.test:9619"}, "'aud' claim verification failed"),
        ({"audience": "tokens.lab.test"}, "'aud' claim verification failed"),
        ({"scope": "compute.read"}, "limited authorization"),
        ({"subject": "a,b"}, "Failed to map SCITOKENS authenticated identity"),
        ({"subject": "rogue"}, "PERMISSION DENIED to banned@banned.htcondor.org"),
    ],
    ids=str,
)
def test_other_tokens_are_refused(refusal: Refusal, mint: Mint, claims: dict[str, Any], reason: str) -> None:
    refusal(mint(**claims), reason)


def test_an_unknown_issuer_is_refused_and_cannot_sign_for_a_known_one(
    condor_lab: CondorLab, issuer: Issuer, refusal: Refusal, mint: Mint
) -> None:
    stranger = start_issuer(condor_lab, "stranger")
    refusal(mint(stranger), "Failed to map SCITOKENS authenticated identity")
    refusal(mint(stranger, iss=issuer.url), "failed to verify signature")


def test_a_ban_counts_when_the_configuration_is_written(
    factory: Factory, door: FrontDoorLab, entry: Entry, mint: Mint, issuer: Issuer
) -> None:
    bans = door.site["bans"]
    assert factory.knock(entry, mint(subject="turned")) == "osg01@users.htcondor.org"
    door.write_site(bans=[*bans, {"issuer": issuer.url, "subject": "turned"}])
    assert f"wrote {door.layout.mapfile}\n" in door.run("config").printed
    banned = wait_until(lambda: _refused(factory, entry, mint(subject="turned")), "the ban", seconds=60)
    assert "FAIL" in banned
    door.write_site(bans=[{"issuer": issuer.url}])
    door.run("config")
    wait_until(lambda: _refused(factory, entry, mint(subject="anybody")), "the larger ban", seconds=60)
    door.write_site(bans=bans)
    door.run("config")
    wait_until(lambda: not _refused(factory, entry, mint(subject="turned")), "the end of the ban", seconds=60)


def test_a_pilot_comes_in_by_its_token(
    factory: Factory, door: FrontDoorLab, entry: Entry, mint: Mint
) -> None:
    factory.submit(entry, glidein_startup("exit 0"), scitoken=mint(subject="vofrontend-a"))
    [ad] = wait_until(
        lambda: door.condor.queue(constraint="StageInFinish > 0"), "the pilot", seconds=60, every=0.3
    )
    assert (ad["User"], ad["AuthTokenSubject"]) == ("osg01@users.htcondor.org", "vofrontend-a")
    assert Path(ad["Iwd"]).is_relative_to(door.layout.spool)


def test_what_only_the_ce_may_say_is_neither_brought_along_nor_changed(
    door: FrontDoorLab, as_owner: Tool
) -> None:
    forged = "".join(f'+{name} = "forged"\n' for name in OURS_TO_SAY)
    as_owner("condor_submit", "-remote", submit=f"executable = /bin/true\n{forged}+Mine = 1\nqueue 2\n")
    ads = door.condor.queue(constraint='AuthTokenSubject == "vofrontend-b"')
    assert [ad["Mine"] for ad in ads] == [1, 1]
    assert [name for ad in ads for name in OURS_TO_SAY if ad.get(name) == "forged"] == []
    job = f"{ads[0]['ClusterId']}.0"
    assert "Set attribute" in as_owner("condor_qedit", "-name", then=[job, "Mine", "2"])
    for name in PROTECTED:
        with pytest.raises(LabError, match=f'Failed to set attribute "{name}"'):
            as_owner("condor_qedit", "-name", then=[job, name, '"forged"'])
    door.condor.tool("condor_qedit", job, "ChirpHostedCEPilot", '"ours"')
    [ad] = door.condor.queue(constraint=f"ClusterId == {ads[0]['ClusterId']} && ProcId == 0")
    assert (ad["Mine"], ad["ChirpHostedCEPilot"]) == (2, "ours")


def test_nothing_but_pilots_of_the_vanilla_universe_is_taken(door: FrontDoorLab) -> None:
    submit = door.folder / "local.sub"
    submit.write_text("universe = local\nexecutable = /bin/true\nqueue\n")
    with pytest.raises(LabError, match=re.escape("This CE takes pilots of the vanilla universe only")):
        door.condor.tool("condor_submit", str(submit))


def test_nobody_gets_a_token_here_that_outlives_his_own(as_owner: Tool) -> None:
    with pytest.raises(LabError, match="Token fetch disabled"):
        as_owner("condor_token_fetch", "-name", then=["-type", "schedd"])


def _refused(factory: Factory, entry: Entry, token: Path) -> str:
    try:
        factory.knock(entry, token)
    except LabError as error:
        return str(error)
    return ""
