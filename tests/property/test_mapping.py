"""One rule says whose token is whose, at the API and in HTCondor's mapfile."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.front_door.mapfile import mapfile
from hosted_ce.site import Ban, Issuer
from hosted_ce.site.mapping import mapped, trusted

NAMES = st.sampled_from(
    ["https://a.example/x", "https://a.example", "https://a.example/x.y", "https://b.example"]
)
SUBJECTS = st.sampled_from(["one", "two", "one.two", "onetwo", "o+"])
ENTRIES = st.builds(
    Issuer, issuer=NAMES, subjects=st.none() | st.lists(SUBJECTS, min_size=1, max_size=2).map(tuple),
    account=st.sampled_from(["osg01", "osg02"]), vo=st.none(),
)  # fmt: skip
BANS = st.builds(Ban, issuer=NAMES, subject=st.none() | SUBJECTS)


def condors(text: str, issuer: str, subject: str) -> str:
    """What HTCondor makes of the mapfile: the first line that matches."""
    for line in text.splitlines():
        method, principal, name = [*line.split(), "", "", ""][:3]
        if method != "SCITOKENS":
            continue
        identity = f"{issuer},{subject}"
        if principal.startswith("/"):
            found = re.search(principal[1:-1], identity)
        else:
            found = identity if principal.strip('"') == identity else None
        if found:
            return name
    return ""


@given(st.lists(ENTRIES, max_size=4), st.lists(BANS, max_size=2), NAMES, SUBJECTS)
def test_the_api_and_htcondor_say_the_same(
    issuers: list[Issuer], bans: list[Ban], issuer: str, subject: str
) -> None:
    ours = mapped(issuers, bans, issuer, subject)
    theirs = condors(mapfile(issuers, bans, user="hosted-ce"), issuer, subject)
    if isinstance(ours, Issuer):
        assert theirs.split("@")[0] == ours.account
        assert trusted(issuers, issuer)
    else:
        assert theirs.startswith("banned@") if ours else theirs == ""
