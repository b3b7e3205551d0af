"""What is written down about tokens."""

from __future__ import annotations

from dataclasses import replace

from hosted_ce.access.roles import Role
from hosted_ce.access.token import Token
from hosted_ce.store.database import Database
from hosted_ce.store.tokens import KEPT_S, TokenStore

NEW = Token(0, "Example Universität", Role.VIEWER, "ab" * 32, 100.0, "rest:operator", 200.0)


async def test_a_token_is_kept_with_what_becomes_of_it(database: Database) -> None:
    store = TokenStore(database)
    first = await store.add(NEW)
    other = replace(NEW, name="two", digest="cd" * 32, role=Role.ADMIN, expires_at=None)
    second = await store.add(replace(other, link_digest="01" * 32))
    assert await store.all() == [first, second]
    assert [first.id, second.id] == [1, 2]
    await store.used({first.id: 150.0, second.id: 151.0})
    await store.entered(replace(second, digest="ef" * 32, link_used_at=155.0))
    await store.revoke(replace(first, revoked_at=160.0, revoked_by="rest:me"))
    assert await store.all() == [
        replace(first, last_used_at=150.0, revoked_at=160.0, revoked_by="rest:me"),
        replace(second, last_used_at=151.0, digest="ef" * 32, link_used_at=155.0),
    ]


async def test_those_that_ended_long_ago_are_forgotten_and_their_ids_are_not_given_again(
    database: Database,
) -> None:
    store = TokenStore(database)
    await store.add(replace(NEW, digest="1"))  # expired at 200
    revoked = await store.add(replace(NEW, digest="2", expires_at=None))
    await store.revoke(replace(revoked, revoked_at=300.0, revoked_by="rest:me"))
    for_ever = await store.add(replace(NEW, digest="3", expires_at=None))
    late = replace(NEW, digest="4", created_at=KEPT_S + 300.0, expires_at=None)
    assert (await store.add(late)).id == 4
    assert [token.digest for token in await store.all()] == ["2", "3", "4"]
    await database.write(lambda connection: connection.exec_driver_sql("DELETE FROM tokens WHERE id = 4"))
    assert (await store.add(replace(late, digest="4"))).id == 5
    await store.add(replace(late, digest="5", created_at=KEPT_S + 300.1))
    assert [token.digest for token in await store.all()] == [for_ever.digest, "4", "5"]
