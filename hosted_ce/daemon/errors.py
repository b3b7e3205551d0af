"""Why a daemon did not start.

Exception
  CannotStart       it may go better at another time: a port, a database, another CE
    SetUpWrong        it never will as it is set up
"""

from __future__ import annotations


class CannotStart(Exception):
    """The daemon cannot start; the text says what to do."""


class SetUpWrong(CannotStart):
    """A setting, the account or who gets to the state folder is wrong: trying again does not mend it."""
