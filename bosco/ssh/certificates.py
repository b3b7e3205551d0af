"""User certificates of OpenSSH: for which key, for whom, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncssh
from cryptography.hazmat.primitives.serialization import (
    SSHCertificate,
    SSHCertificateType,
    load_ssh_public_identity,
)

from bosco.errors import KeyUnusable

FOR_EVER = 2**64 - 1
"""OpenSSH's word for no end."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """One that was read. Times in seconds since the epoch."""

    path: Path
    parsed: asyncssh.SSHCertificate
    of_user: bool
    principals: tuple[str, ...]
    valid_after: int
    valid_before: int

    def of(self, pair: asyncssh.SSHKeyPair) -> bool:
        """Whether it is this key's."""
        return bool(self.parsed.key.public_data == pair.key_public_data)

    def trouble(self, now: float) -> str | None:
        """Why it cannot be used now. A server may give an account to principals of any name."""
        if not self.of_user:
            return f"{self.path} is a host's certificate, not a user's"
        if now < self.valid_after:
            return (
                f"the certificate {self.path} is valid from {_utc(self.valid_after)} on: is the clock right?"
            )
        if now >= self.valid_before:
            return (
                f"the certificate {self.path} ended at {_utc(self.valid_before)}: have the key signed anew, "
                "and put the new certificate in its place"
            )
        return None

    @property
    def words(self) -> str:
        """What may explain that a server refuses it."""
        whom = (
            f"for {', '.join(self.principals)}" if self.principals else "for no principal, which sshd refuses"
        )
        return f"the certificate {self.path} is {whom}"


def read_certificate(path: Path) -> Certificate:
    """The certificate in a file. Raises KeyUnusable."""
    try:
        data = path.read_bytes()
        parsed, found = asyncssh.import_certificate(data), load_ssh_public_identity(data.strip())
    except OSError as error:
        raise KeyUnusable(f"cannot read the certificate {path}: {error.strerror}") from error
    except (ValueError, asyncssh.KeyImportError) as error:
        raise KeyUnusable(f"{path} is no certificate of OpenSSH: {error}") from error
    if not isinstance(found, SSHCertificate):
        raise KeyUnusable(f"{path} is a public key, not a certificate")
    return Certificate(
        path, parsed, found.type is SSHCertificateType.USER,
        tuple(each.decode("utf-8", "replace") for each in found.valid_principals),
        found.valid_after, found.valid_before,
    )  # fmt: skip


def _utc(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
