"""Whether the API may listen where it is told to. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection

from hosted_ce.listening.errors import NotSoOpen
from hosted_ce.listening.proxies import Network


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
    if is_loopback(host) or tls or proxies or plain_http:
        return
    raise NotSoOpen(
        f"at {host} others than this machine reach the API, and tokens would go to it in the clear: set "
        "HOSTED_CE_TLS_CERTIFICATE and HOSTED_CE_TLS_KEY; or, with a proxy that has the certificate, its "
        "address as HOSTED_CE_TRUSTED_PROXIES; or HOSTED_CE_PLAIN_HTTP=true on a network of your own"
    )
