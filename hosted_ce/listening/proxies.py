"""The addresses of proxies whose word about who asks is taken."""

from __future__ import annotations

import ipaddress

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def proxies_of(text: str) -> tuple[Network, ...]:
    """The addresses and networks that a text names, with commas between them. Raises ValueError.

    One that holds everybody is refused: anyone could then say who they are.
    """
    return tuple(_network(each.strip()) for each in text.split(",") if each.strip())


def _network(text: str) -> Network:
    try:
        found = ipaddress.ip_network(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no address or network, such as 127.0.0.1 or 10.1.0.0/16") from error
    if not found.prefixlen:
        raise ValueError(f"{text} is everybody: name the proxies alone, whose word is taken for who asks")
    return found
