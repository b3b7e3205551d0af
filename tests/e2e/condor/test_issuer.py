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


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_token_is_taken_for_its_subject(factory: Factory, entry: Entry, mint: Mint, algorithm: str) -> None:
    assert factory.knock(entry, mint(algorithm=algorithm)) == _IDENTITY


@pytest.mark.parametrize(
    "claims",
    [
        {"lifetime_s": -600},
        {"audience": "elsewhere.test:9619"},
        {"scope": "compute.read"},
        {"subject": "VOFRONTEND"},
        {"iss": "https://localhost:1"},
    ],
    ids=str,
)
def test_other_tokens_are_refused(factory: Factory, entry: Entry, mint: Mint, claims: dict[str, Any]) -> None:
    with pytest.raises(LabError, match="condor_ping"):
        factory.knock(entry, mint(**claims))


def test_another_issuer_cannot_sign_for_this_one(
    condor_lab: CondorLab, factory: Factory, entry: Entry, issuer: Issuer, mint: Mint
) -> None:
    other = start_issuer(condor_lab, "other")
    for claims in ({}, {"iss": issuer.url}):
        with pytest.raises(LabError, match="condor_ping"):
            factory.knock(entry, mint(other, **claims))


def test_pilot_comes_in_by_scitoken(factory: Factory, ce: Condor, entry: Entry, mint: Mint) -> None:
    factory.submit(entry, glidein_startup("exit 0"), scitoken=mint())
    arrived = wait_until(
        lambda: ce.queue(constraint="StageInFinish > 0"), "the pilot at the CE", seconds=60, every=0.3
    )
    assert [(ad["User"], ad["AuthTokenSubject"]) for ad in arrived] == [(_IDENTITY, _SUBJECT)]
