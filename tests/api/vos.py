"""A CE that takes tokens of two issuers, and who holds them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from hosted_ce.daemon.issuers import IssuerTokens
from hosted_ce.scitokens.errors import CannotFetch
from hosted_ce.scitokens.kept import KeyFiles
from hosted_ce.scitokens.keyring import Keyring
from hosted_ce.site import load_site
from tests.api.conftest import client_of
from tests.api.world import SITE_FILE, START, World, open_world
from tests.fakes.issuing import AUDIENCE, ISSUER, key_set, token

OTHER = "https://other.example.org"
SITE = f"""{SITE_FILE}
issuers:
  - {{issuer: {ISSUER}, subjects: [vofrontend, second], account: osg01, vo: OSPool}}
  - {{issuer: {OTHER}, account: osg01, vo: Other}}
bans:
  - {{issuer: {ISSUER}, subject: second}}
"""
ALL = "compute.read compute.create compute.modify compute.cancel"


class Issuers:
    """Both, with the same keys. Counts what is asked of them."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.away = False

    async def fetch(self, address: str) -> bytes:
        self.asked.append(address)
        if self.away:
            raise CannotFetch("away")
        if address.endswith("/jwks"):
            return key_set("rs1")
        issuer = address.removesuffix("/.well-known/openid-configuration")
        return json.dumps({"issuer": issuer, "jwks_uri": f"{issuer}/jwks"}).encode()


@asynccontextmanager
async def open_to_vos(template: Path, folder: Path, issuers: Issuers) -> AsyncIterator[World]:
    """The world with these issuers in its site file."""
    file = folder / "with-issuers.yaml"
    file.write_text(SITE)
    site = load_site(file)

    def now() -> float:
        return START

    keyring = Keyring(KeyFiles(folder / "issuers"), issuers.fetch, now)
    known = IssuerTokens(lambda: site, keyring, f"http://{AUDIENCE}", now)
    async with open_world(template, folder, issuers=known) as world:
        yield world


@asynccontextmanager
async def holder(world: World, scope: str = ALL, **claims: object) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody with such a token."""
    given = token(scope=scope, aud=f"http://{AUDIENCE}", **claims)
    async with client_of(world) as client:
        client.headers["Authorization"] = f"Bearer {given}"
        yield client
