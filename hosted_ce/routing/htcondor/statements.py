"""Statements of transforms: SET, DEFAULT, EVALSET, EVALMACRO, COPY, RENAME, DELETE."""

from __future__ import annotations

from hosted_ce.routing.htcondor.place import Place
from hosted_ce.routing.htcondor.steps import Broken, Copy, Delete, EvalMacro, EvalSet, Set, Step, Text
from hosted_ce.routing.htcondor.words import NamePattern, PatternError, Word, next_word, pattern_at

_WITH_VALUE = frozenset({"SET", "DEFAULT", "EVALSET", "EVALMACRO", "COPY", "RENAME"})
_BY_PATTERN = frozenset({"COPY", "RENAME", "DELETE"})
_ENVELOPE = frozenset({"NAME", "REQUIREMENTS", "UNIVERSE", "TRANSFORM"})


def step_of(line: str, place: Place) -> Step | None:
    """The step that a statement is, or None for one that does nothing. What is wrong gives a Broken step.

    A comma or equals sign at the end of the first name is left out. HTCondor makes a NUL of it, which ends
    the name where the queue takes it; only COPY, RENAME and DELETE then find nothing.
    """
    word = next_word(line, 0)
    keyword = word.text.upper() if word else ""
    if word is None or keyword not in _WITH_VALUE | _BY_PATTERN | _ENVELOPE:
        return Broken(place, f"`{word.text if word else line}` is not a statement of transforms")
    first = next_word(line, word.end)
    if keyword in _ENVELOPE and (first or keyword == "TRANSFORM"):
        return None
    if first is None:
        return Broken(place, f"{keyword} has nothing behind it")
    try:
        return _statement(keyword, line, first, place)
    except PatternError as error:
        return Broken(place, f"{keyword} {line[first.start :]}: {error}")


def _statement(keyword: str, line: str, first: Word, place: Place) -> Step:
    target, at = _target(keyword, line, first)
    if keyword == "DELETE":
        return Delete(place, target)
    second = next_word(line, at)
    if second and second.text in ("=", ","):
        second = next_word(line, second.end)
    if second is None:
        return Broken(place, f"{keyword} needs a name and a value", late=True)
    return _with_value(keyword, target, Text.of(line[second.start :]), place)


def _target(keyword: str, line: str, first: Word) -> tuple[str | NamePattern, int]:
    if keyword in _BY_PATTERN and (found := pattern_at(line, first)):
        return found
    name = first.text[:-1] if first.text.endswith((",", "=")) else first.text
    return name, first.end


def _with_value(keyword: str, target: str | NamePattern, value: Text, place: Place) -> Step:
    if keyword in ("COPY", "RENAME") or isinstance(target, NamePattern):
        return Copy(place, target, value, move=keyword == "RENAME")
    if keyword == "EVALSET":
        return EvalSet(place, target, value)
    if keyword == "EVALMACRO":
        return EvalMacro(place, target, value)
    return Set(place, target, value, default=keyword == "DEFAULT")
