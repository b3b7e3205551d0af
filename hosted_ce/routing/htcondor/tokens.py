"""Tokens of ClassAd expressions: where one ends in a text, and which attributes it names.

HTCondor reads expressions in two ways. `SET` takes the whole text, with old ClassAd strings, in which a
backslash means something only before a quote. `EVALSET` takes new ClassAd strings, with escapes, and ignores
what follows the first whole expression.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["word", "quoted", "number", "string", "mark", "wrong"]

_BLANK = re.compile(r"(?:[ \t\n\r\f\v]+|//[^\n]*|/\*(?:.|\n)*?\*/)+")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = re.compile(
    r"(?>(?:0[xX][\da-fA-F]+|\d+)(?:\.\d+)?|\.\.?\d+)[eE][+-]?\d+"
    r"|(?>(?:0[xX][\da-fA-F]+|\d*)\.\d+|\.\.\d+)(?![eE])"
    r"|0[xX](?>[\da-fA-F]+)(?!\.)"
    r"|(?!0[xX])(?>\d+)(?![.eE])",
    re.ASCII,
)
"""`..5` is a number, too, zero; `0x1.5` is one and `0x15` only with a minus, when it is zero."""
_NO_TOKEN = re.compile(r"\.{0,2}\d|/\*", re.ASCII)
"""Where a number or comment begins that is not well-formed."""
_MARK = re.compile(r"=\?=|=!=|>>>|\?[ \t\n\r\f\v]*:|&&|\|\||[<>=!]=|<<|>>|[-+*/%&|^~!<>=?:.,;()\[\]{}]")
_BRACKETS = {"(": ")", "[": "]", "{": "}"}
_LITERALS = frozenset({"true", "false", "undefined", "error"})
_PREFIXES = frozenset("-+!~.")
_OPERATOR = re.compile(r"\|\|?|&&?|=\?=|=!=|[=!<>]=|<<?|>{1,3}|\?:?|[\^+\-*/%.\[]")


@dataclass(frozen=True, slots=True)
class Token:
    """A token with its place in the text. A string's `text` is its content."""

    kind: Kind
    text: str
    start: int
    end: int


def tokens(text: str, *, old: bool) -> Iterator[Token]:
    """The tokens up to the end of the text, or up to and with the first that is wrong."""
    at = 0
    while True:
        if blank := _BLANK.match(text, at):
            at = blank.end()
        if at >= len(text):
            return
        token = _token(text, at, old)
        yield token
        if token.kind == "wrong":
            return
        at = token.end


def _token(text: str, at: int, old: bool) -> Token:
    if text[at] in "\"'":
        return _string(text, at, old)
    kinds: tuple[tuple[Kind, re.Pattern[str]], ...] = (("word", _WORD), ("number", _NUMBER), ("mark", _MARK))
    for kind, pattern in kinds:
        if found := pattern.match(text, at):
            mark = "?:" if kind == "mark" and len(found[0]) > 1 and found[0].startswith("?") else found[0]
            return Token(kind, mark, at, found.end())
        if kind == "number" and _NO_TOKEN.match(text, at):
            break
    return Token("wrong", text[at:], at, len(text))


def _string(text: str, at: int, old: bool) -> Token:
    found = _old_string(text, at) if old else _new_string(text, at)
    if found is None:
        return Token("wrong", text[at:], at, len(text))
    content, end = found
    return Token("string" if text[at] == '"' else "quoted", content, at, end)


def _old_string(text: str, at: int) -> tuple[str, int] | None:
    """A backslash before the quote makes it part of the string, unless nothing follows on the line."""
    quote, begun = text[at], at + 1
    parts: list[str] = []
    while (end := text.find(quote, begun)) >= 0:
        last = text[end + 1 : end + 2] in ("", "\n")
        if end == begun or text[end - 1] != "\\" or last:
            return "".join([*parts, text[begun:end]]), end + 1
        parts.append(text[begun : end - 1] + quote)
        begun = end + 1
    return None


