"""Splits a statement into words, as HTCondor does: at blanks, with quotes around words that have some."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BLANKS = " \t\r\n"
_WORD = re.compile(rf"[{_BLANKS}]*([^{_BLANKS}]+)")
_FLAGS = {"i": "", "g": "\\A", "m": "(?m)", "U": "(?U)"}


@dataclass(frozen=True, slots=True)
class Word:
    """A word. `start` is its first character or the quote before it; the next is looked for at `end`."""

    text: str
    start: int
    end: int


def next_word(line: str, at: int) -> Word | None:
    """The next word at or after a position. A quoted word that is not closed goes on to the end."""
    found = _WORD.match(line, at)
    if found is None:
        return None
    start = found.start(1)
    if line[start] not in "\"'":
        return Word(found[1], start, found.end())
    close = line.find(line[start], start + 1)
    end = len(line) if close < 0 else close
    return Word(line[start + 1 : end], start, end + 1)


@dataclass(frozen=True, slots=True)
class NamePattern:
    """A regular expression for attributes' names: PCRE, case-insensitive, found anywhere in the name.

    `flags` are as written: i changes nothing, m is for several lines, U for ungreedy, and g makes the pattern
    match at the beginning only.
    """

    source: str
    flags: str

    @property
    def pcre(self) -> str:
        """The pattern with what the flags mean written into it."""
        options = "".join(_FLAGS[flag] for flag in "mU" if flag in self.flags)
        return f"{options}\\A(?:{self.source})" if "g" in self.flags else f"{options}{self.source}"


class PatternError(ValueError):
    """The pattern is not ended, or has a flag that is none."""


def pattern_at(line: str, word: Word) -> tuple[NamePattern, int] | None:
    """The `/pattern/flags` that a word begins, and where it ends; None if the word begins none.

    The pattern goes on to the next slash; a backslash before it does not help. Raises PatternError.
    """
    start = word.start + (line[word.start] in "\"'")
    if not line.startswith("/", start):
        return None
    close = line.find("/", start + 1)
    if close < 0:
        raise PatternError("there is no / at the end of the pattern")
    flags = re.compile(rf"[^{_BLANKS}]*").match(line, close + 1)
    letters = flags[0] if flags else ""
    for letter in letters:
        if letter not in _FLAGS:
            raise PatternError(f"{letter!r} behind the pattern is not a flag; there are g, i, m and U")
    return NamePattern(line[start + 1 : close], letters), close + 1 + len(letters)
