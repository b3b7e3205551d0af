"""What may be a secret, and is neither shown nor copied."""

from __future__ import annotations

import re

from hosted_ce.routing.htcondor.place import shown
from hosted_ce.site.paths import PRIVATE_KEY

ADVICE = (
    "a secret is written here: put it into a file of its own with mode 0600; make a new one if this text was "
    "ever shared"
)

_TOKEN = re.compile(
    r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"
    r"|\b(?:gh[pousr]_|github_pat_|glpat-|xox[abpr]-)[A-Za-z0-9_-]{16,}"
    r"|://[^/\s:@]+:[^/\s@]+@"
)
_NAME = re.compile(r"passw|secret|token|credential|private_?key|api_?key", re.IGNORECASE)


def holds_secret(text: str) -> bool:
    """Whether a private key, a token or an address with a password is in the text."""
    return bool(PRIVATE_KEY.search(text) or _TOKEN.search(text))


def show(name: str, value: object) -> str:
    """`name = value` for a message: shortened, and without a value that may be a secret."""
    text = str(value)
    if holds_secret(text) or _NAME.search(name.rpartition(".")[2]):
        return f"{shown(name)} (its value is not shown)"
    return f"{shown(name)} = {shown(' '.join(text.split()))}"
