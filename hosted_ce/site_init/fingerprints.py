"""Fingerprints of host keys, as people send them."""

from __future__ import annotations

import re

from hosted_ce.site.errors import BadValue, quote

_SHA256 = re.compile(r"SHA256:[A-Za-z0-9+/]{43}(?![A-Za-z0-9+/])")
_MD5 = re.compile(r"(?:MD5:)?(?:[0-9a-f]{2}:){15}[0-9a-f]{2}")


def check_fingerprint(text: str) -> str:
    """The one SHA256 fingerprint in what `ssh-keygen -l` prints, or in itself."""
    found = _SHA256.findall(text)
    if len(found) == 1:
        return str(found[0])
    if _MD5.search(text):
        raise BadValue(f"{quote(text)} is an MD5 fingerprint", "write what `ssh-keygen -lf FILE` prints")
    message = (
        "has more than one fingerprint" if found else "has no fingerprint as in SHA256:wl5T... (43 letters)"
    )
    raise BadValue(f"{quote(text)} {message}", "write what `ssh-keygen -lf FILE` prints, one key at a time")
