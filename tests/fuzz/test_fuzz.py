"""What once was a fault is none any more, and some new inputs of each kind are none either."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.fuzz.bounded import MUTANTS
from tests.fuzz.catalogue import TARGETS
from tests.fuzz.target import CORPUS, WORDS, Target
from tests.fuzz.trying import SLOW_S, tried

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def results() -> Mapping[str, Any]:
    """What came of each target, by name: all of them in one process, which an input may end."""
    argv = [sys.executable, "-m", "tests.fuzz.bounded"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    found = {line["target"]: line for line in lines if "target" in line}
    if done.returncode:
        found[lines[-1].get("begun", "none")] = {
            "tried": 0,
            "faults": [f"it ended with {done.returncode}", done.stderr[-3000:]],
        }
    return found


@pytest.mark.parametrize("name", TARGETS)
def test_hostile_inputs_are_taken_or_refused_as_they_should_be(name: str, results: Mapping[str, Any]) -> None:
    found = results.get(name)
    assert found, "the process ended before it: see the target before this one"
    assert not found["faults"], "\n\n".join(found["faults"])
    assert found["tried"] > MUTANTS


def test_what_is_not_as_it_should_be_is_told() -> None:
    def broken(data: bytes) -> None:
        assert data != b"x", "no"

    def slow(data: bytes) -> None:
        sum(range(3_000_000))

    target = Target("frames", "none", broken)
    assert tried(target, b"y") is None
    fault = tried(target, b"x")
    assert fault is not None
    assert fault.place == "AssertionError test_fuzz.py:broken"
    late = tried(Target("frames", "none", slow), b"x", slow_s=0.001)
    assert late is not None
    assert late.place == "slow"
    assert SLOW_S >= 1, "a busy machine is no fault: CPU time is counted, and only much of it tells"


def test_every_target_has_a_corpus_and_words_and_nothing_else_is_there() -> None:
    assert {path.name for path in CORPUS.iterdir() if path.is_dir()} == set(TARGETS)
    assert {path.stem for path in WORDS.iterdir()} == set(TARGETS)
    assert all(target.words() for target in TARGETS.values())
