"""The mapfile, as HTCondor's own parser and regular expressions read it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hosted_ce.front_door.errors import Unwritable
from hosted_ce.front_door.mapfile import mapfile
from hosted_ce.site import Ban, Issuer
from hosted_ce.site.text import ISSUER, SUBJECT
from tests.unit.front_door.oracle import TokenMap

OSPOOL = "https://scitokens.org/ospool"
OTHER = "https://tokens.example.org"

ISSUERS = (
    Issuer(issuer=OSPOOL, account="osg01"),
    Issuer(issuer=OTHER, subjects=("one", "two"), account="osg02"),
)

NEAR_MISSES = [
    "https://scitokensXorg/ospool",
    "https://scitokens.org/ospool/",
    "https://scitokens.org/ospool2",
    "https://scitokens.org/OSPOOL",
    "xhttps://scitokens.org/ospool",
    "https://evil.org/?https://scitokens.org/ospool",
    "",
]


def whom(folder: Path, *bans: Ban, issuers: tuple[Issuer, ...] = ISSUERS) -> TokenMap:
    return TokenMap(folder, mapfile(issuers, bans, user="hosted-ce"))


def test_every_subject_of_a_whole_issuer_and_the_listed_ones_of_another(tmp_path: Path) -> None:
    tokens = whom(tmp_path)
    for subject in ("vofrontend-a", "a b", "^.*$", "x@y", "(a|b)", "ünïcode", "a\nb"):
        assert tokens.identity(OSPOOL, subject) == "osg01@users.htcondor.org"
    assert tokens.identity(OTHER, "one") == "osg02@users.htcondor.org"
    for subject in ("on", "onex", "One", " one", "one ", "", "three", "one,", ",one"):
        assert tokens.identity(OTHER, subject) is None


@pytest.mark.parametrize("issuer", NEAR_MISSES)
def test_issuers_that_look_alike_are_strangers(tmp_path: Path, issuer: str) -> None:
    assert whom(tmp_path).identity(issuer, "vofrontend-a") is None


def test_a_comma_cannot_make_one_issuer_pose_as_another(tmp_path: Path) -> None:
    tokens = whom(tmp_path)
    assert tokens.identity(OSPOOL, "a,b") is None
    assert tokens.identity(f"{OSPOOL},x", "y") is None
    assert tokens.identity(f"{OTHER},one", "") is None


def test_bans_go_before_everything(tmp_path: Path) -> None:
    tokens = whom(tmp_path, Ban(issuer=OSPOOL, subject="rogue"), Ban(issuer=OTHER))
    assert tokens.identity(OSPOOL, "rogue") == "banned@banned.htcondor.org"
    assert tokens.identity(OSPOOL, "rogue2") == "osg01@users.htcondor.org"
    for subject in ("one", "two", "a,b"):
        assert tokens.identity(OTHER, subject) == "banned@banned.htcondor.org"


def test_a_listed_subject_goes_before_the_rest_of_its_issuer_wherever_it_is_written(tmp_path: Path) -> None:
    special = Issuer(issuer=OSPOOL, subjects=("special",), account="osg02")
    for issuers in ((ISSUERS[0], special), (special, ISSUERS[0])):
        tokens = whom(tmp_path, issuers=issuers)
        assert tokens.identity(OSPOOL, "special") == "osg02@users.htcondor.org"
        assert tokens.identity(OSPOOL, "other") == "osg01@users.htcondor.org"


names = st.from_regex(ISSUER.pattern, fullmatch=True).filter(lambda text: len(text) < 100)
subjects = st.from_regex(SUBJECT.pattern, fullmatch=True).filter(lambda text: len(text) < 100)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(issuer=names, other=names, subject=subjects, stranger=subjects)
def test_what_a_site_file_may_say_means_itself_and_nothing_else(
    tmp_path: Path, issuer: str, other: str, subject: str, stranger: str
) -> None:
    whole = TokenMap(tmp_path, mapfile([Issuer(issuer=issuer, account="osg01")], [], user="me"))
    assert whole.identity(issuer, subject) == "osg01@users.htcondor.org"
    assert (whole.identity(other, subject) is not None) == (other == issuer)
    one = Issuer(issuer=issuer, subjects=(subject,), account="osg01")
    exact = TokenMap(tmp_path, mapfile([one], [Ban(issuer=other, subject=stranger)], user="me"))
    banned = (other, stranger) == (issuer, subject)
    expected = "banned@banned.htcondor.org" if banned else "osg01@users.htcondor.org"
    assert exact.identity(issuer, subject) == expected
    assert (exact.identity(issuer, f"{subject}x") is not None) == (
        (other, stranger) == (issuer, f"{subject}x")
    )


@given(text=st.text(max_size=40))
def test_other_texts_are_refused_or_stay_on_their_line(text: str) -> None:
    """A model made past its checks must not write another line either."""
    entry = Issuer.model_construct(issuer=text, subjects=(text,), account="osg01")
    whole = Issuer.model_construct(issuer=text, subjects=None, account=text)
    for issuer in (entry, whole):
        try:
            written = mapfile([issuer], [], user="me")
        except Unwritable:
            continue
        lines = [line for line in written.split("\n") if line.startswith("SCITOKENS")]
        assert len(lines) == 1
        assert len(lines[0].split()) == 3
        assert len(written.splitlines()) == 6


@pytest.mark.parametrize("account", ["root", "condor", "hosted-ce"])
def test_accounts_that_htcondor_gives_power_to_are_refused(account: str) -> None:
    with pytest.raises(Unwritable, match=f"pilots cannot run as {account}: HTCondor gives"):
        mapfile([Issuer.model_construct(issuer=OSPOOL, account=account)], [], user="hosted-ce")


def test_on_this_machine_only_our_own_account_and_root_are_somebody() -> None:
    lines = mapfile((), (), user="hosted-ce").splitlines()
    assert [line for line in lines if line.startswith("FS ")] == [
        "FS hosted-ce hosted-ce@users.htcondor.org",
        "FS root root@users.htcondor.org",
        "FS /.*/ other@unmapped",
    ]
