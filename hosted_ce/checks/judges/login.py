"""Judges the login node as our account finds it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bosco.capabilities import LoginFacts
from bosco.look import Look
from hosted_ce.capabilities.finding import Finding
from hosted_ce.capabilities.login_findings import GIB, login_findings
from hosted_ce.checks.judges.facts import Facts
from hosted_ce.checks.judges.systems import supported
from hosted_ce.checks.judges.told import told
from hosted_ce.checks.result import Result
from hosted_ce.checks.verdict import Verdict

PASS, WARN, FAIL, SKIPPED = Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.SKIPPED
ADMINISTRATORS = frozenset({"root", "wheel", "sudo", "admin", "docker", "disk", "lxd"})
FEW_FILES, FEW_PROCESSES, LITTLE_MEMORY = 256, 100, 2**28
BUSY = 4.0
"""So many processes for each core, on the average of a minute."""
SHOWN = 5
OTHERS_WRITE = 0o002


def login_results(facts: Facts) -> Iterator[Result]:
    """What a probe and a look around say; nothing before there was a probe."""
    login = facts.known.login
    if login is None:
        return
    yield from _probed(login, tuple(login_findings(login)))
    if isinstance(facts.known.look, Look):
        yield from _looked(facts.known.look, facts)
    elif facts.known.look is not None:
        for check in ("OS-1", "OS-5", "OS-6", "OS-8", "AC-1", "AC-3", "AC-7", "AC-8", "AC-9"):
            yield Result(check, SKIPPED, f"it cannot be told: {facts.known.look}")


def _probed(login: LoginFacts, found: Sequence[Finding]) -> Iterator[Result]:
    yield _sessions(login)
    yield told("OS-4", found, f"{abs(login.clock_offset_s):.1f} s off, ± {login.clock_error_s:.1f} s")
    yield told("AC-4", found, _room(login), unknown=login.spool.problem)
    quotas = f"{len(login.quotas)} with room" if login.quotas else "there is none"
    yield told("AC-5", found, quotas, unknown=login.unknown.get("quotas"))


def _sessions(login: LoginFacts) -> Result:
    if login.sessions is None:
        return Result("SSH-6", SKIPPED, login.unknown.get("sessions", "it cannot be told"))
    return Result("SSH-6", PASS, "more than one is allowed" if login.sessions else "one, which is enough")


def _room(login: LoginFacts) -> str:
    space, files = login.spool.free_bytes, login.spool.free_inodes
    said = [f"{space / GIB:.1f} GiB" if space is not None else "", f"{files:,} files" if files else ""]
    return f"room for {' and '.join(filter(None, said))}"


def _looked(look: Look, facts: Facts) -> Iterator[Result]:
    verdict, name = supported(look.os)
    yield Result("OS-1", verdict, f"{name}, kernel {look.kernel}, {look.machine}, {look.libc}")
    yield _load(look)
    problem = look.locale_problem
    yield Result("OS-5", WARN if problem else PASS, problem or "it can be set")
    yield _limits(look)
    yield _ordinary(look)
    yield _home(look, facts)
    yield _runs(look, facts)
    yield _private(look)
    if look.stamps is not None:
        yield _leftovers(look.stamps, facts)


def _limits(look: Look) -> Result:
    low = [
        f"{value} {what}"
        for value, least, what in (
            (look.open_files, FEW_FILES, "open files"),
            (look.processes, FEW_PROCESSES, "processes"),
            (look.tasks, FEW_PROCESSES, "processes and threads in its control group"),
            (look.memory, LITTLE_MEMORY, "bytes of memory in its control group"),
        )
        if value is not None and value < least
    ]
    if low:
        return Result("OS-6", WARN, f"the account may have {', '.join(low)} only")
    seen = f"{look.open_files or 'any number of'} open files, {look.processes or 'any number of'} processes"
    return Result("OS-6", PASS, seen)


def _load(look: Look) -> Result:
    seen = f"{look.load:.1f} processes want one of {look.cpus or 'an unknown number of'} cores"
    busy = look.cpus is not None and look.load > BUSY * look.cpus
    return Result("OS-8", WARN if busy else PASS, seen, data={"load": look.load, "cores": look.cpus})


def _ordinary(look: Look) -> Result:
    if look.uid == 0:
        return Result("AC-1", WARN, "the account is root's")
    if powerful := sorted(ADMINISTRATORS & set(look.groups)):
        return Result("AC-1", WARN, f"the account is in {', '.join(powerful)}")
    return Result("AC-1", PASS, f"user ID {look.uid}, groups {', '.join(look.groups) or 'without names'}")


def _home(look: Look, facts: Facts) -> Result:
    login = facts.known.login
    result = told("AC-3", tuple(login_findings(login)) if login else (), "it can be written, and run from")
    if result.verdict is PASS and look.home_runs is False:
        return Result("AC-3", WARN, "a small program could not be run from the home")
    return result


def _runs(look: Look, facts: Facts) -> Result:
    if look.spool_runs is None:
        return Result("AC-7", SKIPPED, "it could not be tried")
    if look.spool_runs:
        return Result("AC-7", PASS, "a small program was run there")
    if facts.has_scratch:
        seen = "a small program could not be run there; pilots run in `scratch`, so it does not matter"
        return Result("AC-7", PASS, seen)
    return Result("AC-7", WARN, "a small program could not be run there, and pilots run there")


def _private(look: Look) -> Result:
    if look.open_to_others:
        return Result("AC-8", WARN, f"others can write {', '.join(look.open_to_others[:SHOWN])}")
    if not look.umask & OTHERS_WRITE:
        return Result(
            "AC-8", WARN, f"the account's umask is {look.umask:03o}: others can write what it makes"
        )
    return Result("AC-8", PASS, f"nobody else can write the spool's folders; umask {look.umask:03o}")


def _leftovers(stamps: tuple[str, ...], facts: Facts) -> Result:
    if facts.strangers is None:
        return Result("AC-9", SKIPPED, f"folders: {len(stamps)}; only a running CE knows which are its own")
    unknown = facts.strangers.folders
    if unknown:
        seen = f"folders of no pilot of this CE: {len(unknown)} of {len(stamps)} ({_some(unknown)})"
        return Result("AC-9", WARN, seen, data={"stamps": list(unknown[:100])})
    return Result("AC-9", PASS, f"folders: {len(stamps)}, all of pilots that the CE knows")


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
