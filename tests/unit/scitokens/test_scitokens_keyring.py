"""Keys of issuers: fetched once, kept, refreshed, and never asked for too often."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from hosted_ce.scitokens.errors import CannotFetch, KeysUnavailable
from hosted_ce.scitokens.kept import KeyFiles
from hosted_ce.scitokens.keyring import AGAIN_S, EXPIRE_S, REFRESH_S, KeptKeys, Keyring
from tests.fakes.issuing import ISSUER, NOW, key_set

KEY_SET = "https://keys.example.org/jwks"


class World:
    """An issuer whose documents a test sets; None: it is away."""

    def __init__(self, folder: Path) -> None:
        self.now, self.document = NOW, key_set("rs1")
        self.away = False
        self.asked: list[str] = []
        self.gate: asyncio.Event | None = None
        self.files = KeyFiles(folder / "issuers")
        self.ring = self.new()

    def new(self) -> Keyring:
        return Keyring(self.files, self.fetch, lambda: self.now)

    async def fetch(self, address: str) -> bytes:
        self.asked.append(address)
        if self.gate:
            await self.gate.wait()
        if self.away:
            raise CannotFetch("away")
        if address == KEY_SET:
            return self.document
        assert address == f"{ISSUER}/.well-known/openid-configuration"
        return json.dumps({"issuer": ISSUER, "jwks_uri": KEY_SET}).encode()


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


async def test_many_cold_callers_make_one_request(world: World) -> None:
    found = await asyncio.gather(*(world.ring.keys(ISSUER, "rs1") for _ in range(50)))
    assert all(set(keys) == {"rs1"} for keys in found)
    assert len(world.asked) == 2, "metadata and keys"


async def test_unknown_keys_ask_anew_and_seldom(world: World) -> None:
    for _ in range(5):
        assert "rs2" not in await world.ring.keys(ISSUER, "rs2")
    assert len(world.asked) == 2
    world.document = key_set("rs1", "rs2")
    world.now += AGAIN_S
    assert "rs2" in await world.ring.keys(ISSUER, "rs2")
    assert len(world.asked) == 4
    await world.ring.keys(ISSUER, "rs1")
    assert len(world.asked) == 4


async def test_old_keys_are_refreshed_and_hold_while_the_issuer_is_away(world: World) -> None:
    await world.ring.keys(ISSUER, "rs1")
    world.now += REFRESH_S
    world.away = True
    assert await world.ring.keys(ISSUER, "rs1")
    assert len(world.asked) == 3
    world.now += EXPIRE_S - REFRESH_S
    with pytest.raises(KeysUnavailable, match="cannot be had at the moment"):
        await world.ring.keys(ISSUER, "rs1")
    world.away = False
    world.now += AGAIN_S
    assert await world.ring.keys(ISSUER, "rs1")


async def test_nobody_waits_for_a_refresh_whose_key_is_here(world: World) -> None:
    await world.ring.keys(ISSUER, "rs1")
    world.now += REFRESH_S
    world.gate = asyncio.Event()
    slow = asyncio.create_task(world.ring.keys(ISSUER, "rs1"))
    while len(world.asked) < 3:
        await asyncio.sleep(0)
    assert await asyncio.wait_for(world.ring.keys(ISSUER, "rs1"), 60)
    world.gate.set()
    assert await slow


async def test_who_goes_away_does_not_keep_others_out(world: World) -> None:
    world.gate = asyncio.Event()
    gone = asyncio.create_task(world.ring.keys(ISSUER, "rs1"))
    while not world.asked:
        await asyncio.sleep(0)
    gone.cancel()
    await asyncio.wait([gone])
    world.gate.set()
    assert await world.ring.keys(ISSUER, "rs1")


async def test_keys_survive_a_restart_while_the_issuer_is_away(world: World) -> None:
    await world.ring.keys(ISSUER, "rs1")
    world.away = True
    world.now += REFRESH_S / 2
    assert "rs1" in await world.new().keys(ISSUER, "rs1")
    assert len(world.asked) == 2
    world.now += EXPIRE_S
    with pytest.raises(KeysUnavailable):
        await world.new().keys(ISSUER, "rs1")


async def test_a_clock_that_went_back_is_no_reason_to_trust_longer(world: World, tmp_path: Path) -> None:
    await world.files.put(KeptKeys(ISSUER, key_set("rs1"), NOW + 10 * EXPIRE_S))
    world.away = True
    ring = world.new()
    assert await ring.keys(ISSUER, "rs1")
    world.now += EXPIRE_S + 1
    with pytest.raises(KeysUnavailable):
        await ring.keys(ISSUER, "rs1")


@pytest.mark.parametrize("damage", [b"", b"{}", b"[1]", b'{"issuer": "other"}', b"\xff"])
async def test_a_damaged_file_counts_as_none(world: World, tmp_path: Path, damage: bytes) -> None:
    await world.ring.keys(ISSUER, "rs1")
    (file,) = (tmp_path / "issuers").iterdir()
    assert (tmp_path / "issuers").stat().st_mode & 0o777 == 0o700
    file.write_bytes(damage)
    assert "rs1" in await world.new().keys(ISSUER, "rs1")
    assert len(world.asked) == 4


async def test_keys_of_another_issuer_are_not_taken_from_a_file(world: World) -> None:
    await world.ring.keys(ISSUER, "rs1")
    assert await world.files.get("https://other") is None


async def test_what_is_no_longer_trusted_is_forgotten(world: World) -> None:
    await world.ring.keys(ISSUER, "rs1")
    world.ring.forget(set())
    world.away = True
    assert await world.ring.keys(ISSUER, "rs1"), "from the file"
    assert len(world.asked) == 2
