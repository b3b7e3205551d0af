"""What commands change without a CE is taken down in its audit log, if they run in its account."""

from __future__ import annotations

import os
import pwd
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosted_ce.cli.printing import note

if TYPE_CHECKING:
    from hosted_ce.settings import Settings

DOOR = "cli"
NEVER = 2**62
"""Bytes: the CE alone begins a new file, so that two processes never do."""


def taken_down(state: Path | None, action: str, **facts: Any) -> None:
    """Adds a record of what was done to the audit log of this state folder, or of the environment's.

    Nothing where there is no such folder, or it is another account's: a file made there by us would be in the
    CE's way. That a record cannot be written is said, and the command goes on: it is done already.
    """
    from hosted_ce.cli.process import settings_with

    settings = settings_with(state=state)
    if settings.audit_file_size and _ours(settings.state):
        try:
            _append(settings, action, facts)
        except OSError as error:
            note(f"this is not in the audit log, which cannot be written: {error}")


def _ours(folder: Path) -> bool:
    try:
        return folder.stat().st_uid == os.geteuid()
    except OSError:
        return False


def _append(settings: Settings, action: str, facts: dict[str, Any]) -> None:
    from hosted_ce.audit.file import AuditFile
    from hosted_ce.audit.log import line_of
    from hosted_ce.audit.record import Outcome, Record
    from hosted_ce.redaction import Redactor

    record = Record(DOOR, _who(), action, Outcome.ALLOWED, facts=facts)
    file = AuditFile(settings.audit_file, NEVER, settings.audit_files)
    try:
        file.append(line_of(record, Redactor(), time.time()))
        for handle in file.unsynced():
            os.fsync(handle)
            os.close(handle)
    finally:
        file.close()


def _who() -> str:
    """The account; by sudo, who that says it was."""
    try:
        account = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        account = str(os.geteuid())
    person = os.environ.get("SUDO_USER")
    return f"{account} ({person} by sudo)" if person else account
