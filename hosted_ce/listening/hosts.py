"""Whose an address is, where connections and requests are counted."""

from __future__ import annotations

from ipaddress import ip_address


def host_of(address: str | None) -> str | None:
    """By what it is counted; None: loopback, and what is no address. A host has 2**64 addresses of IPv6."""
    try:
        ip = ip_address((address or "").partition("%")[0])
    except ValueError:
        return None
    if ip.version == 6:  # noqa: PLR2004
        if ip.ipv4_mapped:
            return host_of(ip.ipv4_mapped.compressed)
        return None if ip.is_loopback else ":".join(ip.exploded.split(":")[:4])
    return None if ip.is_loopback else ip.compressed
