"""Commands of a dialogue that the agent at a site does not run."""

from __future__ import annotations

from typing import Any, cast

import pytest

from bosco.batch.model import CommandResult
from bosco.batch.protocol import Command, Dialogue, Personal
from bosco.commands import Commands
from bosco.errors import Interrupted, NotRun
from bosco.frames import Frame
from bosco.link import Link

COMMANDS = Commands(Personal((), ()), 5)


class Older:
    """A link to an agent that was installed before a command was thought of."""

    def __init__(self, error: Exception):
        self._error = error

    async def call(self, operation: str, header: dict[str, Any], *, timeout: float) -> Frame:
        if header["argv"][0] == "new":
            raise self._error
        return Frame({"rc": 0, "stdout": 3, "timed_out": False, "cut": False}, b"yes")


def dialogue(*, optional: bool) -> Dialogue[list[CommandResult]]:
    first = yield Command(("new", "-x"), optional=optional)
    second = yield Command(("old",))
    return [first, second]


async def test_one_that_a_dialogue_does_without_has_failed_and_the_others_are_asked() -> None:
    link = cast(Link, Older(NotRun("this site's agent runs no 'new -x'")))
    new, old = await COMMANDS.talk(link, dialogue(optional=True))
    assert (new.exit_code, new.complete, new.stdout) == (126, False, b"")
    assert b"runs no 'new -x'" in new.stderr
    assert (old.exit_code, old.complete, old.stdout) == (0, True, b"yes")


@pytest.mark.parametrize(
    ("error", "optional"),
    [(NotRun("not run"), False), (Interrupted("lost"), True), (Interrupted("lost"), False)],
)
async def test_any_other_ends_the_dialogue(error: Exception, optional: bool) -> None:
    with pytest.raises(type(error)):
        await COMMANDS.talk(cast(Link, Older(error)), dialogue(optional=optional))
