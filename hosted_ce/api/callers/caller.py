"""Who asks: whose token a request has."""

from __future__ import annotations

from dataclasses import dataclass

from hosted_ce.access.roles import Role
from hosted_ce.intake.rest import DOOR
from hosted_ce.scitokens.scopes import Scope

OPERATOR = "operator"
"""Who has the token of the state folder. The name is on pilots of before there were others: their idempotency
keys are its."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. A name has one caller at a time: what it submitted is its own."""

    name: str
    role: Role
    token_id: int | None = None
    """None: it has the token of the state folder."""
    expires_at: float | None = None
    """When its token ends, in seconds since the epoch; None: it does not."""
    scopes: frozenset[Scope] | None = None
    """What a token of an issuer allows, on its own pilots alone; None: it is a token of this CE's."""
    account: str | None = None
    """As whom its pilots run; None: any."""

    jti: str | None = None
    """The issuer's name of its token."""

    @property
    def key(self) -> str:
        """By what its requests are counted."""
        return self.name if self.token_id is None else f"#{self.token_id}"

    @property
    def only_of(self) -> str | None:
        """Whose pilots alone are its to see; None: all."""
        return None if self.scopes is None else self.name

    def owns(self, owner: str) -> bool:
        """Whether pilots of this owner are its to see and to act on."""
        return self.scopes is None or owner == self.name

    @property
    def actor(self) -> str:
        """Its name in histories."""
        return f"{DOOR}:{self.name}"


STATE_FOLDER = Caller(OPERATOR, Role.ADMIN)
"""Who has the token of the state folder may do everything."""


def said_of(caller: Caller) -> dict[str, object]:
    """The caller as log lines have it."""
    return {"caller": caller.name, "role": caller.role.value, "token_id": caller.token_id}
