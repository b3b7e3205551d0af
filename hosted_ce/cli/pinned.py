"""Trust in one certificate: the very one, whatever names and dates it has and whoever signed it."""

from __future__ import annotations

import hmac
import socket
import ssl
from pathlib import Path
from typing import Any


class _Pinned(ssl.SSLContext):
    """For connections of `wrap_socket` alone: httpx's, as long as it does not go by asyncio."""

    der: bytes

    def wrap_socket(self, sock: socket.socket, *arguments: Any, **options: Any) -> ssl.SSLSocket:
        """Raises ssl.SSLCertVerificationError when the other side shows another certificate."""
        wrapped = super().wrap_socket(sock, *arguments, **options)
        if not hmac.compare_digest(wrapped.getpeercert(binary_form=True) or b"", self.der):
            wrapped.close()
            raise ssl.SSLCertVerificationError("the certificate is not the one of this CE's state folder")
        return wrapped

    def wrap_bio(self, *arguments: Any, **options: Any) -> ssl.SSLObject:
        """Is not for use: nothing would be looked at."""
        raise NotImplementedError


def trusting(certificate: Path) -> ssl.SSLContext:
    """A context that trusts the certificate of this file (PEM), and no other. Raises OSError, ValueError."""
    context = _Pinned(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # what is shown is compared instead, byte by byte
    context.der = ssl.PEM_cert_to_DER_cert(certificate.read_text(encoding="ascii"))
    return context
