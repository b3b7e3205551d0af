"""The mapfile: who comes as whom. Pure.

HTCondor knows a token by `issuer,subject`. It takes the first line of a method that matches: a text between
slashes is searched for as a regular expression, any other is compared whole. Hence the anchors; and a comma
is neither in issuers nor in subjects that are taken, or one could pose as the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hosted_ce.front_door.errors import Unwritable
from hosted_ce.front_door.names import BANNED, DOMAIN, OWN
from hosted_ce.front_door.values import word
from hosted_ce.site import Ban, Issuer

_NOT_HERE = frozenset(' ,"\\')
_ACCOUNT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")

_HEAD = """\
# Written by `hosted-ce front-door config` from the site file. Changes are overwritten.
# The first line that matches counts: bans, then subjects, then whole issuers.
"""


def mapfile(issuers: Sequence[Issuer], bans: Sequence[Ban], *, user: str) -> str:
    """The whole file. `user` is the account that the front door runs as. Raises Unwritable."""
    lines = [*_bans(bans), *_subjects(issuers, user), *_whole_issuers(issuers, user), *_local(user)]
    return _HEAD + "".join(f"{line}\n" for line in lines)


def _bans(bans: Sequence[Ban]) -> Iterator[str]:
    for ban in bans:
        principal = f"/^{_escaped(ban.issuer)},/" if ban.subject is None else _exact(ban.issuer, ban.subject)
        yield f"SCITOKENS {principal} banned@{BANNED}"


def _subjects(issuers: Sequence[Issuer], user: str) -> Iterator[str]:
    for entry in issuers:
        for subject in entry.subjects or ():
            yield f"SCITOKENS {_exact(entry.issuer, subject)} {_identity(entry.account, user)}"


def _whole_issuers(issuers: Sequence[Issuer], user: str) -> Iterator[str]:
    for entry in issuers:
        if entry.subjects is None:
            yield f"SCITOKENS /^{_escaped(entry.issuer)},[^,]+$/ {_identity(entry.account, user)}"


def _local(user: str) -> Iterator[str]:
    """FS proves who somebody is on this machine: our own account, and root, who can become it anyway."""
    for name in dict.fromkeys((user, "root")):
        yield f"FS {word(name)} {word(name)}@{DOMAIN}"
    yield "FS /.*/ other@unmapped"


def _exact(issuer: str, subject: str) -> str:
    return f"{_plain(issuer)},{_plain(subject)}"


def _escaped(issuer: str) -> str:
    """The issuer as a regular expression that matches it and nothing else."""
    return re.sub(r"[^A-Za-z0-9_]", lambda found: f"\\{found.group()}", _plain(issuer))


def _plain(name: str) -> str:
    if not name or not name.isascii() or not name.isprintable() or _NOT_HERE & set(name) or name[0] == "/":
        raise Unwritable(f"the mapfile cannot name the issuer or subject {name!r}")
    return name


def _identity(account: str, user: str) -> str:
    if account == user or account in OWN:
        raise Unwritable(
            f"pilots cannot run as {account}: HTCondor gives that name the power over all jobs; "
            f"name another account under issuers:, or run the front door as another user than {user}"
        )
    if not _ACCOUNT.fullmatch(account):
        raise Unwritable(f"the mapfile cannot name the account {account!r}")
    return f"{account}@{DOMAIN}"
