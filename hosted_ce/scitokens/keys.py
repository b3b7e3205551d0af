"""An issuer's published keys (RFC 7517). Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from jwt import PyJWK
from jwt.exceptions import PyJWTError

from hosted_ce.scitokens.errors import CannotFetch
from hosted_ce.scitokens.rules import ALGORITHMS

MOST_KEYS = 64
Keys = Mapping[str | None, PyJWK]
"""By key id; None: it has none."""


def keys_in(document: bytes) -> Keys:
    """The keys for signatures in a JWKS document.

    One of a kind that is not known, or that is damaged, is left out, not the others with it. Raises
    CannotFetch when none is left.
    """
    found: dict[str | None, PyJWK] = {}
    for entry in _entries(document)[:MOST_KEYS]:
        if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
            continue
        name = entry.get("kid")
        try:
            key = PyJWK(entry)
        except (PyJWTError, ValueError, TypeError, KeyError):
            continue
        if key.algorithm_name in ALGORITHMS and (name is None or isinstance(name, str)):
            found[name] = key
    if not found:
        raise CannotFetch("its key set has no key that we can use (RS256 or ES256)")
    return found


def _entries(document: bytes) -> list[Any]:
    try:
        entries = json.loads(document)["keys"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CannotFetch("its key set is no JWKS document") from error
    if not isinstance(entries, list):
        raise CannotFetch("its key set is no JWKS document")
    return entries


def key_set_address(document: bytes, issuer: str) -> str:
    """`jwks_uri` of an issuer's metadata (RFC 8414). Raises CannotFetch for one that is not this issuer's."""
    try:
        said = json.loads(document)
        address, named = said["jwks_uri"], said["issuer"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CannotFetch("its metadata has no issuer and jwks_uri") from error
    if named not in (issuer, issuer.rstrip("/"), f"{issuer}/"):  # no set: it may be a list
        raise CannotFetch(f"its metadata is of another issuer: {str(named)[:200]!r}")
    if not isinstance(address, str) or not address.startswith("https://"):
        raise CannotFetch("its jwks_uri is not https")
    return address
