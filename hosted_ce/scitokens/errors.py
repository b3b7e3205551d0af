"""Why a token of an issuer opens nothing.

Exception
  TokenRefused          the token is not good here; the text may be told to whoever sent it
  KeysUnavailable       the issuer's keys are not here and cannot be fetched: its tokens may be good
  CannotFetch           a document of the issuer could not be had
    RefusedByIssuer     the issuer answered, with another status than 200
"""

from __future__ import annotations


class TokenRefused(Exception):
    """The token is not good here. The text tells no more than whoever sent it knows anyway."""


class KeysUnavailable(Exception):
    """The issuer's keys are not here, or too old, and cannot be fetched now: to be tried again."""

    def __init__(self, issuer: str):
        super().__init__(f"the keys of {issuer} cannot be had at the moment; try again in a minute")
        self.issuer = issuer


class CannotFetch(Exception):
    """A document of an issuer could not be had, or is not what it should be; the text says why."""


class RefusedByIssuer(CannotFetch):
    """The issuer answered with this `status` instead of the document."""

    def __init__(self, address: str, status: int):
        super().__init__(f"{address} answered with status {status}")
        self.status = status
