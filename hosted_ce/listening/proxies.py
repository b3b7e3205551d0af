"""The addresses of proxies whose word about who asks is taken."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterator

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
IPV4_AS_IPV6 = ipaddress.IPv6Network("::ffff:0:0/96")


def proxies_of(text: str) -> tuple[Network, ...]:
    """The addresses and networks that a text names, with commas between them. Raises ValueError.

    What holds everybody, alone or together, is refused: anyone could then say who they are.
    """
    found = tuple(_network(each.strip()) for each in text.split(",") if each.strip())
    if any(_everybody(each) for each in _together(found)):
        raise ValueError(f"{text} is everybody: name the proxies alone, whose word is taken for who asks")
    return found


def is_among(address: str, networks: Collection[Network]) -> bool:
    """Whether one of the networks has this address, also where IPv4 is written as IPv6."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    return any(ip in each or (mapped is not None and mapped in each) for each in networks)


def _together(networks: Collection[Network]) -> Iterator[Network]:
    """The same addresses in as few networks as can be."""
    yield from ipaddress.collapse_addresses(n for n in networks if isinstance(n, ipaddress.IPv4Network))
    yield from ipaddress.collapse_addresses(n for n in networks if isinstance(n, ipaddress.IPv6Network))


def _everybody(network: Network) -> bool:
    if isinstance(network, ipaddress.IPv6Network) and IPV4_AS_IPV6.subnet_of(network):
        return True
    return not network.prefixlen


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no address or network, such as 127.0.0.1 or 10.1.0.0/16") from error
