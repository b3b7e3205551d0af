"""Requests: whatever JSON comes, it is either refused in order or understood, and then it stays the same."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from hosted_ce.intake.rest import digest_of
from hosted_ce.pilots.spec import NOT_NEGATIVE, POSITIVE, SITE_WORDS, TRUTHS, PilotSpec
from hosted_ce.routing.decide import decide
from hosted_ce.routing.occupancy import Occupancy
from hosted_ce.routing.route import Table
from tests.fakes.classads import evaluate
from tests.fakes.routes import route

FIELDS = ["executable", "arguments", "environment", "inputs", "attributes", "name", "sha256", "x"]
KNOWN = [*POSITIVE, *NOT_NEGATIVE, *SITE_WORDS, *TRUTHS]

texts = st.text(st.characters(exclude_categories=[]), max_size=20)  # surrogates too
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=10), inner, max_size=5)
    ),
    max_leaves=12,
)
names = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.+=@,-]{0,20}", fullmatch=True)
variables = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,10}", fullmatch=True)
files = st.fixed_dictionaries(
    {"name": names, "sha256": st.from_regex(r"[0-9a-f]{64}", fullmatch=True)},
    optional={"executable": st.booleans()},
)
spelled = st.sampled_from([*KNOWN, *map(str.lower, KNOWN), *map(str.upper, KNOWN)])
attributes = st.dictionaries(
    spelled | variables,
    st.booleans() | st.integers() | st.floats() | texts | st.integers(1, 64) | names,
    max_size=6,
)


@st.composite
def nearly_right(draw: st.DrawFn) -> dict[str, Any]:
    """Requests that have the right form, and often the right values."""
    inputs = draw(st.lists(files, min_size=1, max_size=3))
    return {
        "executable": draw(st.sampled_from([file["name"] for file in inputs]) | names),
        "inputs": inputs,
        "arguments": draw(st.lists(texts, max_size=3)),
        "environment": draw(st.dictionaries(variables, texts, max_size=3)),
        "attributes": draw(attributes),
    }


def accepted(request: object) -> PilotSpec | None:
    try:
        return PilotSpec.model_validate(request)
    except ValidationError:
        return None


@given(anything)
def test_whatever_comes_is_refused_in_order(request: object) -> None:
    accepted(request)


@given(st.text() | anything.map(json.dumps))
def test_whatever_text_comes_is_refused_in_order(text: str) -> None:
    with contextlib.suppress(ValidationError):
        PilotSpec.model_validate_json(text)


@given(
    nearly_right() | st.fixed_dictionaries({"executable": names, "inputs": anything, "attributes": anything})
)
def test_what_is_accepted_survives_the_way_through_the_store(request: dict[str, Any]) -> None:
    spec = accepted(request)
    if spec is None:
        return
    document = spec.model_dump(mode="json")
    again = json.loads(json.dumps(document, allow_nan=False))
    assert PilotSpec.model_validate(again) == spec
    assert json.dumps(again) == json.dumps(document)
    assert digest_of(again) == digest_of(document)


@given(nearly_right())
def test_what_is_accepted_can_be_routed_and_asked_of_a_site(request: dict[str, Any]) -> None:
    if spec := accepted(request):
        ask = decide(spec.attributes, Table((route("any"),)), Occupancy(), now=0.0).ask
        assert ask
        assert ask.cpus >= 1
        assert ask.walltime_s >= 1
        for name, value in spec.attributes.items():
            assert evaluate("1 + 1", {name: value}) == 2


@pytest.mark.timeout(400)  # it searches, and on a busy machine for long
def test_the_form_is_right_often_enough_for_these_tests_to_mean_something() -> None:
    """The first one is enough: to make it shorter takes a minute."""
    first = settings(max_examples=2000, phases=[Phase.generate], database=None)
    assert accepted(
        find(
            nearly_right(),
            lambda request: accepted(request) and len(request["attributes"]) > 2,
            settings=first,
        )
    )
