"""The catalogue of checks keeps its own rules."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from hosted_ce.checks.catalogue import CATALOGUE, CheckKind, UnknownCheck, Where, kind_of

KINDS = list(CATALOGUE.values())
EVERY_KIND = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)


@EVERY_KIND
def test_an_id_is_its_family_and_a_number(kind: CheckKind) -> None:
    assert re.fullmatch(rf"{kind.family}-[1-9]\d*", kind.id)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.name)


@pytest.mark.parametrize("field", ["id", "name", "title"])
def test_nothing_is_there_twice(field: str) -> None:
    assert [value for value, number in Counter(getattr(k, field) for k in KINDS).items() if number > 1] == []


@EVERY_KIND
def test_every_check_says_why_and_what_to_do_in_sentences(kind: CheckKind) -> None:
    assert kind.why.endswith(".")
    assert kind.todo.endswith(".")
    assert not kind.title.endswith(".")


@EVERY_KIND
def test_what_a_check_needs_comes_before_it(kind: CheckKind) -> None:
    before = list(CATALOGUE)[: list(CATALOGUE).index(kind.id)]
    late = set(kind.needs) - set(before)
    assert late == set()


@EVERY_KIND
def test_checks_of_worker_nodes_hang_on_the_job_there(kind: CheckKind) -> None:
    if kind.where is Where.WORKER_NODE and kind.id != "WN-6":
        assert "WN-6" in _all_needs(kind)


def _all_needs(kind: CheckKind) -> set[str]:
    return set(kind.needs).union(*(_all_needs(CATALOGUE[need]) for need in kind.needs))


def test_a_kind_is_found_by_id_in_any_case_and_by_name() -> None:
    assert kind_of("ssh-2") is kind_of("login-reachable") is CATALOGUE["SSH-2"]
    with pytest.raises(UnknownCheck, match="--list"):
        kind_of("SSH-99")