_NEW_STRING = {quote: re.compile(rf"{quote}((?:[^{quote}\\]|\\(?:.|\n))*){quote}") for quote in "\"'"}


def _new_string(text: str, at: int) -> tuple[str, int] | None:
    """Strings that stand side by side are one. The content keeps its escapes."""
    pattern, end = _NEW_STRING[text[at]], at
    parts: list[str] = []
    while found := pattern.match(text, end):
        parts.append(found[1])
        end = found.end()
        space = re.compile(r"[ \t\n\r\f\v]*").match(text, end)
        if space is None or text[space.end() : space.end() + 1] != text[at]:
            return "".join(parts), end
        end = space.end()
    return None


@dataclass(frozen=True, slots=True)
class Extent:
    """The first expression of a text: its tokens, where it ends, and whether anything but comments follows.

    `open_ended` says that HTCondor ignores what follows even where it wants the whole text.
    """

    tokens: tuple[Token, ...]
    end: int
    more: bool
    open_ended: bool


def first_expression(text: str, *, old: bool) -> Extent | None:
    """The first expression of the text, or None where none begins, or it is not ended.

    Only brackets are followed inside of brackets; whether the expression is one is for the parser to say.
    """
    walk, more = _Walk(), False
    for token in tokens(text, old=old):
        if more := not walk.goes_on(token):
            break
        if not walk.take(token):
            return None
    if walk.closing or not walk.operand:
        return None
    return Extent(tuple(walk.taken), walk.taken[-1].end, more, walk.open_ended)


class _Walk:
    """Follows an expression: outside of brackets operands and operators take turns."""

    def __init__(self) -> None:
        self.taken: list[Token] = []
        self.closing: list[str] = []
        self.operand = False
        self.open_ended = False
        self._choices = 0

    def goes_on(self, token: Token) -> bool:
        """False where the expression is whole, and the token does not belong to it."""
        if self.closing or not self.operand:
            return True
        if token.kind == "word":
            return _is_word_operator(token)
        if token.kind != "mark":
            return False
        if token.text == ":":
            return self._choices > 0
        if token.text == "(":
            return self._is_function()
        return bool(_OPERATOR.fullmatch(token.text))

    def _is_function(self) -> bool:
        """Whether arguments can follow: not behind `true`, nor behind `a.b`."""
        before = self.taken[-2] if len(self.taken) > 1 else None
        if before and before.kind == "mark" and before.text == ".":
            return False
        last = self.taken[-1]
        return last.kind == "quoted" or (last.kind == "word" and last.text.lower() not in _LITERALS)

    def take(self, token: Token) -> bool:
        """Takes the next token; False if no expression can have it there."""
        if self.closing:
            good = token.kind != "wrong" and _follow_bracket(token, self.closing)
        else:
            good = self._take_outside(token)
        self.operand = not self.closing and _is_operand_after(token)
        self.taken.append(token)
        return good

    def _take_outside(self, token: Token) -> bool:
        mark = token.text if token.kind == "mark" else ""
        if mark in _BRACKETS:
            self.closing.append(_BRACKETS[mark])
        elif not self.operand:
            return _begins_operand(token)
        elif mark == "?":
            self.open_ended = True
            self._choices += 1
        elif mark == ":":
            self._choices -= 1
        return True


def _follow_bracket(token: Token, closing: list[str]) -> bool:
    if token.kind != "mark":
        return True
    if token.text in _BRACKETS:
        closing.append(_BRACKETS[token.text])
    elif token.text in _BRACKETS.values():
        return closing.pop() == token.text
    return True


def _begins_operand(token: Token) -> bool:
    if token.kind == "mark":
        return token.text in _PREFIXES
    return token.kind != "wrong" and not _is_word_operator(token)


def _is_operand_after(token: Token) -> bool:
    if token.kind == "mark":
        return token.text in _BRACKETS.values()
    return not _is_word_operator(token)


def _is_word_operator(token: Token) -> bool:
    return token.kind == "word" and token.text.lower() in ("is", "isnt")
