"""The certificate authority of a lab, which its programs trust and nobody else does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import trustme

from tests.e2e.lab.account import Account


@dataclass(frozen=True)
class HostCertificate:
    """PEM files: the certificate with its chain, and its key."""

    certificate: Path
    key: Path


@dataclass(frozen=True)
class Authority:
    """Makes host certificates; `file` is its own, for the settings that say whom to trust."""

    authority: trustme.CA
    file: Path

    def host_certificate(self, folder: Path, *names: str, owner: Account | None = None) -> HostCertificate:
        """A certificate for these names and addresses in `folder` (`hostcert.pem`, `hostkey.pem`).

        Its key can be read by `owner` only, or by root.
        """
        issued = self.authority.issue_cert(*names)
        certificate, key = folder / "hostcert.pem", folder / "hostkey.pem"
        certificate.write_bytes(b"".join(pem.bytes() for pem in issued.cert_chain_pems))
        key.touch(mode=0o600)
        key.write_bytes(issued.private_key_pem.bytes())
        for path in (certificate, key):
            if owner is not None:
                owner.own(path)
        return HostCertificate(certificate, key)


def new_authority(folder: Path) -> Authority:
    """An authority whose certificate is `ca.pem` in `folder`."""
    authority = trustme.CA()
    file = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return Authority(authority, file)
