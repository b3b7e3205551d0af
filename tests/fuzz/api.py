"""Schemathesis on the real application, by every role: `python -m tests.fuzz.api [--seconds 60]`.

Each round sends some requests of every operation, good and bad ones, as an administrator, an operator, a
viewer and a stranger. Every answer has to be one that the schema describes, and viewers and strangers change
nothing. CI sends few of them: tests/api/test_schemathesis.py.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from hosted_ce.api import openapi
from hosted_ce.api.app import create_app
from hosted_ce.store.migrate import upgrade
from tests.api.callers import callers_of, check_answer
from tests.api.world import World, open_world

EXAMPLES = 12


class Round:
    """Requests of every operation, made from one number."""

    def __init__(self, schema: Any, callers: Mapping[str, Mapping[str, str]], number: int):
        self._schema, self._callers, self._number = schema, callers, number
        self.sent: Counter[str] = Counter()
        self.faults: dict[str, str] = {}

    def go(self, until: float) -> None:
        """Sends them, or as many as there is time for."""
        for operation in (found.ok() for found in self._schema.get_all_operations()):
            for mode, caller in itertools.product(GenerationMode, self._callers):
                if time.monotonic() > until:
                    return
                self._try(operation, mode, caller)

    def _try(self, operation: Any, mode: GenerationMode, caller: str) -> None:
        @seed(self._number)
        @settings(
            max_examples=EXAMPLES, deadline=None, phases=[Phase.generate], database=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def answers(case: Any) -> None:
            self.sent[caller] += 1
            check_answer(case, case.call(headers=dict(self._callers[caller])), caller)

        try:
            with contextlib.suppress(Unsatisfiable):
                answers()
        except Exception as error:  # whatever it is, it is what is looked for
            self.faults[f"{type(error).__name__} {operation.method} {operation.path}"] = str(error)[:3000]


@contextlib.contextmanager
def served(runner: asyncio.Runner, folder: Path) -> Iterator[tuple[Any, World]]:
    """The schema of an application over a database of its own, and what is behind it."""
    template = folder / "template.sqlite"
    runner.run(upgrade(f"sqlite:///{template}"))
    opened = open_world(template, folder)
    world = runner.run(opened.__aenter__())
    runner.run(world.run(runner.run(world.from_factory()).id))
    world.services.bell.close()  # streams of events end at once
    app = create_app(world.services)
    openapi.complete(app)
    try:
        yield schemathesis.openapi.from_asgi("/openapi.json", app), world
    finally:
        runner.run(opened.__aexit__(None, None, None))


def main() -> None:
    """Exits with 1 when there were faults."""
    parser = argparse.ArgumentParser("tests.fuzz.api", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    until, began = time.monotonic() + parser.parse_args().seconds, time.monotonic()
    sent: Counter[str] = Counter()
    faults: dict[str, str] = {}
    with asyncio.Runner() as runner, tempfile.TemporaryDirectory() as name:
        for number in itertools.count(1):
            folder = Path(name) / str(number)
            folder.mkdir()
            with served(runner, folder) as (schema, world):
                one = Round(schema, callers_of(runner, world), number)
                one.go(until)
            sent += one.sent
            faults |= one.faults
            if time.monotonic() > until:
                break
    for fault, text in faults.items():
        print(f"{fault}\n{text}\n")
    figures = {"sent": sent, "seconds": round(time.monotonic() - began), "rounds": number}
    print(json.dumps({**figures, "faults": len(faults)}))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
