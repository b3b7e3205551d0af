"""`reach` in the site file: what worker nodes are to reach."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from hosted_ce.site.reach import Reach


def test_what_a_site_may_say() -> None:
    said = {
        "outside": False, "host": "test.example.org", "ports": [80, 1094], "names": ["example.org"],
        "proxy": "http://squid.example.edu:3128", "url": "http://example.org:8000/a/.b",
        "clock": "http://example.org/", "cvmfs": ["software.example.org"],
    }  # fmt: skip
    assert Reach.model_validate(said).ports == (80, 1094)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("host", "a b"),
        ("host", "a:80"),
        ("ports", [0]),
        ("ports", ["80"]),
        ("ports", [80] * 21),
        ("names", ["$(id)"]),
        ("proxy", "squid"),
        ("proxy", "https://squid:3128"),
        ("proxy", "squid:3128 x"),
        ("url", "https://example.org/"),
        ("url", "http://example.org/a b"),
        ("url", "http://example.org/$(id)"),
        ("clock", "example.org"),
        ("cvmfs", ["a/../b"]),
        ("port", 80),
    ],
)
def test_what_it_may_not(key: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        Reach.model_validate({key: value})
