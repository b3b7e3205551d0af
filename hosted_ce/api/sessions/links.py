"""The link by which the site looks on."""

from __future__ import annotations

from hosted_ce.api.schemas.sessions import LinkOut
from hosted_ce.api.schemas.tokens import link_of
from hosted_ce.api.services import Services
from hosted_ce.api.times import rfc3339

DEFAULT = "1d"
LONGEST_S = 14 * 86400.0


async def site_link(services: Services, number: int | None, lasting_s: float, actor: str) -> LinkOut:
    """A new one. Raises NoSession."""
    session = (await services.sessions.board(number)).session
    token, secret = await services.sessions.link(number=session.id, lasting_s=lasting_s, actor=actor)
    page = f"/session/{session.id}"
    return LinkOut(
        name=token.name, token=secret, expires_at=rfc3339(token.expires_at or 0.0),
        link=link_of(services.public_url, secret, page), page=f"{services.public_url}{page}",
    )  # fmt: skip
