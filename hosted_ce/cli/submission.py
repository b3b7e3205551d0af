"""Submits pilots to a running CE, each exactly once."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hosted_ce.cli.client import Client, Document
from hosted_ce.cli.errors import CliError, LostContact, Misuse
from hosted_ce.cli.request import Request

KEY_BYTES = 16


@dataclass(frozen=True, slots=True)
class Keys:
    """The idempotency keys of one command: the base itself, or one for each of `count` pilots."""

    base: str
    count: int | None

    def all(self) -> Sequence[str]:
        """One key for each pilot, the same whenever the command is given again with this base."""
        if self.count is None:
            return [self.base]
        return [f"{self.base}-{number}" for number in range(1, self.count + 1)]


def make_keys(base: str | None, count: int | None) -> Keys:
    """Keys from the base that was given, or a random one. Raises Misuse for one that HTTP cannot carry."""
    if base is not None and not (base.isascii() and base.isprintable() and base == base.strip() != ""):
        raise Misuse(f"--key {base!r}: use printable ASCII characters, and no space at the ends")
    return Keys(base or secrets.token_hex(KEY_BYTES), count)


def submit_all(request: Request, client: Client, keys: Keys) -> Iterator[Document]:
    """Uploads what is large, then submits a pilot for each key and gives it.

    Raises CliError; if something may have been submitted it says how to go on without doing that twice.
    """
    for checksum, content in request.uploads.items():
        client.put_bytes(f"/files/{checksum}", content)
    for number, key in enumerate(keys.all()):
        try:
            pilot = client.post("/pilots", request.body, key=key)
        except CliError as error:
            if number or isinstance(error, LostContact):
                error.add_note(_go_on(keys, number))
            raise
        yield pilot


def _go_on(keys: Keys, submitted: int) -> str:
    return (
        f"{submitted} of {keys.count or 1} were certainly submitted: "
        f"the same command with --key {keys.base} submits the rest, and none twice"
    )
