"""Whether a browser sent a request from one of our own pages. Pure.

A browser adds cookies and passwords by itself, also to what another site makes it send. What a request
changes by them is hence refused unless the browser says that our own page sent it: `SameSite` alone would let
through what other hosts of the same domain send.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit


def from_our_page(headers: Mapping[str, str], public_url: str) -> bool:
    """Whether these headers say that it came from a page of the CE at this address.

    Browsers that know `Sec-Fetch-Site` send it to https and loopback addresses; all send `Origin` with a
    POST. Without either it is no browser of today: refused. `Host` counts as our name besides the public one,
    since people come through tunnels: a page that has the same name as we have is ours, or has no cookie.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = urlsplit(headers.get("origin", ""))
    if origin.scheme not in ("http", "https") or not origin.netloc:
        return False
    ours = urlsplit(public_url)
    public = (origin.scheme, origin.netloc) == (ours.scheme, ours.netloc)
    return public or origin.netloc == headers.get("host")
