"""Where the API may listen in the clear, and which proxies may be named."""

from __future__ import annotations

import pytest

from hosted_ce.listening.errors import NotSoOpen
from hosted_ce.listening.exposure import check_exposure, is_loopback, may_come
from hosted_ce.listening.proxies import proxies_of


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.9.9.9"])
def test_loopback_is_this_machine(host: str) -> None:
    assert is_loopback(host)
    check_exposure(host, tls=False, proxies=(), plain_http=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "ce.example.edu", ""])
def test_elsewhere_it_needs_a_word(host: str) -> None:
    with pytest.raises(NotSoOpen, match="HOSTED_CE_TLS_CERTIFICATE"):
        check_exposure(host, tls=False, proxies=(), plain_http=False)
    check_exposure(host, tls=True, proxies=(), plain_http=False)
    check_exposure(host, tls=False, proxies=proxies_of("10.0.0.1"), plain_http=False)
    check_exposure(host, tls=False, proxies=(), plain_http=True)


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "0.0.0.0/0",
        "::/0",
        "proxy.example.edu",
        "10.0.0.1/8",
        "10.0.0.1;::1",
        "::ffff:0:0/96",
        "0.0.0.0/1,128.0.0.0/1",
        "::/1, 8000::/2, c000::/2",
    ],
)
def test_what_names_no_proxy(text: str) -> None:
    with pytest.raises(ValueError, match=r"no address|everybody"):
        proxies_of(f"127.0.0.1, {text}")


@pytest.mark.parametrize("proxies", ["127.0.0.1", "127.0.0.0/8, ::1"])
def test_a_proxy_on_this_machine_makes_no_network_private(proxies: str) -> None:
    with pytest.raises(NotSoOpen, match="HOSTED_CE_HOST=127"):
        check_exposure("0.0.0.0", tls=False, proxies=proxies_of(proxies), plain_http=False)
    check_exposure("0.0.0.0", tls=True, proxies=proxies_of(proxies), plain_http=False)
    check_exposure("127.0.0.1", tls=False, proxies=proxies_of(proxies), plain_http=False)


@pytest.mark.parametrize(
    ("peer", "may"),
    [
        ("10.1.0.7", True), ("::ffff:10.1.0.7", True), ("127.0.0.1", True), ("::ffff:127.0.0.1", True),
        ("192.0.2.1", True), ("::1", True), ("10.2.0.1", False), ("::ffff:10.2.0.1", False),
        ("2001:db8::1", False), ("", False),
    ],
)  # fmt: skip
def test_who_may_come_in_the_clear(peer: str, may: bool) -> None:
    assert may_come(peer, "192.0.2.1", proxies_of("10.1.0.0/16")) is may


def test_who_has_no_address_may_not() -> None:
    assert not may_come("", "", proxies_of("10.1.0.0/16"))
