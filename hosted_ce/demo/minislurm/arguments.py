"""GNU getopt_long, as far as Slurm's commands use it, with its own error texts.

Neither `getopt` nor `argparse` knows options with an optional value, and both word their errors otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class UsageError(Exception):
    """The arguments cannot be understood; the text is getopt's."""


class Arguments(NamedTuple):
    """Options by long name, in the order given, and what follows them."""

    options: list[tuple[str, str]]
    operands: list[str]

    def last(self) -> dict[str, str]:
        """Options as a mapping: the last of several wins."""
        return dict(self.options)


class Grammar:
    """The options of one command.

    `options` maps `name`, `name=` (a value is required) or `name=?` (a value may follow, in the same word)
    to the option's letter, or to "" if it has none.
    """

    def __init__(self, options: Mapping[str, str]) -> None:
        self._value: dict[str, str] = {}
        self._letters: dict[str, str] = {}
        for specification, letter in options.items():
            name, equals, optional = specification.partition("=")
            self._value[name] = optional or equals
            if letter:
                self._letters[letter] = name

    def parse(self, words: Sequence[str], *, permute: bool = True) -> Arguments:
        """Splits `words`; without `permute` the first operand ends the options. Raises UsageError."""
        found = Arguments([], [])
        rest = list(words)
        while rest:
            word = rest.pop(0)
            if word == "--" or (not permute and not _is_option(word)):
                found.operands.extend(rest if word == "--" else [word, *rest])
                break
            if word.startswith("--"):
                found.options.append(self._long(word, rest))
            elif _is_option(word):
                found.options.extend(self._short(word[1:], rest))
            else:
                found.operands.append(word)
        return found

    def _long(self, word: str, rest: list[str]) -> tuple[str, str]:
        given, equals, value = word[2:].partition("=")
        name = self._full_name(given, word)
        kind = self._value[name]
        if equals and not kind:
            raise UsageError(f"option '--{name}' doesn't allow an argument")
        if kind == "=" and not equals:
            if not rest:
                raise UsageError(f"option '--{name}' requires an argument")
            value = rest.pop(0)
        return name, value

    def _full_name(self, given: str, word: str) -> str:
        if given in self._value:
            return given
        names = sorted(name for name in self._value if name.startswith(given))
        if not names:
            raise UsageError(f"unrecognized option '{word}'")
        if len(names) > 1:
            possible = " ".join(f"'--{name}'" for name in names)
            raise UsageError(f"option '--{given}' is ambiguous; possibilities: {possible}")
        return names[0]

    def _short(self, cluster: str, rest: list[str]) -> list[tuple[str, str]]:
        found = []
        while cluster:
            letter, cluster = cluster[0], cluster[1:]
            name = self._letters.get(letter)
            if name is None:
                raise UsageError(f"invalid option -- '{letter}'")
            value = ""
            if self._value[name] == "=":
                if not cluster and not rest:
                    raise UsageError(f"option requires an argument -- '{letter}'")
                value, cluster = cluster or rest.pop(0), ""
            found.append((name, value))
        return found


def _is_option(word: str) -> bool:
    return word.startswith("-") and word != "-"
