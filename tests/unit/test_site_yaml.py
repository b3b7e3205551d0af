"""Reading YAML: what plain values mean, where they are, and which texts are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from hosted_ce.site import SiteFileError, load_site
from hosted_ce.site.positions import Document, Position, parse_yaml
from hosted_ce.site.syntax import locate


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("False", False),
        ("0", 0),
        ("-12", -12),
        ("3" * 17, int("3" * 17)),
        ('"12"', "12"),
        ("'true'", "true"),
        # What YAML 1.1 turns into something else stays what was written.
        ("no", "no"),
        ("On", "On"),
        ("y", "y"),
        ("010", "010"),
        ("0o17", "0o17"),
        ("0x1F", "0x1F"),
        ("0b11", "0b11"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("190:20:30", "190:20:30"),
        ("2026-01-01", "2026-01-01"),
        ("1.10", "1.10"),
        ("1e3", "1e3"),
        (".inf", ".inf"),
        ("=", "="),
        ("+5", "+5"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_plain_values_mean_what_they_look_like(text: str, value: object) -> None:
    document = parse_yaml(f"a: {text}")
    assert document.data == {"a": value}
    assert type(document.data["a"]) is type(value)
    assert document.problems == []


def test_keys_are_always_text() -> None:
    assert parse_yaml("1: a\ntrue: b\non: c\n<<: d").data == {"1": "a", "true": "b", "on": "c", "<<": "d"}


def test_every_key_and_value_has_its_place() -> None:
    document = parse_yaml("# é\nlogin:\n  - host: a\n    port: 22\n  - {host: b}\n")
    assert document.place_of_value(("login", 0, "host")) == Position(3, 11)
    assert document.place_of_key(("login", 0, "port")) == Position(4, 5)
    assert document.place_of_value(("login", 0)) == Position(3, 5)
    assert document.place_of_value(("login", 1, "host")) == Position(5, 12)


def test_the_place_of_something_absent_is_what_is_around_it() -> None:
    document = parse_yaml("a:\n  b: 1\nlist:\n  - c: 2\n")
    assert document.place_of_value(("a", "x", "y")) == Position(1, 1)
    assert document.place_of_value(("list", 0, "x")) == Position(4, 5)
    assert document.place_of_value(("nothing",)) == Position(1, 1)
    assert Document().place_of_value(("a", "b")) == Position(1, 1)


def test_duplicates_and_empty_values_are_collected_with_their_places() -> None:
    document = parse_yaml("a: 1\nb:\n  c: 1\n  c: 2\na: 3\nd: [x, ~]\n")
    told = [(problem.path, problem.line, problem.column, problem.message) for problem in document.problems]
    assert told == [
        ("b.c", 4, 3, '"c" is given twice, first on line 3'),
        ("a", 5, 1, '"a" is given twice, first on line 1'),
        ("d[1]", 6, 8, "there is no value"),
    ]
    assert document.data == {"a": 1, "b": {"c": 1}, "d": ["x", None]}


def test_a_key_that_is_a_list_is_refused() -> None:
    (problem,) = parse_yaml("a:\n  ? [b, c]\n  : 1\n").problems
    assert (problem.path, problem.line, problem.column) == ("a", 2, 5)
    assert problem.message == "a key is not plain text"


def said_about(folder: Path, text: str) -> str:
    path = folder / "x.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SiteFileError) as raised:
        load_site(path)
    return str(raised.value).removeprefix(f"{path}:")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "site: a\nclusters:\n\tmain: 1\n",
            "3:1: not readable as YAML: while scanning for the next token, found character '\\t' that cannot "
            "start any token; indent with spaces; there is a tab here",
        ),
        (
            "site: a\nresource b\nroutes: 1\n",
            "3:1: not readable as YAML: while scanning a simple key, could not find expected ':'; "
            "check for a missing colon after a key, here or on the line above",
        ),
        (
            "site: a: b\n",
            "1:8: not readable as YAML: mapping values are not allowed here; "
            "check the indentation; quote text that has a colon and a space in it",
        ),
        (
            "routes:\n  - name: a\n   cluster: b\n",
            "3:4: not readable as YAML: while parsing a block collection, expected <block end>, but found "
            "'<block mapping start>'; "
            "check the indentation: keys that belong together begin in the same column",
        ),
        (
            'site: "a\nresource: b\n',
            "3:1: not readable as YAML: while scanning a quoted scalar, found unexpected end of stream; "
            "check for a quote that is not closed",
        ),
        (
            "site: @a\n",
            "1:7: not readable as YAML: while scanning for the next token, found character '@' that cannot "
            "start any token; quote text that begins with a special character",
        ),
        (
            "site: a\n---\nsite: b\n",
            "2:1: not readable as YAML: expected a single document in the stream, but found another "
            "document; one file has one site; take the --- out",
        ),
        (
            "a: &x 1\nb: *x\n",
            "1:4: not readable as YAML: anchors and aliases are not supported; "
            "quote text that begins with & or *",
        ),
        (
            "when: *x\n",
            "1:7: not readable as YAML: anchors and aliases are not supported; "
            "quote text that begins with & or *",
        ),
        (
            "when: !isUndefined(x)\n",
            "1:7: not readable as YAML: tags are not supported; quote text that begins with !",
        ),
        (
            "a: !!python/object/apply:os.system [id]\n",
            "1:4: not readable as YAML: tags are not supported; quote text that begins with !",
        ),
        ("site: a\x07b\n", "1:8: a control character is in the text; delete the character at this place"),
        (
            "a: 1\nsite: a\x00\n",
            "2:8: a control character is in the text; delete the character at this place",
        ),
    ],
)
def test_text_that_is_not_yaml_keeps_its_line_and_gets_a_hint(tmp_path: Path, text: str, said: str) -> None:
    assert said_about(tmp_path, text) == said


def test_nesting_without_end_is_refused_and_does_not_exhaust_the_stack(tmp_path: Path) -> None:
    said = said_about(tmp_path, "a: " + "[" * 100_000)
    assert (
        said
        == "1:19: not readable as YAML: the nesting is too deep; compare the file with routes/example.yaml"
    )


def test_what_cannot_be_read_raises_yamls_own_errors() -> None:
    with pytest.raises(yaml.MarkedYAMLError):
        parse_yaml("a: [")
    with pytest.raises(yaml.reader.ReaderError):
        parse_yaml("a: \x01")


def test_locate_counts_lines_and_columns_from_one() -> None:
    text = "ab\n\ncd"
    assert [locate(text, index) for index in (0, 1, 3, 4, 5)] == [
        Position(1, 1),
        Position(1, 2),
        Position(2, 1),
        Position(3, 1),
        Position(3, 2),
    ]
