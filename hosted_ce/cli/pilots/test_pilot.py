"""What `hosted-ce pilots submit --test` asks the API for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from hosted_ce.cli.errors import LostContact, Misuse
from hosted_ce.cli.values import megabytes, minutes

if TYPE_CHECKING:
    from hosted_ce.cli.client import Client, Document
    from hosted_ce.cli.pilots.submission import Keys
    from hosted_ce.test_pilots.kind import Kind


def check_options(test: Kind | None, of_tests: Mapping[str, object], of_others: Mapping[str, object]) -> None:
    """Raises Misuse where options of tests and of other pilots are mixed. By option, what was given."""
    given = [option for option, value in (of_others if test else of_tests).items() if value]
    if given and test:
        raise Misuse(f"--test {test.value} brings its own script: leave {', '.join(given)} out")
    if given:
        raise Misuse(f"{', '.join(given)} can be given with --test only: routes choose where pilots go")


def body_of(
    test: Kind, *, cpus: int | None, memory: str | None, walltime: str | None, queue: str | None, **aim: Any
) -> dict[str, Any]:
    """The body of `POST /pilots/tests`: what is None is left to the CE. Raises Misuse."""
    body = {
        "kind": test.value, "cpus": cpus, "queue": queue,
        "memory_mb": None if memory is None else megabytes(memory, "--memory"),
        "minutes": None if walltime is None else minutes(walltime, "--walltime"), **aim,
    }  # fmt: skip
    return {name: value for name, value in body.items() if value is not None}


def submit_test(body: Document, client: Client, keys: Keys) -> Iterator[Document]:
    """Submits it, once, and gives it. Raises CliError; says how to go on without doing that twice."""
    try:
        yield client.post("/pilots/tests", body, key=keys.base)
    except LostContact as error:
        error.add_note(f"the same command with --key {keys.base} submits it if it was not, and never twice")
        raise
