"""What can be fuzzed: a function of bytes that returns, whatever they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hosted_ce.api.times import rfc3339_or_none

CORPUS = Path(__file__).parent.parent / "corpora" / "fuzz"
RECORDED = Path(__file__).parent.parent / "corpora"
WORDS = Path(__file__).parent / "words"
LARGEST = 16_384
LONG_WORDS = (
    b"[" * 2000,
    b"(" * 900,
    b'{"a":' * 2000,
    b"!" * 900,
    b"1" * 5000,
    b"(.*)*" * 30,
    b"{a: " * 500,
    b"a" * 3000,
)
"""What is nested or repeated beyond reason; too long for libFuzzer's dictionaries."""
SEPARATOR = b"\x1c"
"""Parts one input where a harness needs several texts."""


@dataclass(frozen=True, slots=True)
class Target:
    """A harness. Whatever `run` raises is a fault of the product."""

    name: str
    kind: str
    """The row of the table in docs/developers/fuzzing.md that its figures belong to."""
    run: Callable[[bytes], None]
    recorded: tuple[bytes, ...] = ()
    """Good inputs besides those of the corpus."""
    largest: int = LARGEST
    """Bytes of an input."""

    def corpus(self) -> dict[str, bytes]:
        """The inputs that are kept, by name: good ones to begin with, and those that once did something."""
        return {path.name: path.read_bytes() for path in sorted((CORPUS / self.name).iterdir())}

    def words(self) -> list[bytes]:
        """Pieces that its inputs are made of; their file is a dictionary of libFuzzer."""
        lines = (WORDS / f"{self.name}.dict").read_text(encoding="ascii").splitlines()
        return [line[1:-1].encode().decode("unicode_escape").encode("latin-1") for line in lines]


def parts(data: bytes, most: int) -> list[bytes]:
    """The texts of an input; missing ones are empty."""
    found = data.split(SEPARATOR, most - 1)
    return found + [b""] * (most - len(found))


def text_of(data: bytes) -> str:
    """As sites' bytes are read: what is no UTF-8 becomes lone surrogates."""
    return data.decode("utf-8", "surrogateescape")


def no_controls(text: str, allowed: str = "\n") -> None:
    """Fails for text that would steer a terminal."""
    strange = {c for c in text if c not in allowed and not c.isprintable()}
    assert not strange, f"a terminal would obey {strange!r}"


def stored(*times: float | None) -> None:
    """Fails for times that the API cannot spell."""
    for seconds in times:
        rfc3339_or_none(seconds)
