"""What the CE has on disk: settings, site file, log, front door, database. Also while it is down."""

from __future__ import annotations

import asyncio
import os
import stat
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from hosted_ce.cli.database.schema_state import schema_revisions
from hosted_ce.cli.logs.reading import LogReader
from hosted_ce.settings import Settings
from hosted_ce.store.database import Database
from hosted_ce.store.event_log import EventLog
from hosted_ce.store.urls import shown_url

MOST_FILES = 20_000
AT_ONCE = 500
TOLD_FILES = ("condor_config", "mapfile")
NO_VALUE = "[left out]"


def settings_in_use(settings: Settings) -> dict[str, Any]:
    """The settings as this command finds them, which are the CE's if it has the same environment."""
    found = settings.model_dump(mode="json")
    return found | {"database_url": shown_url(settings.database)}


def schema(settings: Settings) -> dict[str, Any]:
    """The database's schema, and the one that this version needs."""
    found, needed = schema_revisions(settings)
    return {"database": shown_url(settings.database), "revision": found, "needed": needed}


def events(settings: Settings, number: int) -> list[dict[str, Any]]:
    """The last events of all pilots, oldest first. Raises LookupError without a database."""
    if schema_revisions(settings)[0] is None:
        raise LookupError(f"there is no database at {shown_url(settings.database)}")
    return asyncio.run(_events(settings.database, number))


async def _events(url: str, number: int) -> list[dict[str, Any]]:
    database = Database(url)
    try:
        log = EventLog(database)
        after, found = max(0, await log.newest() - number), list[dict[str, Any]]()
        while page := await log.behind(after, AT_ONCE):
            found += [asdict(event) | {"at": _time(event.at)} for event in page]
            after = page[-1].id
        return found
    finally:
        await database.close()


def log_tail(settings: Settings, number: int) -> str:
    """The last lines of the log. Raises LookupError without one."""
    with LogReader(settings.log_file) as reader:
        lines = deque(reader.present(), maxlen=number)
    if not lines:
        raise LookupError(f"there is no log at {settings.log_file}")
    return "".join(lines)


def site_file(path: Path | None) -> str:
    """The site file without comments, values of environments, and prologues. Raises LookupError, OSError."""
    if path is None:
        raise LookupError("no site file is named: --site names it, or HOSTED_CE_SITE")
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise LookupError(f"{path} is no YAML; what is wrong with it is in site-lint.txt") from error
    text: str = yaml.safe_dump(_without_values(found), sort_keys=False, allow_unicode=True, width=110)
    return text


def _without_values(found: Any) -> Any:
    if isinstance(found, list):
        return [_without_values(each) for each in found]
    if not isinstance(found, dict):
        return found
    return {name: _kept(name, value) for name, value in found.items()}


def _kept(name: Any, value: Any) -> Any:
    """Also of a file that is wrong, which is when it is sent: in any case, of any kind."""
    match str(name).lower():
        case "environment" if isinstance(value, dict):
            return dict.fromkeys(value, NO_VALUE)
        case "environment" | "prologue":
            return NO_VALUE
        case _:
            return _without_values(value)


def site_lint(path: Path | None) -> str:
    """What `hosted-ce site lint` says of the site file."""
    from hosted_ce.cli.site.problems import linted, problem_line

    if path is None:
        raise LookupError("no site file is named: --site names it, or HOSTED_CE_SITE")
    result = linted(path)
    lines = [problem_line(result.file, problem) for problem in result.problems]
    lines += [finding.describe() for finding in result.findings]
    return "\n".join(lines or ["no problems found"]) + "\n"


def front_door_file(settings: Settings, name: str) -> str:
    """One of the front door's files that has no secret."""
    return (settings.front_door_config.parent / name).read_text(encoding="utf-8", errors="backslashreplace")


def listing(settings: Settings) -> dict[str, Any]:
    """What is in the state folder: the first files with size, mode and time, the number and size of all."""
    files = list(_files(settings.state))
    return {
        "folder": str(settings.state.absolute()),
        "mode": oct(stat.S_IMODE(settings.state.stat().st_mode)),
        "files": len(files),
        "complete": len(files) < MOST_FILES,
        "bytes": sum(size for _, size, _, _ in files),
        "by_folder": _by_folder(files),
        "first": [
            {"name": name, "bytes": size, "mode": oct(mode), "changed": _time(changed)}
            for name, size, mode, changed in files
            if name.partition("/")[0] not in {"files", "outputs"}
        ][:AT_ONCE],
    }


_File = tuple[str, int, int, float]


def _files(folder: Path) -> Iterator[_File]:
    number = 0
    for where, _, names in os.walk(folder):
        for name in sorted(names):
            path = Path(where) / name
            if number >= MOST_FILES:
                return
            try:
                found = path.lstat()
            except FileNotFoundError:
                continue
            number += 1
            shown = str(path.relative_to(folder))
            yield shown, found.st_size, stat.S_IMODE(found.st_mode), found.st_mtime


def _by_folder(files: list[_File]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for name, size, _, _ in files:
        one = found.setdefault(name.rpartition("/")[0] or ".", {"files": 0, "bytes": 0})
        one["files"] += 1
        one["bytes"] += size
    return dict(sorted(found.items(), key=lambda each: -each[1]["bytes"])[:50])


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
