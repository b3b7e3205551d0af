"""Whether the API may listen where it is told to. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection

from hosted_ce.listening.errors import NotSoOpen
from hosted_ce.listening.proxies import Network, is_among


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens at this address. A name is not, but for localhost."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_exposure(host: str, *, tls: bool, proxies: Collection[Network], plain_http: bool) -> None:
    """Raises NotSoOpen when tokens would cross a network in the clear, and nobody said that they may."""
    if is_loopback(host) or tls or plain_http:
        return
    if proxies and all(each.is_loopback for each in proxies):
        raise NotSoOpen(
            f"all HOSTED_CE_TRUSTED_PROXIES are on this machine, and the API would listen at {host}, where "
            "others reach it past them in the clear: listen with HOSTED_CE_HOST=127.0.0.1, or set "
            "HOSTED_CE_TLS_CERTIFICATE and HOSTED_CE_TLS_KEY"
        )
    if not proxies:
        raise NotSoOpen(
            f"at {host} others than this machine reach the API, and tokens would go to it in the clear: set "
            "HOSTED_CE_TLS_CERTIFICATE and HOSTED_CE_TLS_KEY; or, with a proxy that has the certificate, its "
            "address as HOSTED_CE_TRUSTED_PROXIES; or HOSTED_CE_PLAIN_HTTP=true on a network of your own"
        )


def may_come(peer: str, own: str, proxies: Collection[Network]) -> bool:
    """Whether this peer may connect in the clear: this machine may, and proxies that are trusted.

    `own` is the address that it reached us at: who comes from there is this machine.
    """
    return is_loopback(_plain(peer)) or (peer == own != "") or is_among(peer, proxies)


def _plain(address: str) -> str:
    """IPv4 that is written as IPv6, as IPv4."""
    return address.removeprefix("::ffff:") if "." in address else address
