"""ClassAd expressions and ads, evaluated by HTCondor's own library. The only module that touches it.

htcondor2 must be imported before classad2 is used: it switches the library to HTCondor's semantics, without
which `MY.x` is silently undefined. It would also set CONDOR_CONFIG, so that is settled first.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

os.environ.setdefault("CONDOR_CONFIG", "ONLY_ENV")
import htcondor2  # isort: skip
import classad2  # isort: skip

__all__ = [
    "Ad",
    "AdError",
    "EvaluationFailed",
    "ExpressionError",
    "Tree",
    "Value",
    "is_error",
    "is_true",
    "spell_for_macro",
    "spell_new",
    "spell_old",
    "spell_value",
    "tree_of",
]

LONGEST_EXPRESSION = 32_768
"""In characters. The library's own recursion ends the process at some hundreds of thousands."""

ATTRIBUTE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_STRING_IN_BRACKETS = re.compile(r'\(+"(?:[^"\\]|\\.)*"\)+\Z', re.DOTALL)
_UNUSABLE = re.compile(r"[\0\ud800-\udfff]")

Value = classad2.Value
"""Undefined and error, as the library has them."""

Tree = Any
"""An expression that was parsed: classad2's ExprTree, which has no type annotations."""


class ExpressionError(ValueError):
    """The text is not a ClassAd expression."""


class AdError(ValueError):
    """An attribute or its value cannot be in a ClassAd."""


class EvaluationFailed(Exception):
    """The library gave up on an expression: it is nested or refers on too deeply, or takes too long."""


def tree_of(text: str) -> Tree:
    """Parses one expression in new ClassAd syntax that is known to be whole, with its brackets in pairs.

    Raises ExpressionError.
    """
    if len(text) > LONGEST_EXPRESSION:
        raise ExpressionError(f"it has {len(text)} characters; the most is {LONGEST_EXPRESSION}")
    if _UNUSABLE.search(text):
        raise ExpressionError("it has a NUL or half a character in it")
    try:
        return classad2.ExprTree(text)
    except classad2.ClassAdException as error:
        raise ExpressionError("it is not a ClassAd expression") from error


def spell_old(tree: Tree) -> str:
    """The expression or plain value as HTCondor's tools print an attribute's value."""
    ad = classad2.ClassAd()
    ad["X"] = tree
    text: str = ad.printOld()
    return text[len("X = ") : -1]


def spell_new(tree: Tree) -> str:
    """The expression in new ClassAd syntax, on one line."""
    return repr(tree)


def spell_for_macro(tree: Tree) -> str:
    """A value as HTCondor writes it into a macro: strings without quotes, ads as lines."""
    value = tree.eval()
    return value if isinstance(value, str) else _spell_lines(value)


def _spell_lines(value: Any) -> str:
    if isinstance(value, classad2.ClassAd):
        return "\n".join(f"{name} = {spell_old(value.lookup(name))}" for name in value) + "\n"
    if isinstance(value, list):
        return f"{{ {','.join(_spell_lines(item) for item in value)} }}"
    return spell_old(value)


def is_true(value: Any) -> bool:
    """Whether HTCondor takes an expression's value for true: true itself, or a number that is not 0."""
    return isinstance(value, bool | int | float) and not isinstance(value, classad2.Value) and bool(value)


def is_error(value: Any) -> bool:
    """Whether an expression's value is error."""
    return bool(value is classad2.Value.Error)


def spell_value(value: Any) -> str:
    """An expression's value for a person."""
    if isinstance(value, classad2.Value):
        return "error" if is_error(value) else "undefined"
    return str(value).lower() if isinstance(value, bool) else str(value)


class Ad:
    """A ClassAd that can be changed. Names are case-insensitive and keep the spelling they came with."""

    def __init__(self, attributes: Mapping[str, Any] | None = None) -> None:
        """`attributes` are plain values or trees; None is undefined. Raises AdError."""
        self._ad = classad2.ClassAd()
        for name, value in (attributes or {}).items():
            self[name] = value

    def __contains__(self, name: str) -> bool:
        try:
            self._ad.lookup(name)
        except KeyError:
            return False
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._ad.keys()))

    def __len__(self) -> int:
        return len(self._ad)

    def __setitem__(self, name: str, value: Any) -> None:
        """Raises AdError for a name or a value that no ClassAd can hold."""
        if not ATTRIBUTE_NAME.match(name):
            raise AdError(f"{name!r} cannot be the name of an attribute")
        if isinstance(value, str) and _UNUSABLE.search(value):
            raise AdError(f"the text of {name} has a NUL or half a character in it")
        try:
            self._ad[name] = value
        except (SystemError, OverflowError, TypeError, classad2.ClassAdException) as error:
            raise AdError(f"no ClassAd can hold the value of {name}") from error

    def __delitem__(self, name: str) -> None:
        """Does nothing where there is no such attribute."""
        if name in self:
            del self._ad[name]

    def get(self, name: str) -> Tree | None:
        """The attribute's expression."""
        try:
            return self._ad.lookup(name)
        except KeyError:
            return None

    def value(self, name: str) -> Any:
        """The attribute's value as Python has it, or None: absent, undefined or error."""
        tree = self.get(name)
        value = None if tree is None else self.evaluate(tree)
        return None if isinstance(value, classad2.Value) else value

    def literal(self, name: str) -> bool | int | float | str | None:
        """The attribute's value where it is written as a plain one; None for expressions and lists."""
        try:
            value = self._ad[name]
        except KeyError:
            return None
        plain = isinstance(value, bool | int | float | str) and not isinstance(value, classad2.Value)
        return value if plain else None

    def words(self, name: str) -> str | None:
        """The attribute as text for a macro: the content of a string, else what HTCondor would print."""
        try:
            value = self._ad[name]
        except KeyError:
            return None
        match value:
            case str():
                return value
            case bool():
                return str(value).lower()
            case int() if not isinstance(value, classad2.Value):
                return str(value)
            case _:
                return self._spell(name)

    def _spell(self, name: str) -> str:
        """A string is one in brackets, too."""
        tree = self._ad.lookup(name)
        if _STRING_IN_BRACKETS.match(spell_new(tree)):
            return str(tree.eval())
        return spell_old(tree)

    def evaluate(self, tree: Tree, target: Ad | None = None) -> Any:
        """The value of an expression over this ad, as classad2 gives it. Raises EvaluationFailed."""
        try:
            return tree.eval(self._ad, None if target is None else target._ad)
        except classad2.ClassAdException as error:
            raise EvaluationFailed(str(error)) from error

    def simplify(self, tree: Tree) -> Tree:
        """The value of an expression over this ad, as an expression. Raises EvaluationFailed."""
        try:
            return tree.simplify(self._ad)
        except classad2.ClassAdException as error:
            raise EvaluationFailed(str(error)) from error

    def flatten(self, tree: Tree) -> Tree:
        """The expression with this ad's attributes put in for their names, and what is known worked out."""
        whole = classad2.ClassAd()
        whole["X"] = self._ad.flatten(tree)
        return whole.lookup("X")

    def copy(self) -> Ad:
        """Another ad with the same attributes."""
        other = Ad()
        other._ad.update(self._ad)
        return other

    def texts(self) -> dict[str, str]:
        """Every attribute as HTCondor's tools print it, by name."""
        return {name: spell_old(self._ad.lookup(name)) for name in sorted(self)}


if Ad({"x": 1}).evaluate(tree_of("MY.x")) != 1:  # pragma: no cover - a broken installation
    raise ImportError(f"the ClassAd library has not HTCondor's semantics ({htcondor2.version()})")
