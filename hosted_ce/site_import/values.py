"""A chart's values.yaml, read key by key: what nobody asked for is found at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

from hosted_ce.routing.htcondor.place import Place
from hosted_ce.site.errors import Loc, Problem, spell_path
from hosted_ce.site.positions import Document, parse_yaml
from hosted_ce.site.syntax import explain_syntax
from hosted_ce.site_import.notes import Note, SourceError
from hosted_ce.site_import.source import Source, chart_root

_TRUE, _FALSE = frozenset({"true", "yes", "on"}), frozenset({"false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Found:
    """A value of a source, where it is, and its name there."""

    value: object
    place: Place
    what: str

    @property
    def text(self) -> str | None:
        """The value as text; None where it is a list or a group of keys."""
        match self.value:
            case bool():
                return str(self.value).lower()
            case str() | int():
                return str(self.value).strip()
            case _:
                return None

    @property
    def truth(self) -> bool | None:
        """The value as Helm's YAML reads truth; None where it is none."""
        text = (self.text or "").lower()
        return True if text in _TRUE else False if text in _FALSE else None


class Values:
    """The values of a chart. Raises SourceError if the text is not YAML, or none of this chart."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._document = _parse(source)
        root = chart_root(self._document.data)
        if root is None:
            message = "these are no values of the chart osg-hosted-ce: none of its keys is there"
            raise SourceError(Note(Place(source.name, 1), "person", "", message))
        self._root = root
        self._taken: set[Loc] = set()

    def take(self, path: str) -> Found | None:
        """The value at `RemoteCluster.LoginHost`; None where nothing is said (absent, null, or blanks)."""
        loc: Loc = (*self._root, *path.split("."))
        self._taken.add(loc)
        return self._found(loc)

    def rest(self) -> Iterator[Found]:
        """What was not taken: single values, as far down as they are."""
        yield from self._rest(self._root)

    def inside(self, found: Found, *steps: str | int) -> Found:
        """A part of a value that was taken."""
        loc = (*self._root, *found.what.split("."), *steps)
        return Found(self._at(loc), self._place(loc), spell_path(loc[len(self._root) :]))

    def text_of(self, found: Found) -> Source:
        """A text of several lines, with empty lines before it so that its lines have the file's numbers.

        In quotes it has no lines in the file: then they are counted in the text, under a name of its own.
        """
        position = self._document.place_of_value((*self._root, *found.what.split(".")))
        line = self._source.text.split("\n")[position.line - 1 : position.line]
        if line and line[0][position.column - 1 : position.column] == "|":
            return Source(self._source.name, "\n" * position.line + str(found.value))
        return Source(f"{self._source.name}:{found.what}", str(found.value))

    def _rest(self, loc: Loc) -> Iterator[Found]:
        value = self._at(loc)
        if loc in self._taken:
            return
        if isinstance(value, Mapping) and value:
            for key in value:
                yield from self._rest((*loc, key))
        elif found := self._found(loc):
            yield found

    def _found(self, loc: Loc) -> Found | None:
        value = self._at(loc)
        if value is None or value in ([], {}) or (isinstance(value, str) and not value.strip()):
            return None
        return Found(value, self._place(loc), ".".join(str(part) for part in loc[len(self._root) :]))

    def _place(self, loc: Loc) -> Place:
        return Place(self._source.name, self._document.place_of_key(loc).line)

    def _at(self, loc: Loc) -> object:
        value = self._document.data
        for step in loc:
            if isinstance(value, Mapping):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value


def _parse(source: Source) -> Document:
    try:
        document = parse_yaml(source.text)
    except (yaml.MarkedYAMLError, yaml.reader.ReaderError) as error:
        raise SourceError(*(_told(source, each) for each in explain_syntax(error, source.text))) from error
    if twice := [each for each in document.problems if each.message != "there is no value"]:
        raise SourceError(*(_told(source, each) for each in twice))
    return document


def _told(source: Source, problem: Problem) -> Note:
    hint = "" if "example.yaml" in problem.hint else problem.hint
    message = f"{problem.message}; {hint}" if hint else problem.message
    if "anchors" in problem.message:
        message = "anchors and aliases are not followed; `helm get values NAME -o yaml` prints values without"
    return Note(Place(source.name, problem.line or 1), "person", problem.path, message)
