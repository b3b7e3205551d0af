"""What a command can end with, other than success.

Exception
  CliError            the operation failed: exit code 1
    Misuse            the command line, the environment, a file of settings or the account is wrong: 2
      SiteFileRefused   the site file is: 2; every problem on a line of its own
    Refused           the CE answered, and said no: 1
    NoRunningCe       no CE can be reached, and nothing was asked of one: 3
      LostContact     the connection broke before the answer: what was asked may have been done: 3
"""

from __future__ import annotations

from collections.abc import Sequence


class CliError(Exception):
    """Ends the command: `message` says what is wrong and what to do, in one line.

    Notes (`add_note`) are printed as further lines.
    """

    exit_code = 1

    def __init__(self, message: str, *notes: str) -> None:
        super().__init__(message)
        for note in notes:
            self.add_note(note)

    @property
    def lines(self) -> list[str]:
        """What to print on stderr."""
        return [f"error: {self}", *getattr(self, "__notes__", ())]


class Misuse(CliError):
    """The command line, the environment, a file of settings or what they name is wrong."""

    exit_code = 2


class SiteFileRefused(Misuse):
    """A site file cannot be used; `problems` has a line for each reason."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("the site file cannot be used")
        self.problems = tuple(problems)

    @property
    def lines(self) -> list[str]:
        """The problems, in the form that editors and compilers share."""
        return list(self.problems)


class Refused(CliError):
    """The CE answered with an HTTP error; `status` is its code."""

    def __init__(self, status: int, message: str, *notes: str) -> None:
        super().__init__(message, *notes)
        self.status = status


class NoRunningCe(CliError):
    """There is no CE to talk to, and nothing was asked of one."""

    exit_code = 3


class LostContact(NoRunningCe):
    """The CE was there and the connection broke: it may have done what it was asked."""
