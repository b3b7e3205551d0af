"""Inputs made of others, without a fuzzer: the same ones each time."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tests.fuzz.target import LONG_WORDS, Target

MOST_EDITS = 4


def mutants(target: Target, number: int) -> Iterator[bytes]:
    """So many of them."""
    random = Random(target.name)
    good = [*target.recorded, *target.corpus().values()]
    words = [*target.words() * 4, *LONG_WORDS]
    for _ in range(number):
        data = random.choice(good)
        for _ in range(random.randint(1, MOST_EDITS)):
            data = _edited(data, random, words, good)
        yield data[: target.largest]


def _edited(data: bytes, random: Random, words: list[bytes], good: list[bytes]) -> bytes:
    at, to = sorted(random.randint(0, len(data)) for _ in range(2))
    match random.randrange(6):
        case 0:  # without a part
            return data[:at] + data[to:]
        case 1:  # a part of it twice
            return data[:to] + data[at:to] + data[to:]
        case 2:  # another byte
            return data[:at] + random.randbytes(1) + data[at + 1 :]
        case 3:  # the end of another one
            other = random.choice(good)
            return data[:at] + other[random.randint(0, len(other)) :]
        case 4:  # a word in the place of a part
            return data[:at] + random.choice(words) + data[min(to, at + 12) :]
        case _:
            return data[:at] + random.choice(words) + data[at:]
