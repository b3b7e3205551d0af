"""Whose tokens the front door takes, and as which account their pilots run."""

from __future__ import annotations

from pydantic import Field

from hosted_ce.site.fields import Account, IssuerName, SiteModel, Subject, VoName


class Issuer(SiteModel):
    """A token issuer, or some subjects of it, and the account that their pilots run as.

    A subject that is listed goes before an entry for every subject of the same issuer.
    """

    issuer: IssuerName = Field(
        description="The tokens' iss, exactly.", examples=["https://scitokens.org/ospool"]
    )
    subjects: tuple[Subject, ...] | None = Field(
        default=None,
        min_length=1,
        strict=False,
        description="The tokens' sub, each exactly. When it is left out every subject of this issuer is "
        "taken, except those with a comma in them.",
        examples=[["vofrontend-ospool"]],
    )
    account: Account = Field(
        description="Account that pilots of these tokens run as. It must be the account of a cluster of this "
        "file: they go to the clusters with that account only.",
        examples=["osg01"],
    )
    vo: VoName | None = Field(
        default=None,
        description="Name of the VO that these pilots belong to, for limits by VO and for statistics. Their "
        "account, when it is left out.",
        examples=["OSPool"],
    )


class Ban(SiteModel):
    """Tokens that are refused whatever `issuers` says: bans are looked at first."""

    issuer: IssuerName = Field(
        description="The tokens' iss, exactly.", examples=["https://scitokens.org/ospool"]
    )
    subject: Subject | None = Field(
        default=None,
        description="The tokens' sub, exactly. When it is left out the whole issuer is banned.",
        examples=["rogue"],
    )
