"""Judges the way to an agent at a login node. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from bosco.approach import Approach, Step
from hosted_ce.checks.catalogue import Family
from hosted_ce.checks.dependencies import because
from hosted_ce.checks.result import Result
from hosted_ce.checks.verdict import Verdict

CHECK_OF: Mapping[Step, str] = {
    Step.OWN_FILES: "SSH-8",
    Step.NAME: "SSH-1",
    Step.CONNECT: "SSH-2",
    Step.GREETING: "SSH-3",
    Step.HOST_KEY: "SSH-7",
    Step.KEY: "SSH-4",
    Step.KEY_ALONE: "SSH-5",
    Step.SHELL: "SSH-10",
    Step.PYTHON: "OS-3",
    Step.SPOOL: "AC-6",
}
SLOW_LOGIN_S = 10.0
ROOM = {"[Errno 28]": "AC-4", "[Errno 122]": "AC-5"}
"""ENOSPC and EDQUOT, as Python writes them, and the checks that tell of each."""
OTHERS = 0o077


def approach_results(way: Approach) -> Iterator[Result]:
    """One for each step; those that were not reached are left to the rule of dependencies."""
    for step, check in CHECK_OF.items():
        if way.local and check.startswith(Family.SSH):
            continue
        if step is way.failed:
            yield from _stopped(way, check)
        elif way.reached(step):
            yield _passed(way, step, check)
        elif way.failed:
            yield because(check, CHECK_OF[way.failed], way.login)
    if way.reached(Step.SHELL) and not way.local:
        yield _quick(way)
        yield _quiet(way)
    if way.reached(Step.SHELL) and way.failed and not way.local:
        yield because("SSH-6", _guilty(way), way.login)


def _stopped(way: Approach, check: str) -> Iterator[Result]:
    guilty = _guilty(way)
    yield Result(guilty, Verdict.FAIL, way.said or "no reason was given", way.login)
    if way.failed is Step.SPOOL:
        yield from (because(one, guilty, way.login) for one in {check, *ROOM.values()} - {guilty})


def _guilty(way: Approach) -> str:
    """The check that the way failed at. A spool without room is one of its own."""
    if way.failed is None:
        raise ValueError("this way did not fail")
    said = way.said or ""
    room = next((check for sign, check in ROOM.items() if sign in said), None)
    return room if room and way.failed is Step.SPOOL else CHECK_OF[way.failed]


def _passed(way: Approach, step: Step, check: str) -> Result:
    if step is Step.OWN_FILES and way.key_mode is not None and way.key_mode & OTHERS:
        seen = f"others may read our private key: its mode is {way.key_mode:04o}"
        return Result(check, Verdict.WARN, seen, way.login)
    words: Mapping[Step, Callable[[], str]] = {
        Step.OWN_FILES: lambda: "the private key and the pinned host keys can be read",
        Step.NAME: lambda: f"it resolves to {', '.join(way.addresses)}",
        Step.CONNECT: lambda: f"taken after {_ms(way, Step.CONNECT)}",
        Step.GREETING: lambda: f"it says {way.server}",
        Step.HOST_KEY: lambda: "the pinned one",
        Step.KEY: lambda: "accepted",
        Step.KEY_ALONE: lambda: "nothing else was asked for",
        Step.SHELL: lambda: _shell(way),
        Step.PYTHON: lambda: f"Python {way.python}" if way.python else "it runs",
        Step.SPOOL: lambda: "made and written",
    }
    return Result(check, Verdict.PASS, words[step](), way.login)


def _shell(way: Approach) -> str:
    if way.confined:
        return "our key starts the agent that is installed there, and nothing else"
    return f"a word was printed after {_ms(way, Step.SHELL)}"


def _quick(way: Approach) -> Result:
    took = sum(way.seconds.get(step, 0.0) for step in (Step.CONNECT, Step.GREETING, Step.SHELL))
    slow = took > SLOW_LOGIN_S
    seen = f"connection, login and shell took {took:.2f} s"
    return Result(
        "SSH-11", Verdict.WARN if slow else Verdict.PASS, seen, way.login, {"seconds": round(took, 3)}
    )


def _quiet(way: Approach) -> Result:
    if not way.noise_size:
        return Result("SSH-9", Verdict.PASS, "nothing was printed", way.login)
    seen = f"{way.noise_size} bytes come before each command's output, beginning with {way.noise!r}"
    return Result("SSH-9", Verdict.WARN, seen, way.login, {"bytes": way.noise_size})


def _ms(way: Approach, step: Step) -> str:
    return f"{way.seconds.get(step, 0.0) * 1000:.0f} ms"
