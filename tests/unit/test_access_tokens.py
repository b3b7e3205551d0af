"""Tokens: what is kept of them, what they are called, and that a look-up needs no query."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.access.book import LinkUsed, NameTaken, NoSuchToken, TokenBook
from hosted_ce.access.names import checked_name
from hosted_ce.access.roles import Role
from hosted_ce.access.token import LONGEST_NAME, SECRET, Token, digest_of, new_secret
from tests.fakes.clock import Clock


class Records:
    """What is written down, in memory; `broken`: writing fails."""

    def __init__(self) -> None:
        self.tokens: dict[int, Token] = {}
        self.broken = False
        self.writes = 0

    async def all(self) -> Sequence[Token]:
        return list(self.tokens.values())

    async def add(self, token: Token) -> Token:
        await self._write()
        made = replace(token, id=len(self.tokens) + 1)
        self.tokens[made.id] = made
        return made

    async def revoke(self, token: Token) -> None:
        await self._write()
        self.tokens[token.id] = replace(
            self.tokens[token.id], revoked_at=token.revoked_at, revoked_by=token.revoked_by
        )

    async def entered(self, token: Token) -> None:
        await self._write()
        self.tokens[token.id] = replace(
            self.tokens[token.id], digest=token.digest, link_used_at=token.link_used_at
        )

    async def used(self, at: Mapping[int, float]) -> None:
        await self._write()
        for token_id, when in at.items():
            self.tokens[token_id] = replace(self.tokens[token_id], last_used_at=when)

    async def _write(self) -> None:
        await asyncio.sleep(0)
        if self.broken:
            raise OSError("disk full")
        self.writes += 1


@pytest.fixture
def records() -> Records:
    return Records()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(records: Records, clock: Clock) -> TokenBook:
    return TokenBook(records, clock)


async def made(book: TokenBook, name: str = "a site", lasting_s: float | None = 60.0) -> tuple[Token, str]:
    return await book.create(name, Role.VIEWER, lasting_s=lasting_s, by="rest:operator")


def test_a_secret_is_random_and_known_by_its_form() -> None:
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert all(SECRET.match(secret) for secret in secrets)
    assert {len(secret) for secret in secrets} == {len("hce_") + 43}  # 256 bits in base64


async def test_of_a_secret_only_the_checksum_is_kept(book: TokenBook, records: Records) -> None:
    token, secret = await made(book)
    assert token.digest == digest_of(secret)
    assert secret not in repr(records.tokens)
    assert book.find(secret) == token


@pytest.mark.parametrize("change", [str.upper, lambda text: text[:-1], lambda text: f"{text} ", digest_of])
async def test_nothing_but_the_secret_finds_it(book: TokenBook, change: object) -> None:
    _, secret = await made(book)
    assert callable(change)
    assert book.find(change(secret)) is None
    assert book.find("") is None


async def test_it_ends_at_its_time(book: TokenBook, clock: Clock) -> None:
    token, _ = await made(book, lasting_s=60.0)
    clock.advance(59.9)
    assert book.good(token.id)
    clock.advance(0.1)
    assert not book.good(token.id)


async def test_what_is_revoked_opens_nothing_also_if_that_cannot_be_written(
    book: TokenBook, records: Records, clock: Clock
) -> None:
    token, secret = await made(book)
    records.broken = True
    with pytest.raises(OSError, match="disk full"):
        await book.revoke(token.id, by="rest:me")
    assert not book.good(token.id)
    records.broken, revoked_at = False, clock.at
    clock.advance(10)
    assert (await book.revoke(token.id, by="rest:you")).revoked_by == "rest:me"
    assert records.tokens[token.id].revoked_at == revoked_at
    found = book.find(secret)
    assert found
    assert found.ended_at(clock.at) == revoked_at
    with pytest.raises(NoSuchToken, match="no token 9"):
        await book.revoke(9, by="rest:me")


async def test_uses_are_written_together_and_only_those(
    book: TokenBook, records: Records, clock: Clock
) -> None:
    (first, _), (second, _) = await made(book, "one"), await made(book, "two")
    records.writes = 0
    for _ in range(1000):
        clock.advance(0.001)
        book.note_use(first)
    assert records.writes == 0
    await book.write()
    await book.write()
    assert records.writes == 1
    assert [token.last_used_at for token in book.all()] == [clock.at, None]
    assert records.tokens[first.id].last_used_at == clock.at
    assert records.tokens[second.id].last_used_at is None


async def test_a_use_that_could_not_be_written_is_written_later(book: TokenBook, records: Records) -> None:
    token, _ = await made(book)
    book.note_use(token)
    records.broken = True
    with pytest.raises(OSError, match="disk full"):
        await book.write()
    records.broken = False
    await book.write()
    assert records.tokens[token.id].last_used_at is not None


async def test_the_worker_writes_what_is_left_when_it_is_ended(book: TokenBook, records: Records) -> None:
    token, _ = await made(book)
    task = asyncio.create_task(book.run())
    await asyncio.sleep(0)
    book.note_use(token)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert records.tokens[token.id].last_used_at is not None


async def test_a_use_does_not_bring_a_revoked_token_back(book: TokenBook) -> None:
    token, _ = await made(book)
    await book.revoke(token.id, by="rest:me")
    book.note_use(token)
    assert not book.good(token.id)


async def test_names_of_good_tokens_differ_as_people_read_them(book: TokenBook, clock: Clock) -> None:
    token, _ = await made(book, "Example University")
    for name in (
        "example university",
        " EXAMPLE UNIVERSITY ",
        "Example Universit\N{FULLWIDTH LATIN SMALL LETTER Y}",
    ):
        with pytest.raises(NameTaken, match="hosted-ce token revoke 1"):
            await made(book, name)
    await book.revoke(token.id, by="rest:me")
    again, _ = await made(book, "Example University")
    clock.advance(60)
    await made(book, "Example University")
    assert not book.good(again.id)


async def test_of_two_that_want_a_name_at_the_same_time_one_gets_it(book: TokenBook) -> None:
    answers = await asyncio.gather(*(made(book) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(answer, NameTaken) for answer in answers) == 4


async def test_a_link_that_works_once_becomes_another_secret(
    book: TokenBook, records: Records, clock: Clock
) -> None:
    token, of_link = await book.create("a site", Role.VIEWER, lasting_s=60.0, by="rest:me", once=True)
    assert book.find(of_link) is None
    assert book.find_link(of_link) == token
    answers = await asyncio.gather(*(book.enter(token.id) for _ in range(5)), return_exceptions=True)
    [secret] = [answer for answer in answers if isinstance(answer, str)]
    assert sum(isinstance(answer, LinkUsed) for answer in answers) == 4
    for each in (book, TokenBook(records, clock)):
        await each.load()
        found = each.find(secret)
        assert found
        assert (found.id, found.link_used_at) == (token.id, clock.at)
        assert each.find(of_link) is None
        assert each.find_link(of_link) == found


async def test_a_link_that_is_used_while_it_is_revoked_is_revoked(book: TokenBook) -> None:
    token, _ = await book.create("a site", Role.VIEWER, lasting_s=60.0, by="rest:me", once=True)
    secret, _ = await asyncio.gather(book.enter(token.id), book.revoke(token.id, by="rest:me"))
    found = book.find(secret)
    assert found
    assert not book.good(found.id)


async def test_a_link_stays_good_when_its_use_cannot_be_written(book: TokenBook, records: Records) -> None:
    token, _ = await book.create("a site", Role.VIEWER, lasting_s=60.0, by="rest:me", once=True)
    records.broken = True
    with pytest.raises(OSError, match="disk full"):
        await book.enter(token.id)
    records.broken = False
    assert book.find(await book.enter(token.id))


async def test_a_token_with_its_own_secret_is_not_entered(book: TokenBook) -> None:
    token, _ = await made(book)
    with pytest.raises(LinkUsed):
        await book.enter(token.id)


async def test_another_process_finds_what_is_on_record(
    book: TokenBook, records: Records, clock: Clock
) -> None:
    token, secret = await made(book)
    other = TokenBook(records, clock)
    assert other.find(secret) is None
    await other.load()
    assert other.find(secret) == token


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "1 to 48"), ("  ", "1 to 48"), ("x" * (LONGEST_NAME + 1), "1 to 48"), ("a\nb", "U\\+000A"),
        ("a\u202eb", "U\\+202E"), ("a\u200bb", "U\\+200B"), ("a\u00a0b", "U\\+00A0"), ("17", "ids of tokens"),
        ("operator", "state folder"), ("Operator", "state folder"),
    ],
)  # fmt: skip
def test_names_that_would_deceive(name: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        checked_name(name)


@given(st.text(max_size=60))
def test_a_checked_name_can_be_shown_and_stored(text: str) -> None:
    try:
        name = checked_name(text)
    except ValueError:
        return
    assert checked_name(name) == name
    assert name.isprintable()
    assert 0 < len(f"condor:{name}") <= 64


@pytest.mark.parametrize("role", Role)
def test_each_role_covers_itself_and_those_before_it(role: Role) -> None:
    assert [each for each in Role if role.covers(each)] == list(Role)[: list(Role).index(role) + 1]
