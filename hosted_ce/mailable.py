"""Markdown as plain text for a mail, as HTML that needs nothing beside it, and as part of a page."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_WIDTH = 78
_STYLES = {
    "h1": "font-size:1.5em;margin:0 0 .6em",
    "h2": "font-size:1.15em;margin:1.6em 0 .4em",
    "td": "padding:.3em .8em .3em 0;vertical-align:top;border-bottom:1px solid #ddd",
    "table": "border-collapse:collapse;margin:.6em 0",
    "thead": "display:none",
    "code": "font-family:monospace;background:#f3f3f3;padding:0 .2em",
}
_PRE = "background:#f3f3f3;padding:.7em;white-space:pre-wrap;overflow-wrap:anywhere;font-family:monospace"
_BODY = "font-family:sans-serif;line-height:1.45;color:#222;max-width:46em;margin:2em auto;padding:0 1em"


def as_html(markdown: str, title: str) -> str:
    """A page with all its styles in it, and no script. Mail programs keep styles of elements only."""
    parser = _parser()
    tokens = parser.parse(markdown)
    for token in _all(tokens):
        if token.nesting >= 0 and token.tag in _STYLES and token.type != "fence":
            token.attrSet("style", _STYLES[token.tag])
    body = parser.renderer.render(tokens, parser.options, {}).replace("<pre>", f'<pre style="{_PRE}">')
    head = f'<meta charset="utf-8">\n<title>{html.escape(title)}</title>'
    page = f'<head>\n{head}\n</head>\n<body style="{_BODY}">\n{body}</body>'
    return f'<!doctype html>\n<html lang="en">\n{page}\n</html>\n'


def as_fragment(markdown: str) -> str:
    """The HTML alone, without styles, for a page that has its own. Nothing of the text is taken for HTML."""
    parser = _parser()
    return str(parser.renderer.render(parser.parse(markdown), parser.options, {}))


def as_text(markdown: str) -> str:
    """Plain text of lines that fit into a mail; code is indented, and never broken."""
    lines = list(_blocks(_parser().parse(markdown)))
    return "\n".join(lines).strip("\n") + "\n"


def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _all(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _all(token.children or ())


def _blocks(tokens: Sequence[Token]) -> Iterator[str]:
    """The lines of all blocks."""
    marks: list[str] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        match token.type:
            case "table_open":
                end = next(i for i in range(position, len(tokens)) if tokens[i].type == "table_close")
                yield from (*_table(tokens[position:end]), "")
                position = end
            case "heading_open":
                yield from _heading(_inline(tokens[position + 1]), token.tag)
            case "inline" if tokens[position - 1].type == "paragraph_open":
                yield from _paragraph(_inline(token), marks.pop() if marks else "")
                if not tokens[position - 1].hidden:
                    yield ""
            case "fence":
                yield from (f"    {line}" for line in token.content.rstrip("\n").split("\n"))
                yield ""
            case "list_item_open":
                marks.append(f"{token.info}. " if token.info else "- ")
            case "bullet_list_close" | "ordered_list_close":
                yield ""
        position += 1


def _heading(text: str, tag: str) -> tuple[str, ...]:
    line = {"h1": "=", "h2": "-"}.get(tag, "-") * len(text)
    return (text, line, "") if tag == "h1" else ("", text, line, "")


def _paragraph(text: str, mark: str, hanging: int | None = None) -> list[str]:
    """Its lines. `mark` begins the first one; the others are as far in, or by `hanging` characters."""
    indent = " " * (len(mark) if hanging is None else hanging)
    return textwrap.wrap(
        text, _WIDTH, initial_indent=mark, subsequent_indent=indent, break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def _table(tokens: Sequence[Token]) -> Iterator[str]:
    """Rows of a name and what belongs to it; a head without words has no line."""
    cells = [_inline(token) for token in tokens if token.type == "inline"]
    rows = [(name, text) for name, text in zip(cells[::2], cells[1::2], strict=True) if name or text]
    for name, text in rows:
        yield from _paragraph(text, f"  {name}: ", hanging=6)


def _inline(token: Token) -> str:
    """The words without marks."""
    words = {"softbreak": " ", "hardbreak": " "}
    return "".join(words.get(each.type, each.content) for each in token.children or ())
