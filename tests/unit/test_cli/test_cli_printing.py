"""What a site or a pilot printed reaches a file byte by byte, and a terminal as text."""

from __future__ import annotations

import io

import pytest

from hosted_ce.cli.printing import folded, print_bytes, visible


class Out(io.TextIOWrapper):
    """Standard output, on a terminal or not."""

    def __init__(self, *, terminal: bool):
        super().__init__(io.BytesIO())
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b"a\tb\nc\r\nd", b"a\tb\nc\nd"),
        (b"\x1b[2J\x1b]0;title\x07", b"\\x1b[2J\\x1b]0;title\\x07"),
        (b"\xc2\x9b31m\rover", b"\\x9b31m\\rover"),
        (b"\xff\xfe", b"\\xff\\xfe"),
        ("größer \u202e".encode(), "größer \\u202e".encode()),
    ],
)
def test_a_terminal_obeys_nobody_else(content: bytes, shown: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    assert visible(content) == shown
    for terminal, expected in ((True, shown), (False, content)):
        out = Out(terminal=terminal)
        monkeypatch.setattr("sys.stdout", out)
        print_bytes(content)
        assert out.buffer.getvalue() == expected  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        (
            "  what to do  mend the route that sent it",
            ["  what to do  mend the route", "              that sent it"],
        ),
        ("    -> make room there, and soon", ["    -> make room there, and", "       soon"]),
        ("cluster main: the login node is away", ["cluster main: the login node", "  is away"]),
        ("  poor: no pilot has ever come here", ["  poor: no pilot has ever come", "    here"]),
        (
            "  open     people  Who is on the call",
            ["  open     people  Who is on", "                   the call"],
        ),
        ("short", ["short"]),
        ("", [""]),
    ],
)
def test_long_lines_go_on_below_their_text(line: str, lines: list[str]) -> None:
    assert list(folded([line], 30)) == lines
