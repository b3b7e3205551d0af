"""What all codecs ask of a submit command that failed: whether it ever ran, and which kind of no it said."""

from __future__ import annotations

import re

from bosco.errors import Refusal

_NOT_FOUND_CODE = 127
_AGENT_SAYS = re.compile(rb"\[Errno \d+\] [^\n]*\n?")

Meaning = tuple[re.Pattern[bytes], Refusal | None]
"""Words, and the kind of no that they are; None: no clear one."""


def never_started(exit_code: int, stderr: bytes) -> bool:
    """Whether the agent could not even start the command."""
    return exit_code == _NOT_FOUND_CODE and _AGENT_SAYS.fullmatch(stderr) is not None


def meaning_of(text: bytes, *meanings: Meaning) -> Refusal | None:
    """The kind of the first of these whose words are in the text; None: none is, or it is no clear no."""
    return next((refusal for words, refusal in meanings if words.search(text)), None)
