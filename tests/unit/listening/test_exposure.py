"""Where the API may listen in the clear, and which proxies may be named."""

from __future__ import annotations

import pytest

from hosted_ce.listening.errors import NotSoOpen
from hosted_ce.listening.exposure import check_exposure, is_loopback
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
    "text", ["*", "0.0.0.0/0", "::/0", "proxy.example.edu", "10.0.0.1/8", "10.0.0.1;::1"]
)
def test_what_names_no_proxy(text: str) -> None:
    with pytest.raises(ValueError, match=r"no address|everybody"):
        proxies_of(f"127.0.0.1, {text}")
