"""What may be a secret, and is neither shown nor copied."""

from __future__ import annotations

import re

from hosted_ce.routing.htcondor.place import Place, shown
from hosted_ce.site.paths import PRIVATE_KEY
from hosted_ce.site_import.notes import Notes

ADVICE = (
    "a secret is written here: put it into a file of its own with mode 0600; make a new one if this text was "
    "ever shared"
)

_TOKEN = re.compile(
    r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"
    r"|(?:gh[pousr]_|github_pat_|glpat-|xox[abpr]-)[A-Za-z0-9_-]{16,}"
    r"|://[^/\s:@]+:[^/\s@]+@"
)
_END = "-----END"
_NAME = re.compile(r"passw|secret|token|credential|private_?key|api_?key", re.IGNORECASE)


def holds_secret(text: str) -> bool:
    """Whether a private key, a token or an address with a password is in the text."""
    return bool(PRIVATE_KEY.search(text) or _TOKEN.search(text))


def without_secrets(file: str, text: str, notes: Notes) -> str:
    """The text with empty lines in place of those that have a secret in them; each of these is told of."""
    kept = []
    inside = False
    for number, line in enumerate(text.split("\n"), 1):
        begins = bool(PRIVATE_KEY.search(line))
        if begins or (not inside and holds_secret(line)):
            notes.person(Place(file, number), "this line", ADVICE)
        kept.append("" if begins or inside or holds_secret(line) else line)
        inside = _is_open(line, inside)
    return "\n".join(kept)


def _is_open(line: str, before: bool) -> bool:
    """Whether a private key goes on behind this line."""
    begun = max((found.start() for found in PRIVATE_KEY.finditer(line)), default=-1)
    ended = line.rfind(_END)
    return begun > ended if begun >= 0 else before and ended < 0


def show(name: str, value: object) -> str:
    """`name = value` for a message: shortened, and without a value that may be a secret."""
    text = str(value)
    if holds_secret(name):
        return "(not shown)"
    if holds_secret(text) or _NAME.search(name.rpartition(".")[2]):
        return f"{shown(name)} (its value is not shown)"
    return f"{shown(name)} = {shown(' '.join(text.split()))}"
