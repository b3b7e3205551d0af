"""YAML that is written is read back as the same keys and values, by us and by PyYAML."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.site.positions import parse_yaml
from hosted_ce.site.render import Remarks, render, spell

WORDS = st.sampled_from(
    [
        "", "yes", "No", "on", "y", "null", "~", "true", "1", "0x1F", "1e5", "1_000", "12:30", "012",
        "1.5", "-", "- a", "? a",
        "a: b", "a #b", "#", "&a", "*a", "!a", "|", ">", "%a", "@a", "`", "{", "[", "]", "a,b", "'", '"',
        "\\", " a", "a ",
        "a\nb", "\t", "2001-01-01", "=", "<<", "---", "...", "é", "\x85", "\u2028", "\ufeff",
        "\U0001f600", "72h", "32 GB",
        "= xcount * 2", "RequestGPUs > 0", '(BatchQueue ?: queue) =?= "x"', "~/x", "/tmp", "https://x,",
        "a:b", "a: ",
        "a\nb\n", " a\nb\n", "a\n\n b\n", "a \nb\n", "# a\n", "a\n\n", "\n", "- a\n", "a: 'b\n", "\ta\n",
    ]
)  # fmt: skip
TEXTS = (
    WORDS
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    | st.text("ab:#-?&'\" ,[]{}", max_size=8)
)
SCALARS = TEXTS | st.booleans() | st.integers(-(10**17), 10**17)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)
SITES = st.dictionaries(TEXTS, VALUES, min_size=1, max_size=5)
COMMENTS = st.lists(TEXTS, max_size=2)


@given(SITES, st.data())
def test_what_is_written_is_read_back(site: dict[str, object], data: st.DataObject) -> None:
    remarks = Remarks()
    for loc in locs(site):
        remarks.above[loc] = data.draw(COMMENTS)
        remarks.beside[loc] = data.draw(TEXTS)
        remarks.below[loc] = data.draw(COMMENTS)
    text = render(site, remarks, data.draw(COMMENTS))
    assert parse_yaml(text).data == site
    assert parse_yaml(text).problems == []


def locs(value: object, loc: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [loc, *(each for step, below in inner for each in locs(below, (*loc, step)))]


@given(TEXTS)
def test_a_text_is_a_text_to_every_version_of_yaml(text: str) -> None:
    assert yaml.safe_load(f"a: {spell(text)}") == {"a": text}


@pytest.mark.parametrize(
    "text",
    [
        "osg01", "login.example.edu", "https://scitokens.org/osg-connect", "/etc/hosted-ce/x.key",
        "~/hosted-ce", "32 GB",
        "1d 12h", "RequestGPUs > 0", "2500 MB", "squid.example.edu:3128", "fermilabpilot@fnal.gov",
        "my-site.d/10-x.conf",
    ],
)  # fmt: skip
def test_usual_texts_are_plain(text: str) -> None:
    assert spell(text) == text


def test_quotes_are_such_that_expressions_can_be_read() -> None:
    assert spell('(BatchQueue ?: queue) =?= "gpu"') == """'(BatchQueue ?: queue) =?= "gpu"'"""


def test_other_values_are_refused() -> None:
    with pytest.raises(TypeError, match="NoneType"):
        spell(None)
