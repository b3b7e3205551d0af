"""What a probe found, in lines for a person: what is wrong first, then the facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hosted_ce.cli.columns import Column
from hosted_ce.cli.tables import table_lines
from hosted_ce.cli.words import NOTHING, cell, to_the_second

Found = Mapping[str, Any]
_SIZES = ((2**40, "TiB"), (2**30, "GiB"), (2**20, "MiB"))
_TIMES = ((86400, "d"), (3600, "h"), (60, "m"))
_YES = {True: "yes", False: "no", None: "?"}
_OPTIONAL = {
    "default_queue": ("default queue", "none"), "most_jobs": ("most jobs", "no limit is told"),
    "largest_array": ("largest array", "it is not told"), "accounts": ("accounts", "any"),
    "qos": ("QOS", "any"),
}  # fmt: skip


def lines_of(clusters: Sequence[Found]) -> Iterator[str]:
    """One part for each cluster."""
    for number, found in enumerate(clusters):
        if number:
            yield ""
        yield from _cluster(found)


def _cluster(found: Found) -> Iterator[str]:
    batch, login = found["batch"], found["login"]
    yield f"cluster {cell(found['cluster'])}: {cell(batch['name'])} {cell(batch['version'])}"
    yield (
        f"{cell(login['user'])}@{cell(login['host'])}, asked at {to_the_second(found['taken_at'])}: "
        f"{found['commands']} commands in {found['took_s']:.1f} s"
    )
    yield ""
    yield from _findings(found["findings"], batch["unknown"].get("queues"))
    yield from _queues(batch)
    yield ""
    for name, words in (*_batch(batch), *_login(login)):
        yield f"{name:<15}{words}"


def _findings(findings: Sequence[Found], silent: str | None) -> Iterator[str]:
    for finding in findings:
        yield f"{finding['weight']} {cell(finding['id'])}: {cell(finding['said'])}"
        yield f"  -> {cell(finding['todo'])}"
    if silent:
        yield f"the batch system does not tell its queues, so that little can be judged: {cell(silent)}"
    elif not findings:
        yield "nothing is wrong, as far as this tells"


def _queues(batch: Found) -> Iterator[str]:
    if not batch["queues"]:
        return
    default = batch["default_queue"]
    columns = (
        Column("QUEUE", lambda queue: cell(queue["name"]) + ("*" if queue["name"] == default else "")),
        Column("OPEN", lambda queue: _YES[queue["open"]]),
        Column("USABLE", lambda queue: _YES[queue["usable"]]),
        Column("WALLTIME", lambda queue: _time(queue["limits"]["walltime_s"])),
        Column("MEMORY_MB", lambda queue: cell(queue["limits"]["memory_mb"])),
        Column("CPUS", lambda queue: cell(queue["limits"]["cpus"])),
        Column("GPUS", lambda queue: cell(queue["limits"]["gpus"])),
        Column("WHY", lambda queue: cell(queue["why"])),
    )
    yield ""
    yield from table_lines(columns, batch["queues"])


def _batch(batch: Found) -> Iterator[tuple[str, str]]:
    unknown = batch["unknown"]
    if batch["queues"] is None:
        yield "queues", _reason(unknown, "queues")
    yield "limits of all", _limits(batch["limits"], unknown)
    for key, (name, without) in _OPTIONAL.items():
        value = ", ".join(batch[key]) if isinstance(batch[key], list) else batch[key]
        yield name, cell(value) if value is not None else _reason(unknown, key, without)
    records = cell(batch["records"])
    yield "records", f"{records}: {cell(unknown['records'])}" if "records" in unknown else records
    remembers = batch["remembers_s"]
    yield "ended jobs", _reason(unknown, "remembers_s") if remembers is None else f"listed for {remembers} s"


def _reason(unknown: Mapping[str, str], name: str, without: str = NOTHING) -> str:
    return f"not known: {cell(unknown[name])}" if name in unknown else without


def _limits(limits: Found, unknown: Mapping[str, str]) -> str:
    said = [
        f"{words} {_time(limits[key]) if key == 'walltime_s' else limits[key]}"
        for key, words in (
            ("walltime_s", "walltime"), ("memory_mb", "memory in MB"), ("cpus", "CPUs"), ("gpus", "GPUs")
        )
        if limits[key] is not None
    ]  # fmt: skip
    return ", ".join(said) or _reason(unknown, "limits")


def _login(login: Found) -> Iterator[tuple[str, str]]:
    yield "python", f"{cell(login['python'])} {cell(login['python_version'])}"
    for name, path in login["tools"].items():
        yield cell(name), "not found" if path is None else cell(path)
    for name in ("spool", "home"):
        yield name, _folder(login[name])
    quotas = login["quotas"]
    yield "quota", _reason(login["unknown"], "quotas") if quotas is None else _quotas(quotas)
    yield "clock", f"{login['clock_offset_s']:+.1f} s (to {login['clock_error_s']:.1f} s)"
    sessions = login["sessions"]
    allowed = {True: "several at a time", False: "one at a time, which is enough"}
    yield "sessions", allowed[sessions] if sessions is not None else _reason(login["unknown"], "sessions")
    yield "our key", _key(login.get("installed"))
    locale = " ".join(f"{cell(name)}={cell(value)}" for name, value in login["locale"].items())
    yield "locale", locale or NOTHING
    noise = login["noise"]
    yield "shell prints", f"{noise['size']} bytes: {cell(noise['beginning'])}" if noise["size"] else "nothing"


def _key(installed: Found | None) -> str:
    if installed is None:
        return "can do what the account can"
    version = "this version's" if installed["current"] else "another version's"
    return f"starts the agent installed there and nothing else ({cell(installed['program'])}, {version})"


def _folder(folder: Found) -> str:
    if folder["problem"]:
        return f"{cell(folder['path'])}: {cell(folder['problem'])}"
    signs = [sign for sign in ("read_only", "noexec") if folder[sign]]
    signs += [] if folder["writable"] else ["not writable"]
    files = "" if folder["free_inodes"] is None else f", {folder['free_inodes']} files"
    room = f"room for {_size(folder['free_bytes'])}{files}"
    return ", ".join([cell(folder["path"]), room, *signs])


def _quotas(quotas: Sequence[Found]) -> str:
    said = [
        f"{cell(quota['filesystem'])} {_size(quota['used_bytes'])} of {_size(quota['most_bytes'])}"
        for quota in quotas
    ]
    return "; ".join(said) or "none"


def _size(number: int | None) -> str:
    if number is None:
        return NOTHING
    for size, unit in _SIZES:
        if number >= size:
            return f"{number / size:.1f} {unit}"
    return f"{number} bytes"


def _time(seconds: int | None) -> str:
    if seconds is None:
        return NOTHING
    for size, unit in _TIMES:
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
