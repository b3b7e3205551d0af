"""Attributes whose names match a pattern, and the new names that a template makes of them. PCRE semantics."""

from __future__ import annotations

import re
from functools import lru_cache

from hosted_ce.routing.classad import Ad, Tree, tree_of
from hosted_ce.routing.htcondor.words import NamePattern

_PLAIN_START = re.compile(r"\^([A-Za-z0-9_]+)(?![*?{])")
_GROUP = re.compile(r"\\([0-9])")


def is_pattern(pattern: NamePattern) -> bool:
    """Whether PCRE takes the pattern."""
    return isinstance(_ask(_matches(), pattern, ""), bool)


def matching(pattern: NamePattern, ad: Ad) -> list[str]:
    """The names of the ad's attributes that match, in order."""
    start = _start(pattern)
    names = [name for name in ad if name.lower().startswith(start)]
    return sorted(name for name in names if _ask(_matches(), pattern, name) is True)


def fill(template: str, pattern: NamePattern, name: str) -> str:
    """The template with `\\0` to `\\9` as what the groups matched; those behind the last that did stay."""

    def group(found: re.Match[str]) -> str:
        value = _ask(_group(), pattern, name, found[0])
        return value if isinstance(value, str) else found[0]

    return _GROUP.sub(group, template)


def _start(pattern: NamePattern) -> str:
    """What every matching name begins with, so that PCRE is not asked about each: "" if that is not plain."""
    found = _PLAIN_START.match(pattern.source)
    if not found or pattern.flags or "|" in pattern.source:
        return ""
    return found[1].lower()


def _ask(question: Tree, pattern: NamePattern, name: str, template: str = "") -> object:
    return Ad({"Pattern": pattern.pcre, "Name": name, "Template": template}).evaluate(question)


@lru_cache
def _matches() -> Tree:
    return tree_of('regexp(Pattern, Name, "i")')


@lru_cache
def _group() -> Tree:
    return tree_of('regexps(Pattern, Name, Template, "i")')
