"""Tokens as JSON."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from hosted_ce.access.names import checked_name
from hosted_ce.access.roles import Role
from hosted_ce.access.token import LONGEST_NAME, Token
from hosted_ce.api.local_path import LONGEST, local_path
from hosted_ce.api.parameters import Duration
from hosted_ce.api.times import Timestamp, rfc3339, rfc3339_or_none


class TokenRequest(BaseModel):
    """A token that is wanted."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True,
        json_schema_extra={"example": {"name": "Example University", "role": "viewer", "expires": "14d"}},
    )  # fmt: skip

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), AfterValidator(checked_name)] = Field(
        description="Whose it is; no good token may have the same. It is shown in histories and logs."
    )
    role: Annotated[Role, Field(strict=False)] = Field(description="`viewer`, `operator` or `admin`.")
    expires: Duration | None = Field(
        description="For how long it holds, such as `14d`; null: until it is revoked."
    )
    once: bool = Field(
        default=False, description="Whether it is for one browser, which the link signs in once, and no more."
    )
    to: Annotated[str, Field(max_length=LONGEST), AfterValidator(local_path)] = Field(
        default="/", description="The page that the link leads to.", examples=["/pilots"]
    )


class TokenOut(BaseModel):
    """A token, without its secret."""

    id: int
    name: str
    role: Role
    good: bool = Field(description="Whether it opens anything: it is neither expired nor revoked.")
    created_at: Timestamp
    created_by: str
    expires_at: Timestamp | None
    last_used_at: Timestamp | None = Field(description="Null: never.")
    revoked_at: Timestamp | None
    revoked_by: str | None
    once: bool = Field(description="Whether its link works once, and then no more.")
    link_used_at: Timestamp | None = Field(description="When that was.")


class TokenMade(TokenOut):
    """A new token, with its secret: it is told this once."""

    token: str | None = Field(description="What to send as bearer token; null: its link works once.")
    link: str = Field(description="Signs a browser in as who has this token, and leads to the page `to`.")


class TokensOut(BaseModel):
    """Tokens, the oldest first. Those that ended more than 90 days ago may be forgotten."""

    tokens: list[TokenOut]


def token_out(token: Token, now: float) -> TokenOut:
    """The token as JSON."""
    return TokenOut(
        id=token.id, name=token.name, role=token.role, good=token.good(now),
        created_at=rfc3339(token.created_at), created_by=token.created_by,
        expires_at=rfc3339_or_none(token.expires_at), last_used_at=rfc3339_or_none(token.last_used_at),
        revoked_at=rfc3339_or_none(token.revoked_at), revoked_by=token.revoked_by,
        once=token.link_digest is not None, link_used_at=rfc3339_or_none(token.link_used_at),
    )  # fmt: skip


def token_made(token: Token, secret: str, now: float, link: str) -> TokenMade:
    """The new token as JSON."""
    shown = token_out(token, now)
    return TokenMade(**shown.model_dump(), token=None if shown.once else secret, link=link)


def link_of(public_url: str, secret: str, to: str) -> str:
    """The link that signs a browser in.

    What is behind `#` stays in the browser: no server, proxy or Referer gets it.
    """
    page = "" if to == "/" else f"?to={quote(to, safe='/')}"
    return f"{public_url}/enter{page}#{secret}"
