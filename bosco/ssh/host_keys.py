"""What a known_hosts file lets a host show: keys that are pinned, and certificates where it names a CA.

What else a host shows is refused, and told beside what is pinned: whoever compares needs both.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import asyncssh

PLAIN = (
    "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "rsa-sha2-512",
    "rsa-sha2-256",
)  # fmt: skip
CERTIFIED = tuple(f"{name}-cert-v01@openssh.com" for name in PLAIN)
WRONG: Mapping[str, str] = {
    "Certificate expired": "the certificate of its host key has expired; the site has to sign a new one",
    "Certificate not yet valid": "the certificate of its host key is not valid yet: is a clock wrong?",
    "Certificate principal mismatch": "the certificate of its host key is for other names than the site "
    "file's host: write a name there that the certificate has, or ask the site for one with this name",
    "Invalid certificate type": "the certificate of its host key is a user's, not a host's",
    "Host CA key is not trusted": "another CA than the pinned one has signed the certificate of its host key",
    "Host CA key is revoked": "the CA that has signed its host key is revoked",
    "Host key is revoked": "its host key is revoked",
}
"""asyncssh's words, and ours."""


class Witness(asyncssh.SSHClient):
    """Sees what a host shows that is not pinned, and takes none of it."""

    shown: str | None = None
    """Kind and fingerprint of its key, or of the CA that has signed it; None: it showed nothing such."""

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """A key that is not pinned."""
        self.shown = _named(key)
        return False

    def validate_host_ca_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """The CA of a certificate, where that is not pinned."""
        self.shown = f"a certificate of the CA {_named(key)}"
        return False


def algorithms(known_hosts: Path, host: str, port: int) -> list[str]:
    """What this host is asked for, best first: what it can be recognized by, and then the rest.

    A server shows the first that it has of this list. One that has none of what is pinned shows another key,
    which is then refused as a host key: without the rest it would merely be a host that does not answer.
    Raises OSError and ValueError, as the file is read.
    """
    found = asyncssh.read_known_hosts(str(known_hosts))
    keys, authorities = asyncssh.match_known_hosts(found, host, "", port)[:2]
    pinned = {name for key in keys for name in _names(key)}
    wanted = [*(CERTIFIED if authorities else ()), *(name for name in PLAIN if name in pinned)]
    if not wanted:  # the file may name the host's address
        return [*CERTIFIED, *PLAIN]
    return [*wanted, *(name for name in (*PLAIN, *CERTIFIED) if name not in wanted)]


def refused(said: str, shown: str | None, known_hosts: Path, host: str, port: int) -> str:
    """Why its host key is refused, from asyncssh's words and from what a Witness saw, with all fingerprints.

    Raises OSError and ValueError, as the file is read.
    """
    known = wrong(said)
    if known and shown is None:
        return f"{known} ({known_hosts})"
    keys, authorities = asyncssh.match_known_hosts(str(known_hosts), host, "", port)[:2]
    pinned = [*map(_named, keys), *(f"the CA {_named(key)}" for key in authorities)]
    return (
        f"{known or 'the host key is not the pinned one'}: it shows {shown or 'another one'}; pinned in "
        f"{known_hosts} is {' and '.join(pinned) or 'nothing for this host and port'}"
    )


def wrong(said: str) -> str | None:
    """What asyncssh says of a host key, in words for an operator; None: that it is not pinned."""
    return next((words for begin, words in WRONG.items() if said.startswith(begin)), None)


def _named(key: asyncssh.SSHKey) -> str:
    return f"{key.get_algorithm()} {key.get_fingerprint()}"


def _names(key: asyncssh.SSHKey) -> tuple[str, ...]:
    name = key.get_algorithm()
    return ("rsa-sha2-512", "rsa-sha2-256") if name == "ssh-rsa" else (name,)
