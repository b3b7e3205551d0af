"""Submits pilots to a running CE, each exactly once."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from hosted_ce.cli.client import Client, Document
from hosted_ce.cli.errors import CliError, LostContact, Misuse, Refused
from hosted_ce.cli.pilots.each import Each
from hosted_ce.cli.pilots.request import Request

KEY_BYTES = 16
SERVER_ERROR = 500
AT_ONCE = 100
"""Pilots of one request: as many as every CE takes."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The idempotency key of one command, and of how many pilots; None: of one, which has it as it is.

    Many are numbered, and the CE makes a key of each number: the same whenever the command is given again.
    """

    base: str
    count: int | None


def make_keys(base: str | None, count: int | None) -> Keys:
    """Keys from the base that was given, or a random one. Raises Misuse for one that HTTP cannot carry."""
    if base is not None and not (base.isascii() and base.isprintable() and base == base.strip() != ""):
        raise Misuse(f"--key {base!r}: use printable ASCII characters, and no space at the ends")
    return Keys(base or secrets.token_hex(KEY_BYTES), count)


def submit_all(request: Request, client: Client, keys: Keys, each: Each | None = None) -> Iterator[Document]:
    """Uploads what is large, then submits the pilots and gives them; `each` says how they differ.

    Of many the CE tells ids, keys and states alone. Raises CliError; if something may have been submitted it
    says how to go on without doing that twice.
    """
    for checksum, content in request.uploads.items():
        client.put_bytes(f"/files/{checksum}", content)
    submitted = 0
    for path, body in _requests(request, keys.count, each):
        try:
            answer = client.post(path, body, key=keys.base)
        except CliError as refused:
            error = each.placed(refused, submitted) if each and isinstance(refused, Refused) else refused
            if submitted or _may_have(error):
                error.add_note(_go_on(keys, submitted))
            raise error from refused.__cause__
        pilots = [answer] if keys.count is None else answer["items"]
        submitted += len(pilots)
        yield from pilots


def _requests(request: Request, count: int | None, each: Each | None) -> Iterator[tuple[str, Document]]:
    if count is None:
        yield "/pilots", request.body
        return
    for at in range(0, count, AT_ONCE):
        many = {"pilots": each.pilots[at : at + AT_ONCE]} if each else {"count": min(AT_ONCE, count - at)}
        yield "/pilots/batch", {**request.body, "first": at + 1, **many}


def _may_have(error: CliError) -> bool:
    """Whether the CE may have done what it was asked, although it does not say so."""
    return isinstance(error, LostContact) or (isinstance(error, Refused) and error.status >= SERVER_ERROR)


def _go_on(keys: Keys, submitted: int) -> str:
    return (
        f"{submitted} of {keys.count or 1} were certainly submitted: "
        f"the same command with --key {keys.base} submits the rest, and none twice"
    )
