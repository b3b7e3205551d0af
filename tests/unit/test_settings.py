"""Settings of the process that are more than a value."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from hosted_ce.daemon.process.held import own_url
from hosted_ce.settings import Settings


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://ce.example.edu", "https://ce.example.edu"),
        ("https://ce.example.edu/", "https://ce.example.edu"),
        ("http://10.0.0.7:8080", "http://10.0.0.7:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_a_public_address(given: str, kept: str) -> None:
    assert Settings(public_url=given).public_url == kept


@pytest.mark.parametrize(
    "given",
    [
        "", "ce.example.edu", "ftp://ce.example.edu", "https://", "https://ce.example.edu/ce1",
        "https://me@ce.example.edu", "https://ce.example.edu?x=1", "https://ce.example.edu#x", "https://\xfc.de",
        "https://ce.example.edu:port", "https://[::1",
    ],
)  # fmt: skip
def test_what_is_no_public_address(given: str) -> None:
    with pytest.raises(ValidationError, match=r"public_url"):
        Settings(public_url=given)


class Listening:
    """A socket that says where it listens."""

    def __init__(self, host: str):
        self._host = host

    def getsockname(self) -> tuple[str, int]:
        return self._host, 8081


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:8081"), ("0.0.0.0", "http://127.0.0.1:8081"),
     ("10.0.0.7", "http://10.0.0.7:8081")],
)  # fmt: skip
def test_without_one_it_is_where_the_ce_listens(host: str, url: str) -> None:
    assert own_url(Listening(host)) == url  # type: ignore[arg-type]
