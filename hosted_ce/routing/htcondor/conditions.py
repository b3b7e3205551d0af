"""Conditions of `if` and `elif`: a truth value, a number, `defined NAME`, `version >= X.Y`; nothing else.

Other expressions are taken only where there is a pilot, and only as long as they are true, as in HTCondor.
"""

from __future__ import annotations

import re
from enum import Enum, auto

from hosted_ce.routing.classad import EvaluationFailed, ExpressionError, is_true
from hosted_ce.routing.htcondor.expressions import beginning
from hosted_ce.routing.htcondor.macro_scope import Scope
from hosted_ce.routing.htcondor.macros import expand

BEHAVES_AS = (25, 14, 1)
"""The version of HTCondor that `if version` sees."""

_BLANKS = " \t\n\r\f\v"
_OLDEST = 6
_VERSION = re.compile(r"version\s*(!?)([<=>]?)(=?)\s*[vV]?(\d+)\.(\d+)(?:\.(\d+))?", re.IGNORECASE)
_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_LOOSE_TRUTHS = {"yes": True, "t": True, "no": False, "f": False}


class ConditionError(ValueError):
    """The text is no condition; the message says why."""


class Kind(Enum):
    """What a condition looks like."""

    NUMBER = auto()
    TRUTH = auto()
    NAME = auto()
    VERSION = auto()
    DEFINED = auto()
    COMPLEX = auto()
    NONE = auto()


def holds(condition: str, scope: Scope) -> bool:
    """Whether the condition holds. Raises ConditionError, and TooMuch."""
    text = expand(condition, scope).strip(_BLANKS)
    inverted = text.startswith("!")
    text = text[1:].lstrip(_BLANKS) if inverted else text
    value = False if not text and "$" in condition else _evaluate(text, scope)
    return value != inverted


def _evaluate(text: str, scope: Scope) -> bool:
    match kind_of(text):
        case Kind.NUMBER:
            number = _NUMBER.match(text)
            return number is not None and float(number[0]) != 0
        case Kind.TRUTH:
            return text.lower() == "true"
        case Kind.NAME if text.lower() in _LOOSE_TRUTHS:
            return _LOOSE_TRUTHS[text.lower()]
        case Kind.VERSION:
            return _is_version(text)
        case Kind.DEFINED:
            return _is_defined(text[len("defined") :].strip(_BLANKS), scope)
        case Kind.COMPLEX:
            return _true_or_error(text, scope)
        case _:
            raise ConditionError(f"`{text}` is not a condition")


def _is_defined(argument: str, scope: Scope) -> bool:
    kind = kind_of(argument, keywords=False)
    if not argument or kind in (Kind.NUMBER, Kind.TRUTH):
        return bool(argument)
    if kind is Kind.NAME:
        found = scope.lookup(argument)
        return argument.lower() in _LOOSE_TRUTHS if found is None else bool(found)
    if argument.lower().startswith("use "):
        raise ConditionError("HTCondor's metaknobs are not known here, so `defined use` cannot be told")
    raise ConditionError(f"`{argument}` is not the name of a macro")


def _is_version(text: str) -> bool:
    found = _VERSION.match(text)
    if not found or int(found[4]) < _OLDEST:
        raise ConditionError("the version is not one such as 25.0 or 23.9.6")
    asked = (int(found[4]), int(found[5]), int(found[6] or BEHAVES_AS[2]))
    difference = (asked < BEHAVES_AS) - (asked > BEHAVES_AS)
    wanted = {"<": -1, ">": 1}.get(found[2], 0)
    result = difference == wanted or (found[3] == "=" and difference == 0)
    return result != (found[1] == "!")


def _true_or_error(text: str, scope: Scope) -> bool:
    if scope.ad is not None:
        try:
            if is_true(scope.ad.evaluate(beginning(text).tree)):
                return True
        except (ExpressionError, EvaluationFailed):
            pass  # refused below, as is every expression that is not true
    raise ConditionError(f"`{text}` is an expression; write `EVALMACRO t {text}` and `if $(t)`")


_NAMES = {frozenset(looks) for looks in ("a", "ad", "adf", "ai", "aid", "aidf")}
_VERSIONS = {frozenset(looks) for looks in ("a cd", "a cdf")}
_QUESTIONS = {frozenset(looks) for looks in ("a ", "a :", "a i", "a i:", "a d", "a di", "a df", "a dif")}


def kind_of(text: str, *, keywords: bool = True) -> Kind:
    """What a condition looks like, by the kinds of its characters alone, as HTCondor judges it."""
    looks = _looks(text.removeprefix("-"))
    if looks in ({"d"}, {"d", "f"}):
        return Kind.NUMBER
    if looks == {"a"} and text.lower() in ("true", "false"):
        return Kind.TRUTH
    first = re.match(r"[A-Za-z0-9]*", text)
    keyword = first[0].lower() if first and keywords else ""
    if keyword == "version" and (looks in _VERSIONS or looks == {"a"}):
        return Kind.VERSION
    if keyword == "defined" and (looks in _QUESTIONS or looks == {"a"}):
        return Kind.DEFINED
    if looks in _NAMES:
        return Kind.NAME
    return Kind.COMPLEX if looks else Kind.NONE


def _looks(text: str) -> frozenset[str]:
    """Which kinds of characters: a letter, digit, float, identifier, comparison, blank, or themselves."""
    found: set[str] = set()
    for index, character in enumerate(text):
        after = text[index + 1 : index + 2]
        if character in "0123456789":
            found.add("d")
        elif character == ".":
            found.add("f" if found == {"d"} or not after or after in "0123456789" else "i")
        elif character in "eE":
            found.add("f" if found - {"f"} == {"d"} else "a")
        elif character in "+-":
            found |= set() if found == {"d", "f"} else {"+"}
        else:
            found.add(_look(character, after))
    return frozenset(found)


def _look(character: str, after: str) -> str:
    if character.isascii() and character.isalpha():
        return "a"
    if character in "_/":
        return "i"
    if character in "<=>" or (character == "!" and after == "="):
        return "c"
    return " " if character in _BLANKS else character
