"""Looks for a planted bug in the same way every time, whatever else the test run has loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from hypothesis import seed
from hypothesis import settings as Settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

FEW = 12
SEEDS = (1, 2)
"""Tried one after the other where the first hunt finds nothing."""


def hunt(machine: Callable[[], RuleBasedStateMachine], settings: Settings, lucky: int | None = None) -> None:
    """Runs the machine, again and otherwise where it finds nothing. Raises what it finds.

    `lucky`: a seed that finds it in `FEW` examples. It saves most of the time, and proves nothing less: where
    a change of the machine has taken its luck, the search goes on.

    Hypothesis draws some values from the constants of all modules of ours that are loaded, so that even a
    derandomized hunt would go another way when a test in another file is added.
    """
    with without_our_constants():
        if lucky is not None:
            few = Settings(settings, max_examples=FEW)
            run_state_machine_as_test(seed(lucky)(machine), settings=few)
        run_state_machine_as_test(machine, settings=settings)
        for number in SEEDS:
            run_state_machine_as_test(seed(number)(machine), settings=settings)


@contextmanager
def without_our_constants() -> Iterator[None]:
    """No values are drawn from the constants of our own modules, loaded or not."""
    with patch.object(providers, "_get_local_constants", Constants):
        providers.CONSTANTS_CACHE.cache.clear()
        try:
            yield
        finally:
            providers.CONSTANTS_CACHE.cache.clear()
