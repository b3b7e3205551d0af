"""Configuration files: lines, assignments, conditionals, and where each line is."""

from __future__ import annotations

import pytest

from hosted_ce.routing.htcondor.config import Config
from hosted_ce.routing.htcondor.lines import logical_lines
from hosted_ce.routing.htcondor.macro_scope import TooMuch
from hosted_ce.routing.htcondor.read import read_config


def config(text: str, **base: str) -> Config:
    return read_config([("c", text)], base)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a\n  b  \n", ["a", "b", ""]),
        ("a \\\n  b", ["a b"]),
        ("a\\\nb", ["ab"]),
        ("a \\\n\\\n b", ["a b"]),
        ("# a \\\nb", ["# a \\", "b"]),  # a comment is not continued
        ("a \\\n# c \\\n b", ["a b"]),
        ("a \\\n# c\nb", ["a c", "b"]),  # HTCondor takes the comment's last character
        ("a \\", ["a "]),
        ("\\\n# c", ["# c"]),
    ],
)
def test_logical_lines(text: str, lines: list[str]) -> None:
    assert [line.text for line in logical_lines(text, "f")] == lines


def test_a_logical_line_is_where_it_begins() -> None:
    found = list(logical_lines("a \\\n b\nc", "f"))
    assert [(line.text, str(line.place)) for line in found] == [("a b", "f:1"), ("c", "f:3")]
    assert [line.stray for line in logical_lines("a \\\n# why\nb", "f")] == ["y", ""]


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("A = 1", "a", "1"),
        ("A=1", "A", "1"),
        ("A : 1", "A", "1"),
        ("A = 1\na = 2", "A", "2"),
        ("A =", "A", ""),
        ("A = x = y", "A", "x = y"),
        ("A.b/c = 1", "A.b/c", "1"),
        ("A = 1\nA = $(A),2", "A", "1,2"),
        ("A = $(A:0)1", "A", "01"),
        ("A = $(B)\nB = 1", "A", "$(B)"),
        ("A = 1\nJOB_ROUTER.A = $(A) y", "A", "1 y"),
        ("JOB_ROUTER.A = 1\nJOB_ROUTER.A = $(A) $(job_router.a)", "A", "1 1"),
        ("A @=end\none\n@end\njob_router.A @=end\n$(A)\ntwo\n@end", "A", "one\ntwo"),
        ("A += 1\nA += 2\nA +,= 3\nA +||= 4", "A", "1 2,3 || 4"),
        ("A @=end\n  one\n# no\n\n  two \\\n  three\n@end", "A", "one\ntwo three"),
        ("A @=end\n@end", "A", ""),
        ("A @=end\none\n@end\nA @=end\n$(A)\ntwo\n@end", "A", "one\ntwo"),
        ("A @=end\n@end\nA @=end\n$(A)\ntwo\n@end", "A", "\ntwo"),
        ("N = A\n$(N) = 1", "A", "1"),
        ("if true\nA = 1\nelse\nA = 2\nendif", "A", "1"),
        ("if false\nA = 1\nelif 1\nA = 2\nendif", "A", "2"),
        ("if defined X\nA = 1\nelse\nA = 2\nendif", "A", "2"),
        ("if false\nif true\nA = 1\nendif\nendif\nB = 1", "A", None),
        ("if version >= 25.0\nA = 1\nendif", "A", "1"),
        ("JOB_ROUTER.A = 1\nA = 2", "A", "1"),
        ("[section]\nA = 1", "A", "1"),
        ("A B = 1", "A", "1"),
    ],
)
def test_assignments(text: str, name: str, value: str | None) -> None:
    assert config(text).lookup(name) == value


def test_later_files_win_and_what_htcondor_has_by_itself_counts_last() -> None:
    read = read_config([("1", "A = 1\nB = $(HOST)\n"), ("2", "A = $(A)2\n")], {"Host": "ce"})
    assert read.get("A") == "12"
    assert read.get("B") == "ce"
    assert read.get("nothing") == ""
    assert read.macros["a"].place.file == "2"


def test_the_lines_of_a_here_document_keep_their_places() -> None:
    read = config("A @=e\none\n\n# why\ntwo\n@e\nA @=e\nzero\n$(A)\n@e\n")
    lines = [(line.text, line.place.line) for line in read.macros["a"].lines]
    assert lines == [("zero", 8), ("one", 2), ("two", 5)]


def test_numbers_truths_and_lists() -> None:
    read = config("N = 2 * 3\nBad = x\nT = TRUE\nL = a, b  A,c\nLoop = $(Loop2)\nLoop2 = $(Loop)\n")
    assert (read.integer("N", 1), read.integer("Bad", 1), read.integer("None", 1)) == (6, 1, 1)
    assert (read.truth("T", False), read.truth("Bad", True)) == (True, True)
    assert read.words("L") == ["a", "b", "c"]
    assert read.integer("Loop", 7) == 7
    with pytest.raises(TooMuch):
        read.get("Loop")


def test_after_a_fault_the_rest_is_read() -> None:
    read = config("nonsense\nA = 1\nelse\nif x == 1\nB = 1\nendif\nC = 2\n")
    assert [(finding.code, finding.place.line) for finding in read.findings] == [
        ("syntax", 1),
        ("if-structure", 3),
        ("condition", 4),
    ]
    assert (read.lookup("A"), read.lookup("B"), read.lookup("C")) == ("1", None, "2")
