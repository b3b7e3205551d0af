"""Whole imports: Helm values and configuration folders as sites have them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from hosted_ce.routing.htcondor.defaults import ce_defaults
from hosted_ce.routing.htcondor.read import read_config
from hosted_ce.routing.htcondor.router import load_router
from hosted_ce.site.positions import parse_yaml
from hosted_ce.site_import import Source, import_site
from hosted_ce.site_import.source import chart_root

from .golden import CASES, EXPECTED, imported, outputs, sources_of

HELM = [case for case in CASES if case.is_file()]
SITES = sorted((Path(__file__).parents[2] / "e2e" / "routing" / "sites").iterdir())


def name_of(case: Path) -> str:
    return case.stem


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_output_is_as_expected(case: Path) -> None:
    written = outputs(case)
    assert {path: path.read_text() for path in written} == written
    there = {path for path in (EXPECTED / case.stem).rglob("*") if path.is_file()}
    assert there == set(written)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_text_loads_to_the_same_keys_and_values(case: Path) -> None:
    found = imported(case)
    document = parse_yaml(found.text)
    assert document.data == found.site
    assert document.problems == []


@pytest.mark.parametrize("case", HELM, ids=name_of)
def test_every_value_of_the_chart_is_told_of(case: Path) -> None:
    [source] = sources_of(case)
    told = {note.place.line for note in imported(case).notes if note.place.file == source.name}
    document = parse_yaml(source.text)
    for loc in leaves(document.data, chart_root(document.data) or ()):
        lines = {document.place_of_key(loc[:length]).line for length in range(len(loc), 0, -1)}
        assert lines & told, loc


def leaves(value: object, loc: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """The places of single values under a place."""
    for step in loc:
        value = value[step]  # type: ignore[index]
    yield from below(value, loc)


def below(value: object, loc: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from below(inner, (*loc, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from below(inner, (*loc, index))
    elif value not in (None, ""):
        yield loc


def test_no_secret_is_copied_or_shown() -> None:
    [case] = [case for case in HELM if case.stem == "08-in-a-helm-release"]
    found = imported(case)
    all_text = found.text + "".join(text for _, text in found.files) + repr(found.notes)
    assert "ghp_" in case.read_text()
    for secret in ("ghp_", "PRIVATE KEY", "b3BlbnNz"):
        assert secret not in all_text
    assert [note for note in found.notes if "secret" in note.message and note.place.line == 17]


@pytest.mark.parametrize("file", SITES, ids=name_of)
def test_routes_of_a_site_are_there_after_the_import(file: Path) -> None:
    found = import_site([Source(file.name, file.read_text())], "d")
    router = load_router(read_config([ce_defaults(), *found.files])).router
    [route] = cast(list[dict[str, Any]], found.site["routes"])
    assert route["htcondor"]["files"] == [name for name, _ in found.files]
    if "old" in file.name:
        assert found.files[-1][0] == "d/converted-routes.conf"
        assert router is not None
        assert router.routes
    else:
        before = load_router(read_config([ce_defaults(), (file.name, file.read_text())])).router
        assert (router and [each.name for each in router.routes]) == (
            before and [each.name for each in before.routes]
        )
