"""How much work and how many bytes the body of a batch may ask for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.api.bodies import batch as batch_request
from hosted_ce.api.bodies.batch import batch_of
from hosted_ce.api.problems.problem import Problem
from hosted_ce.pilots.spec import PilotSpec

TEXT = st.text('aB\u00e9\u2028\U0001f600"\\\\\n', max_size=4)
VARIABLES = st.dictionaries(st.sampled_from("ABC"), TEXT)
WORDS = st.text('aB\u00e9\U0001f600"\\\\', max_size=4)
SCALAR = st.one_of(
    st.booleans(), st.integers(-9, 99), st.floats(allow_nan=False, allow_infinity=False), WORDS
)
ATTRIBUTES = st.lists(st.sampled_from(["xx", "yy", "zz", "XX"]), unique_by=str.lower).flatmap(
    lambda names: st.fixed_dictionaries(dict.fromkeys(names, SCALAR))
)
PART = st.fixed_dictionaries(
    {},
    optional={
        "arguments": st.lists(TEXT, max_size=3),
        "environment": VARIABLES,
        "attributes": ATTRIBUTES,
    },
)


def read(most: int, **changed: Any) -> batch_request.Batch:
    body = {"executable": "a", "inputs": [{"name": "a", "content": ""}], **changed}
    return batch_of(json.dumps(body).encode(), max_file=9, max_pilots=5000, max_bytes=most)


def stored(spec: PilotSpec) -> int:
    return len(json.dumps(spec.model_dump(mode="json")).encode())


@given(shared=PART, parts=st.lists(PART, min_size=1, max_size=3))
def test_each_counts_what_is_stored_of_it_and_hardly_more(
    shared: dict[str, Any], parts: list[dict[str, Any]]
) -> None:
    size = sum(stored(spec) for spec, _ in read(10**6, **shared, pilots=parts).wanted)
    assert read(size + 4 * len(parts), **shared, pilots=parts).pilots == len(parts)
    with pytest.raises(Problem, match="above the limit"):
        read(size - 1, **shared, pilots=parts)


@given(shared=PART, count=st.integers(1, 50))
def test_equal_ones_are_counted_to_the_byte(shared: dict[str, Any], count: int) -> None:
    [(one, _)] = read(10**6, **shared, count=1).wanted
    assert read(count * stored(one), **shared, count=count).pilots == count
    with pytest.raises(Problem, match=f"{count} such pilots are {count * stored(one)} bytes"):
        read(count * stored(one) - 1, **shared, count=count)


class Counted(PilotSpec):
    """Counts what is looked at."""

    @classmethod
    def model_validate(cls, obj: Any, **more: Any) -> Any:
        """As a PilotSpec."""
        looked_at.append(1)
        return PilotSpec.model_validate(obj, **more)


looked_at: list[int] = []


@pytest.mark.parametrize("entry", [{}, {"attributes": {"xcount": 0}}], ids=["good", "wrong"])
def test_no_more_are_looked_at_than_there_is_room_for(
    entry: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A body of 50 kB whose pilots are 20 kB each."""
    monkeypatch.setattr(batch_request, "PilotSpec", Counted)
    looked_at.clear()
    with pytest.raises(Problem, match="above the limit of 200000"):
        read(200_000, arguments=[""] * 5000, pilots=[entry] * 5000)
    assert len(looked_at) <= 1 + 200_000 // 20_000


def test_spellings_of_one_name_do_not_make_room() -> None:
    """What is replaced is taken off once, however often it is named."""
    spellings = {f"{a}{b}{c}": 1 for a in "xX" for b in "yY" for c in "zZ"}
    with pytest.raises(Problem, match="above the limit"):
        read(
            12_000,
            attributes={"xyz": "x" * 4000},
            pilots=[spellings and {"attributes": spellings}, {}, {}, {}],
        )
