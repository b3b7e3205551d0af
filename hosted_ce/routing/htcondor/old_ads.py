"""Reads routes of the old syntax: ClassAds in new ClassAd syntax, one behind the other or in a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hosted_ce.routing.classad import Ad, AdError, ExpressionError
from hosted_ce.routing.htcondor.expressions import Expression, beginning
from hosted_ce.routing.htcondor.lines import Line
from hosted_ce.routing.htcondor.place import Finding, Place
from hosted_ce.routing.htcondor.tokens import Token, tokens

_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


@dataclass(frozen=True, slots=True)
class OldAttribute:
    """An attribute of an old route, as it is written there."""

    name: str
    place: Place
    expression: Expression


class OldRoute:
    """An old route: its attributes by name in lower case, later ones in place of earlier ones."""

    def __init__(self, place: Place, attributes: Sequence[OldAttribute] = ()) -> None:
        self.place = place
        self.attributes = {attribute.name.lower(): attribute for attribute in attributes}

    def over(self, defaults: OldRoute) -> OldRoute:
        """This route on top of defaults."""
        merged = OldRoute(self.place)
        merged.attributes = {**defaults.attributes, **self.attributes}
        return merged

    def ad(self) -> Ad:
        """The route as an ad."""
        found = Ad()
        for attribute in self.attributes.values():
            try:
                found[attribute.name] = attribute.expression.tree
            except AdError:
                continue  # a name in quotes that no attribute can have; what is made of it says so
        return found


def read_old_routes(lines: Sequence[Line], findings: list[Finding]) -> list[OldRoute]:
    """The routes of a text. What cannot be read is left out and among the findings."""
    reader = _Reader(lines, findings)
    return [OldRoute(place, attributes) for place, attributes in reader.ads()]


class _Reader:
    def __init__(self, lines: Sequence[Line], findings: list[Finding]) -> None:
        self._lines = lines
        self._text = "\n".join(line.text for line in lines)
        self._findings = findings

    def ads(self) -> Iterator[tuple[Place, list[OldAttribute]]]:
        """The ads; a list's braces and commas around them are passed over."""
        held: list[Token] = []
        depth = 0
        for token in tokens(self._text, old=False):
            mark = token.text if token.kind == "mark" else ""
            if token.kind == "wrong" or (not depth and mark not in ("[", "{", "}", ",", ";")):
                self._find(token.start, f"`{token.text[:40]}` is not a part of routes in old syntax")
                return
            if depth or mark == "[":
                held.append(token)
                depth += (mark in _OPENING) - (mark in _CLOSING) if mark else 0
            if held and not depth:
                yield self._place(held[0].start), list(self._attributes(held[1:-1]))
                held = []
        if held:
            self._find(held[0].start, "this `[` is not closed")

    def _attributes(self, inside: Sequence[Token]) -> Iterator[OldAttribute]:
        depth, begun = 0, 0
        for index, token in enumerate((*inside, Token("mark", ";", -1, -1))):
            mark = token.text if token.kind == "mark" else ""
            if mark == ";" and not depth:
                if index > begun and (attribute := self._attribute(inside[begun:index])):
                    yield attribute
                begun = index + 1
            depth += (mark in _OPENING) - (mark in _CLOSING) if mark else 0

    def _attribute(self, parts: Sequence[Token]) -> OldAttribute | None:
        name, *rest = parts
        if len(rest) < 2 or name.kind not in ("word", "quoted") or rest[0].text != "=":  # noqa: PLR2004
            self._find(name.start, f"`{name.text}` is not followed by `= expression`")
            return None
        text = self._text[rest[1].start : rest[-1].end]
        try:
            expression = beginning(text)
        except ExpressionError as error:
            self._find(rest[1].start, f"{name.text}: {error}")
            return None
        if expression.ignored:
            self._find(rest[1].start, f"{name.text}: `{expression.ignored}` is too much; is a `;` missing?")
            return None
        return OldAttribute(name.text, self._place(name.start), expression)

    def _place(self, offset: int) -> Place:
        return self._lines[self._text.count("\n", 0, max(offset, 0))].place

    def _find(self, offset: int, message: str) -> None:
        self._findings.append(Finding(self._place(offset), "error", "old-syntax", message))
