"""SciTokens of the lab's own issuer open a real schedd's door, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.condor.ce import PILOT_DOMAIN, start_minimal_ce
from tests.e2e.condor.factory import Factory
from tests.e2e.condor.instance import Condor
from tests.e2e.condor.issuer import Issuer, start_issuer
from tests.e2e.condor.lab import CondorLab
from tests.e2e.condor.pilot_script import glidein_startup
from tests.e2e.condor.submit_file import Entry
from tests.e2e.lab.process import LabError, wait_until

pytestmark = pytest.mark.e2e

_SUBJECT = "vofrontend-lab"
_IDENTITY = f"{_SUBJECT}@{PILOT_DOMAIN}"

Mint = Callable[..., Path]
Refusal = Callable[[Path, str], None]


@pytest.fixture(scope="module")
def issuer(condor_lab: CondorLab) -> Issuer:
    return start_issuer(condor_lab)


@pytest.fixture(scope="module")
def ce(condor_lab: CondorLab, issuer: Issuer) -> Condor:
    return start_minimal_ce(condor_lab, host="scitokens.lab.test", issuer=issuer)


@pytest.fixture
def entry(ce: Condor) -> Entry:
    return Entry(ce.identity.name, ce.identity.collector, "SciToken_Entry")


@pytest.fixture
def mint(factory: Factory, issuer: Issuer, entry: Entry) -> Mint:
    """A file with a token; unless told otherwise one that opens the door."""

    def token_file(of: Issuer = issuer, audience: str = entry.collector, **claims: Any) -> Path:
        token = of.token(audience, **{"subject": _SUBJECT, **claims})
        return factory.condor.account.write(factory.condor.identity.folder / "scitoken", token.encode())

    return token_file


@pytest.fixture
def refusal(factory: Factory, ce: Condor, entry: Entry) -> Refusal:
    """That a token is not taken, and that the CE's schedd writes this into its log about it."""

    def refused(scitoken: Path, reason: str) -> None:
        known = ce.log("SchedLog").count(reason)
        with pytest.raises(LabError, match="condor_ping"):
            factory.knock(entry, scitoken)
        said = f"{reason!r} in the log"
        wait_until(lambda: ce.log("SchedLog").count(reason) > known, said, seconds=60, every=0.1)

    return refused


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_token_is_taken_for_its_subject(factory: Factory, entry: Entry, mint: Mint, algorithm: str) -> None:
    assert factory.knock(entry, mint(algorithm=algorithm)) == _IDENTITY


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"lifetime_s": -600}, "token expired"),
        ({"audience": "elsewhere.test:9619"}, "'aud' claim verification failed"),
        ({"scope": "compute.read"}, "limited authorization"),
        ({"wlcg.ver": None}, "limited authorization"),  # compute.* means nothing outside the WLCG profile
        ({"subject": "NOBODY"}, "Failed to authenticate using SCITOKENS"),
        ({"iss": "https://localhost:1"}, "Could not connect to server"),
    ],
    ids=str,
)
def test_other_tokens_are_refused(refusal: Refusal, mint: Mint, claims: dict[str, Any], reason: str) -> None:
    refusal(mint(**claims), reason)


def test_another_issuer_is_a_stranger_and_cannot_sign_for_this_one(
    condor_lab: CondorLab, issuer: Issuer, refusal: Refusal, mint: Mint
) -> None:
    other = start_issuer(condor_lab, "other")
    refusal(mint(other), "Failed to authenticate using SCITOKENS")
    refusal(mint(other, iss=issuer.url), "failed to verify signature")


def test_pilot_comes_in_by_scitoken(factory: Factory, ce: Condor, entry: Entry, mint: Mint) -> None:
    factory.submit(entry, glidein_startup("exit 0"), scitoken=mint())
    arrived = wait_until(
        lambda: ce.queue(constraint="StageInFinish > 0"), "the pilot at the CE", seconds=60, every=0.3
    )
    assert [(ad["User"], ad["AuthTokenSubject"]) for ad in arrived] == [(_IDENTITY, _SUBJECT)]
