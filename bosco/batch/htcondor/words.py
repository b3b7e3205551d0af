"""How text becomes a value in a submit description file. Pure."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r'[\x00-\x1f\x7f"\\$]')
_GROUP = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]*\Z")


def string(text: str) -> str:
    """A ClassAd string that means `text`. Raises ValueError for text that HTCondor would not take literally.

    condor_submit replaces `$(NAME)` wherever it is, hence no `$` either; the schedd does so with `$$(NAME)`
    when the job starts, whatever it was written as.
    """
    if "\0" in text or "$$(" in text or "$$[" in text:
        raise ValueError(f"{text!r} cannot be given to HTCondor: it has a NUL or a $$( in it")
    return '"' + _SPECIAL.sub(lambda found: f"\\{ord(found[0]):03o}", text) + '"'


def accounting_group(name: str) -> str:
    """The name as it is, which may have dots in it. Raises ValueError when it cannot be a group's name."""
    if not _GROUP.match(name):
        raise ValueError(f"{name!r} cannot be the name of an accounting group in HTCondor")
    return name
