"""What can go wrong before there is a CE.

Exception
  FirstContactError   it could not be done; the text says what to do
    KeyTrouble          the key cannot be made, or what is there cannot be used
    Unreached           a login node did not show its host keys
    NotByProgram        a line of a known_hosts file is about other hosts, too
"""

from __future__ import annotations


class FirstContactError(Exception):
    """It could not be done. The text says what to do."""


class KeyTrouble(FirstContactError):
    """The key cannot be made, or what lies in its place is no key for a service."""


class Unreached(FirstContactError):
    """A login node did not show its host keys."""


class NotByProgram(FirstContactError):
    """A line of a known_hosts file is about other hosts, too: a person has to change it."""
