"""Paths in a site file: files beside this service, and folders at the site."""

from __future__ import annotations

import re
from pathlib import Path

from hosted_ce.site.errors import BadValue, name_value, quote

PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY")
"""How the text of every private key format begins that OpenSSH reads."""

NEAR_PATTERN = "^[^\\x00-\\x1f]+$"
LOCAL_PATTERN = "^/[^\\x00-\\x1f]*$"
SITE_PATTERN = "^/[A-Za-z0-9_.+@/-]+$"
SPOOL_PATTERN = "^~?/[A-Za-z0-9_.+@/-]+$"

_SAFE = r"(?:/[A-Za-z0-9_.+@-]+)+"


def local_path(value: object) -> Path:
    """An absolute path on the machine where this service runs. Never shows a value that could be a secret."""
    if isinstance(value, Path):
        value = str(value)
    if not isinstance(value, str):
        raise BadValue(f"a path is expected here, not {name_value(value)}", "write it as /folder/file")
    if PRIVATE_KEY.search(value):
        raise pasted_key()
    if not value.isprintable():
        raise BadValue(
            "the path has a line break or a control character", "write the path of a file, on one line"
        )
    if not value.startswith("/"):
        raise BadValue(f"{quote(value)} is not a full path", "begin it with /")
    return Path(value)


def near_path(value: object) -> Path:
    """A path on the machine of this service, from the site file's folder on when it does not begin with /."""
    if isinstance(value, Path):
        value = str(value)
    if isinstance(value, str) and value and not value.startswith("/"):
        return Path(str(local_path(f"/{value}"))[1:])
    return local_path(value)


def pasted_key() -> BadValue:
    """The error for a private key that was written into the site file itself."""
    return BadValue(
        "this is a private key, not the path of one",
        "put the key into a file of its own with mode 0600 and write that file's path here; "
        "if this file was shared or committed, make a new key",
    )


def check_spool(text: str) -> str:
    """A folder at the site, as `~/folder` or absolute, made of characters that need no quoting anywhere."""
    return _check_folder(text, "~/hosted-ce or /shared/hosted-ce", home_allowed=True)


def check_scratch(text: str) -> str:
    """An absolute folder on the worker nodes, made of characters that need no quoting anywhere."""
    return _check_folder(text, "/scratch or /local/osg", home_allowed=False)


def check_folder(text: str) -> str:
    """An absolute folder on the login nodes, made of characters that need no quoting anywhere."""
    return _check_folder(text, "/opt/pbs/bin", home_allowed=False)


def _check_folder(text: str, example: str, *, home_allowed: bool) -> str:
    folder = text.rstrip("/")
    hint = f"write it as {example}"
    if ".." in folder.split("/") or "." in folder.split("/"):
        raise BadValue(
            f"{quote(text)} has a . or .. step in it", "write the folder's full path without such steps"
        )
    if "$" in text:
        raise BadValue(f"{quote(text)} has a variable in it; variables are not expanded", hint)
    if folder in ("", "~"):
        raise BadValue(f"{quote(text)} is no folder of its own", hint)
    if not re.fullmatch(f"~?{_SAFE}" if home_allowed else _SAFE, folder):
        raise BadValue(
            f"{quote(text)} is not a usable folder",
            f"{hint}, with only letters, digits and _ . + @ - in its names",
        )
    return folder
