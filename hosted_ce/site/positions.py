"""YAML read so that nothing is lost or guessed: every key and value keeps its line and column.

Plain `true`, `false`, `null` and whole decimal numbers mean what they do in YAML 1.2 and JSON. All else is
text, as written: `no`, `1:30`, `022` and `1.10` are not turned into something else behind the writer's back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from hosted_ce.site.errors import Loc, Problem, Severity, quote, spell_path

_TAG = "tag:yaml.org,2002:"
_DEEPEST = 16


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the text; line and column count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the value at `loc`, or about its key, before its place is looked up."""

    loc: Loc
    message: str
    hint: str
    severity: Severity = "error"
    at_key: bool = False


@dataclass(slots=True)
class Document:
    """What a YAML text says: `data` in plain Python types, the places of its parts, and what is wrong so far.

    Text without any content has `data` None.
    """

    data: object = None
    keys: dict[Loc, Position] = field(default_factory=dict)
    values: dict[Loc, Position] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def place_of_value(self, loc: Loc) -> Position:
        """Where a value begins; where there is none, the nearest thing around the place where it would be."""
        return self.values.get(loc) or self.place_of_key(loc)

    def place_of_key(self, loc: Loc) -> Position:
        """Where the key of a value is, or the value itself when it is an item of a list."""
        if not loc:
            return self.values.get((), Position(1, 1))
        return self.keys.get(loc) or self.values.get(loc) or self.place_of_key(loc[:-1])

    def place(self, finding: Finding) -> Problem:
        """The finding as a problem with its line and column."""
        find = self.place_of_key if finding.at_key else self.place_of_value
        place, path = find(finding.loc), spell_path(finding.loc)
        return Problem(path, place.line, place.column, finding.message, finding.hint, finding.severity)


def parse_yaml(text: str) -> Document:
    """Reads one YAML document. Duplicate keys and missing values become problems of the document.

    Raises yaml.reader.ReaderError for control characters, and yaml.MarkedYAMLError for wrong syntax, several
    documents, tags, anchors, and nesting beyond reason.
    """
    document = Document()
    root = _Loader(text).get_single_node()
    if root is not None:
        document.data = _build(root, (), document)
    return document


class _Loader(yaml.SafeLoader):
    """Composes nodes with the few plain types above; never constructs Python objects."""

    yaml_implicit_resolvers: Any = {}  # noqa: RUF012 - PyYAML's own attribute: the empty start drops the YAML 1.1 rules

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        events: Any = self  # PyYAML's stubs have no types for the event methods
        event = events.peek_event()
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise _refuse(
                event, "anchors and aliases are not supported", "quote text that begins with & or *"
            )
        if event.tag is not None:
            raise _refuse(event, "tags are not supported", "quote text that begins with !")
        if self.depth == _DEEPEST:
            raise _refuse(event, "the nesting is too deep", "compare the file with routes/example.yaml")
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


_Loader.add_implicit_resolver(f"{_TAG}null", re.compile(r"(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver(
    f"{_TAG}bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Loader.add_implicit_resolver(f"{_TAG}int", re.compile(r"(?:0|-?[1-9][0-9]{0,17})$"), list("-0123456789"))


def _refuse(event: Any, problem: str, hint: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark, note=hint)


def _build(node: yaml.Node, loc: Loc, document: Document) -> object:
    document.values[loc] = _start(node)
    match node:
        case yaml.MappingNode():
            return _build_mapping(node, loc, document)
        case yaml.SequenceNode():
            return [_build(item, (*loc, index), document) for index, item in enumerate(node.value)]
        case _:
            return _build_scalar(node, loc, document)


def _build_mapping(node: yaml.MappingNode, loc: Loc, document: Document) -> dict[str, object]:
    mapping: dict[str, object] = {}
    for key_node, value_node in node.value:
        place = _start(key_node)
        if not isinstance(key_node, yaml.ScalarNode):
            _tell(document, loc, place, "a key is not plain text", "write keys as name: value")
            continue
        key = str(key_node.value)
        key_loc = (*loc, key)
        if key in mapping:
            message = f"{quote(key)} is given twice, first on line {document.keys[key_loc].line}"
            _tell(document, key_loc, place, message, "keep one of the two")
            continue
        document.keys[key_loc] = place
        mapping[key] = _build(value_node, key_loc, document)
    return mapping


def _build_scalar(node: yaml.Node, loc: Loc, document: Document) -> object:
    text = str(node.value)
    match node.tag.removeprefix(_TAG):
        case "null":
            if loc:
                place = document.place_of_key(loc)
                _tell(document, loc, place, "there is no value", "write one, or take the line out")
            return None
        case "bool":
            return text.lower() == "true"
        case "int":
            return int(text)
        case _:
            return text


def _tell(document: Document, loc: Loc, place: Position, message: str, hint: str) -> None:
    document.problems.append(Problem(spell_path(loc), place.line, place.column, message, hint))


def _start(node: yaml.Node) -> Position:
    return Position(node.start_mark.line + 1, node.start_mark.column + 1)
