"""What can go wrong with the front door's HTCondor.

Exception
  FrontDoorError       every message says what to do next
    Unwritable         a value cannot be written into HTCondor's files
    NoFrontDoor        there is none to look after: the site file has none, or nothing was written yet
    UnfitState         its folder, or this account, cannot be used
    ProgramsMissing    HTCondor is not installed, or not where we look
    MasterTrouble      its condor_master could not be started or stopped
"""

from __future__ import annotations


class FrontDoorError(Exception):
    """The root of the classes below; never raised itself."""


class Unwritable(FrontDoorError):
    """A value cannot be written into HTCondor's files without meaning something else there."""


class NoFrontDoor(FrontDoorError):
    """There is no front door to look after."""


class UnfitState(FrontDoorError):
    """The front door's folder, or the account that runs this, is not fit for it."""


class ProgramsMissing(FrontDoorError):
    """HTCondor's programs are not where we look for them."""


class MasterTrouble(FrontDoorError):
    """The front door's condor_master could not be started or stopped."""
