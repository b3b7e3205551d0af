"""The API's certificate and key: read, checked, and changed while connections go on.

A connection keeps what it began with. A new one takes the pair that is current when it says hello, by the
callback that is called at that moment; so a pair is swapped whole, or not at all.
"""

from __future__ import annotations

import datetime as dt
import os
import ssl
import stat
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hosted_ce.listening.errors import TlsUnusable

Marks = tuple[tuple[int, int, int], ...]
"""By which one sees that files have changed: when, how large, which."""


class Tls:
    """A pair of files and what was read of them. Raises TlsUnusable when they cannot be used."""

    def __init__(self, certificate: Path, key: Path):
        self.certificate, self.key = certificate, key
        self._current = _context(certificate, key)
        self.leaf, self.until = _read(certificate)
        """The certificate in use, and when the first of its chain is over, in seconds since the epoch."""
        self.context = _context(certificate, key)
        """For the server, for its whole life."""
        self.context.sni_callback = self._say

    def reload(self) -> None:
        """Takes what the files say now for connections from now on.

        Raises TlsUnusable, also for a pair that is over; what was in use stays then.
        """
        new, (leaf, until) = _context(self.certificate, self.key), _read(self.certificate)
        if _over(leaf):
            raise TlsUnusable(f"the new certificate in {self.certificate} is not valid any more: renew it")
        self._current, self.leaf, self.until = new, leaf, until

    def marks(self) -> Marks | None:
        """What the files look like now; None while one of them is not there."""
        try:
            found = [os.stat(path) for path in (self.certificate, self.key)]
        except OSError:
            return None
        return tuple((each.st_mtime_ns, each.st_size, each.st_ino) for each in found)

    @property
    def leaf_pem(self) -> bytes:
        """The certificate in use without its chain: the command line knows the CE of its machine by it."""
        return self.leaf.public_bytes(Encoding.PEM)

    def _say(self, connection: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
        connection.context = self._current


def _context(certificate: Path, key: Path) -> ssl.SSLContext:
    _check_mode(key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except ssl.SSLError as error:
        raise TlsUnusable(
            f"{certificate} and {key} are no certificate with its key ({error.reason or error}): both are "
            "PEM, the certificate comes before its chain, and the key has no password"
        ) from error
    except OSError as error:
        raise TlsUnusable(f"{certificate} and {key} cannot be read: {error.strerror}") from error
    return context


def _read(certificate: Path) -> tuple[x509.Certificate, float]:
    try:
        chain = x509.load_pem_x509_certificates(certificate.read_bytes())
        return chain[0], min(each.not_valid_after_utc for each in chain).timestamp()
    except (OSError, ValueError) as error:
        raise TlsUnusable(f"{certificate} has no certificate that can be read: {error}") from error


def _over(leaf: x509.Certificate) -> bool:
    return leaf.not_valid_after_utc <= dt.datetime.now(dt.UTC)


def _check_mode(key: Path) -> None:
    """A group may read it, as Debian's `ssl-cert` does; nobody else may."""
    try:
        mode = stat.S_IMODE(key.stat().st_mode)
    except OSError as error:
        raise TlsUnusable(f"the key {key} cannot be read: {error.strerror}") from error
    if mode & (stat.S_IRWXO | stat.S_IWGRP | stat.S_IXGRP):
        raise TlsUnusable(
            f"the key {key} has mode {mode:04o}, so that others can read or change it: chmod 600 {key}, and "
            "take the certificate for one that others may use"
        )


def _no_password() -> bytes:
    """Without it OpenSSL would ask for one at the terminal."""
    return b""
