"""What bosco.gateway needs to know about one batch system. Each module beside this one implements it.

A codec is pure: it says which commands are to be run, and reads their answers. Where one question takes more
than one command, or the second depends on the answer to the first, the codec asks in a dialogue: a generator
that yields a `Command`, is sent its `CommandResult`, and returns what it made of them all.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from bosco.batch.arrays import Arrays
from bosco.batch.facts import BatchFacts
from bosco.batch.model import BatchRequest, CommandResult, Listing

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Command:
    """A query or a cancel. It runs with LC_ALL=C and TZ=UTC, and with the variables of `environment`."""

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    optional: bool = False
    """Whether the dialogue does without: an agent that the site installed earlier may not run it."""


Dialogue = Generator[Command, CommandResult, T]
"""Commands, one after another; the answer to each is sent in. It may also end without a command."""


@dataclass(frozen=True, slots=True)
class Enclosing:
    """Files of a submission that are to carry the job's input files to the node (`bosco.batch.carried`)."""

    names: tuple[str, ...]
    largest: int
    """Bytes that the batch system takes as a script."""


@dataclass(frozen=True, slots=True)
class Submission:
    """How a job is submitted: `argv` runs in the job's folder, once in the life of its stamp.

    `files` are written there before; their names begin with "job.". The account's own locale and time zone
    stay, since jobs may inherit them.
    """

    argv: tuple[str, ...]
    files: Mapping[str, bytes]
    environment: Mapping[str, str] = field(default_factory=dict)
    enclosing: Enclosing | None = None


@dataclass(frozen=True, slots=True)
class Personal:
    """Variables by which a user changes what the batch commands do: taken out of their environment."""

    prefixes: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    """Of these prefixes, but they say where the batch system is."""


class BatchSystem(Protocol):
    """A codec. Jobs are known by `BatchRequest.stamp`, which has to be the job's name or as good as one."""

    @property
    def name(self) -> str:
        """As in the site file's `batch`."""

    @property
    def personal(self) -> Personal:
        """The variables that its commands must not see."""

    @property
    def tools(self) -> tuple[str, ...]:
        """The commands without which pilots cannot be submitted, seen and cancelled there."""

    @property
    def arrays(self) -> Arrays | None:
        """How many jobs are submitted as one; None: each is submitted by itself."""

    def submission(self, request: BatchRequest, folder: str) -> Submission:
        """How the job is submitted whose folder at the site is `folder`."""

    def submitted(self, result: CommandResult) -> str:
        """The batch id. Raises Failed when the answer is a clear no, Interrupted when it is not clear.

        Only the last 1300 bytes of each output are there: what the ledger keeps.
        """

    def listing(self, user: str) -> Dialogue[Listing]:
        """All jobs of `user` that are ours, finished ones too for as long as the batch system lists them.

        Whatever is not certainly the whole list is not `complete`, and its `problem` says what was told.
        Where nodes do not see the spool, it may also be when what jobs wrote is brought home.
        """

    def accounting(
        self, user: str, since: float, *, stamps: Sequence[str] = (), batch_ids: Sequence[str] = ()
    ) -> Dialogue[Listing]:
        """What the records say of these jobs, up to 200, submitted no earlier than `since` (epoch seconds).

        Complete means that the records answered, not that every job is in them. A batch system or a site
        that keeps none is complete and empty, with a `problem` that says so: then the records that the jobs
        write themselves are the only evidence of their ends.
        """

    def cancel(self, batch_ids: Sequence[str], *, gentle: bool = False) -> Dialogue[None]:
        """Cancels these jobs, up to 200. Raises Failed when the request was not taken.

        Jobs that are unknown or have ended are no failure. `gentle`: those that run get SIGTERM, or what
        the wrapper passes on as such, and some time to end in order; those that wait may be cancelled at
        once. Where there is no way to ask for that, it is Failed, and nothing was done.
        """

    def probe(self, user: str) -> Dialogue[BatchFacts]:
        """What it is, and what `user` may do there. It changes nothing, submits nothing, and raises nothing.

        What it does not tell, or tells in another form than is known, has no value, and a reason why in
        `unknown`. Few commands: it is asked at the first contact, and seldom after that.
        """
