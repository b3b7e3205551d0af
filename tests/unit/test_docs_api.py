"""Addresses of the API that pages show are in its description, with their methods and parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
API: dict[str, dict[str, Any]] = json.loads((ROOT / "docs/reference/openapi.json").read_text())["paths"]
SHOWN = re.compile(
    r"(?:\b(GET|POST|PUT|DELETE|HEAD)\b[^`\n/]*)?"
    r"(/(?:api/v1/[^\s`\"'?)|,;…]+|readyz|healthz|metrics))"
    r"(?:\?([^\s`\"')|]*))?"
)
"""A method where one is named, a path, and a query."""


def _shown() -> Iterator[tuple[str, str, str, str]]:
    """The page, and what `SHOWN` finds there; decisions tell of their time."""
    for page in PAGES:
        if "decisions" not in page.parts:
            for method, path, query in SHOWN.findall(page.read_text(encoding="utf-8")):
                yield str(page.relative_to(ROOT)), method, path.rstrip("."), query


def _fault(method: str, path: str, query: str) -> str | None:
    known = [shape for shape in API if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", shape), path)]
    if not known:
        return f"no {path}"
    operations = API[known[0]]
    if method and method.lower() not in operations:
        return f"no {method} {path}"
    taken = {each["name"] for one in operations.values() for each in one.get("parameters", ())}
    strange = [name for name, _ in parse_qsl(query, keep_blank_values=True) if name not in taken]
    return f"no {strange[0]} of {path}" if strange else None


def test_what_pages_show_is_in_the_description() -> None:
    shown = list(_shown())
    assert len(shown) > 40
    assert [(page, fault) for page, *one in shown if (fault := _fault(*one))] == []


@pytest.mark.parametrize(
    ("shown", "fault"),
    [
        (("", "/api/v1/pilots/12/why", ""), None),
        (("DELETE", "/api/v1/pilots/1", "reason=not+needed"), None),
        (("GET", "/api/v1/pilot", ""), "no /api/v1/pilot"),
        (("PATCH", "/api/v1/pilots", ""), "no PATCH /api/v1/pilots"),
        (("GET", "/api/v1/pilots", "state=held&colour=red"), "no colour of /api/v1/pilots"),
    ],
)
def test_what_there_is_not_is_seen(shown: tuple[str, str, str], fault: str | None) -> None:
    assert _fault(*shown) == fault
