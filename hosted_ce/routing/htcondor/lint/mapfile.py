"""Mapfiles: identities of factories to accounts. Patterns that match more than they show, and bans in vain.

A line is `METHOD PRINCIPAL ACCOUNT`. A principal between slashes is a regular expression that is looked for
anywhere in the identity; for SciTokens that is `issuer,subject`. The first line that matches counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from hosted_ce.routing.classad import Ad, AdError, EvaluationFailed, Tree, tree_of
from hosted_ce.routing.htcondor.lint.parts import error, warning
from hosted_ce.routing.htcondor.place import Finding, Place

BANNED = "@banned.htcondor.org"
_LINE = re.compile(
    r"\s*(?P<method>\S+)\s+"
    r"(?:/(?P<pattern>(?:\\.|[^/\\])*)/(?P<flags>[A-Za-z]*)|\"(?P<quoted>[^\"]*)\"|(?P<literal>[^\s\"/]\S*))"
    r"\s+(?P<account>\S.*?)\s*\Z"
)
_METHODS = frozenset({"scitokens", "ssl"})


@dataclass(frozen=True, slots=True)
class Mapping:
    """A line of a mapfile. `pattern` is None for a literal principal; `options` are of the pattern."""

    place: Place
    method: str
    principal: str
    pattern: str | None
    options: str
    account: str

    def matches(self, principal: str) -> bool:
        """Whether the line maps an identity of its method."""
        if self.pattern is None:
            return self.principal == principal
        return _evaluate(self.options + self.pattern, principal) is True


def check_mapfiles(files: Iterable[tuple[str, str]]) -> list[Finding]:
    """What is found in mapfiles, read one after the other. `files` are names and texts."""
    findings: list[Finding] = []
    mappings: list[Mapping] = []
    for file, text in files:
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip() and not line.lstrip().startswith(("#", "@include")):
                place = Place(file, number)
                mapping = read_mapping(line, place)
                if mapping is None:
                    message = 'this is not `METHOD /pattern/ account`, nor `METHOD "name" account`'
                    findings.append(error(place, "mapfile-syntax", message))
                else:
                    findings += _check_pattern(mapping)
                    findings += _check_order(mapping, mappings)
                    mappings.append(mapping)
    return findings


def read_mapping(line: str, place: Place) -> Mapping | None:
    """A line that maps something; None where it does not."""
    found = _LINE.match(line)
    if not found:
        return None
    pattern = found["pattern"]
    options = "".join(f"(?{flag})" for flag in found["flags"] or "" if flag in "iU")
    principal = found["quoted"] if found["quoted"] is not None else found["literal"] or ""
    wanted = None if pattern is None else pattern.replace(r"\/", "/")
    return Mapping(place, found["method"].lower(), principal, wanted, options, found["account"])


def _check_pattern(mapping: Mapping) -> Iterator[Finding]:
    if mapping.pattern is None:
        return
    if _evaluate(mapping.pattern, "") is None:
        message = f"`{mapping.pattern}` is not a regular expression: the line is never used"
        yield error(mapping.place, "mapfile-pattern", message)
    elif mapping.method not in _METHODS:
        return
    elif not mapping.pattern.startswith("^"):
        message = "the pattern is found anywhere in an identity; begin it with ^"
        yield warning(mapping.place, "mapfile-unanchored", message)
    elif not mapping.pattern.endswith(("$", ",", ".*")):
        message = "the pattern also takes every longer identity; end it with $"
        yield warning(mapping.place, "mapfile-unanchored", message)


def _check_order(mapping: Mapping, before: list[Mapping]) -> Iterator[Finding]:
    """A ban behind a line that maps the same identity. Of a pattern only its plain form can be tried."""
    if not mapping.account.endswith(BANNED):
        return
    example = mapping.principal if mapping.pattern is None else _example(mapping.pattern)
    if example is None:
        return
    for earlier in before:
        allows = earlier.method == mapping.method and not earlier.account.endswith(BANNED)
        if allows and earlier.matches(example):
            message = f"{earlier.place} maps it before: the ban is never reached; put it in front"
            yield warning(mapping.place, "mapfile-ban", message)
            return


def _example(pattern: str) -> str | None:
    """An identity that a simple pattern matches."""
    plain = pattern.removeprefix("^").removesuffix("$").removesuffix(".*")
    text = re.sub(r"\\([^A-Za-z0-9])", r"\1", plain)
    bare = re.sub(r"\\[^A-Za-z0-9]", "", plain)
    return None if re.search(r"[\\()\[\]{}*+?|]", bare) else text


def _evaluate(pattern: str, text: str) -> bool | None:
    try:
        value = Ad({"Pattern": pattern, "Text": text}).evaluate(_question())
    except (AdError, EvaluationFailed):
        return None
    return value if isinstance(value, bool) else None


@lru_cache
def _question() -> Tree:
    return tree_of("regexp(Pattern, Text)")
