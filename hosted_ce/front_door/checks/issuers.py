"""Whether the issuers' keys can be had, which the schedd needs to check their tokens."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from typing import Any

from hosted_ce.front_door.checks.finding import Finding, failed, passed
from hosted_ce.scitokens.errors import CannotFetch, RefusedByIssuer
from hosted_ce.scitokens.fetch import HttpsFetch
from hosted_ce.site import Issuer

LONGEST = 200
"""Characters of a name that the issuer gives itself."""
_KNOWN = (".well-known/openid-configuration", ".well-known/oauth-authorization-server")
Get = Callable[[str], bytes]


def check_issuers(issuers: tuple[Issuer, ...]) -> Iterator[Finding]:
    """One finding for each issuer. Authorities are the system's, as they are for HTCondor."""
    fetch = HttpsFetch(os.environ.get("SCITOKEN_CONFIG_TLS_CA_FILE"))
    for name in dict.fromkeys(issuer.issuer for issuer in issuers):
        yield _check(lambda address: asyncio.run(fetch(address)), name)


def _check(get: Get, issuer: str) -> Finding:
    name = f"issuer {issuer}"
    todo = "ask its operators; check the name in the site file, and this machine's way to the Internet"
    try:
        described = _described(get, issuer)
        address = described.get("jwks_uri")
        if not isinstance(address, str):
            raise CannotFetch("its description has no jwks_uri")
        keys = _object(get(address)).get("keys")
        if not isinstance(keys, list):
            raise CannotFetch(f"{address} has no list of keys")
    except CannotFetch as error:
        return failed(name, f"its keys cannot be had: {error}", todo)
    if described.get("issuer") != issuer:
        seen = f"it calls itself {str(described.get('issuer'))[:LONGEST]}"
        return failed(name, seen, "write that name into the site file: tokens have it as their iss")
    return passed(name, f"it has {len(keys)} keys")


def _described(get: Get, issuer: str) -> dict[str, Any]:
    base = issuer.rstrip("/")
    try:
        return _object(get(f"{base}/{_KNOWN[0]}"))
    except RefusedByIssuer:
        return _object(get(f"{base}/{_KNOWN[1]}"))


def _object(document: bytes) -> dict[str, Any]:
    try:
        found = json.loads(document)
    except (ValueError, RecursionError) as error:
        raise CannotFetch("what it answers is not JSON") from error
    if not isinstance(found, dict):
        raise CannotFetch("what it answers is no JSON object")
    return found
