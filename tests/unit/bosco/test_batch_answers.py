"""What an operator is told of a batch command."""

from __future__ import annotations

import pytest

from bosco.batch.answers import failed
from bosco.batch.model import CommandResult

ENDED = "no answer in time; the command was ended (command_timeout)"


@pytest.mark.parametrize(
    ("result", "told"),
    [
        (CommandResult(-9, b"", complete=False), ENDED),
        (CommandResult(-9, b""), "exit code -9 and no word why"),
        (CommandResult(1, b"", complete=False), "exit code 1 and no word why"),
        (CommandResult(-9, b"", b"cannot connect\n", complete=False), "cannot connect"),
    ],
)
def test_a_command_that_says_nothing(result: CommandResult, told: str) -> None:
    """What the agent had to end, as with a server that is frozen, is not what the kernel killed."""
    assert failed("qstat", result).problem == f"qstat: {told}"
