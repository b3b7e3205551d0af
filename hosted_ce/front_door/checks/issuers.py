"""Whether the issuers' keys can be had, which the schedd needs to check their tokens."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from typing import Any

import httpx

from hosted_ce.front_door.checks.finding import Finding, failed, passed
from hosted_ce.site import Issuer

TIMEOUT_S = 10.0

_KNOWN = (".well-known/openid-configuration", ".well-known/oauth-authorization-server")


def check_issuers(issuers: tuple[Issuer, ...]) -> Iterator[Finding]:
    """One finding for each issuer. Authorities are the system's, as they are for HTCondor."""
    authorities = os.environ.get("SCITOKEN_CONFIG_TLS_CA_FILE")
    context = ssl.create_default_context(cafile=authorities)
    with httpx.Client(verify=context, timeout=TIMEOUT_S, follow_redirects=True) as client:
        for name in dict.fromkeys(issuer.issuer for issuer in issuers):
            yield _check(client, name)


def _check(client: httpx.Client, issuer: str) -> Finding:
    name = f"issuer {issuer}"
    todo = "ask its operators; check the name in the site file, and this machine's way to the Internet"
    try:
        described = _describe(client, issuer)
        keys = _get(client, str(described["jwks_uri"]))["keys"]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
        return failed(name, f"its keys cannot be had: {_why(error)}", todo)
    if described.get("issuer") != issuer:
        seen = f"it calls itself {described.get('issuer')}"
        return failed(name, seen, "write that name into the site file: tokens have it as their iss")
    return passed(name, f"it has {len(keys)} keys")


def _describe(client: httpx.Client, issuer: str) -> dict[str, Any]:
    base = issuer.rstrip("/")
    try:
        return _get(client, f"{base}/{_KNOWN[0]}")
    except httpx.HTTPStatusError:
        return _get(client, f"{base}/{_KNOWN[1]}")


def _get(client: httpx.Client, url: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.get(url).raise_for_status().json()
    return answer


def _why(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"its description has no {error}"
    return str(error).splitlines()[0] if str(error) else type(error).__name__
