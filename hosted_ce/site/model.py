"""The site file as a whole, and the rules that span more than one of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from pydantic import Field, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import InitErrorDetails

from hosted_ce.site.checks import Checks
from hosted_ce.site.cluster import Cluster
from hosted_ce.site.errors import BadValue, Loc
from hosted_ce.site.fields import Email, Label, SiteModel, TopologyName
from hosted_ce.site.front_door import FrontDoor
from hosted_ce.site.issuer import Ban, Issuer
from hosted_ce.site.reach import Reach
from hosted_ce.site.references import reference_faults
from hosted_ce.site.route import Route


class SiteFile(SiteModel):
    """One contributing site: its names in OSG Topology, clusters and routes, and whose pilots it takes."""

    site: TopologyName = Field(
        description="Name of the site in OSG Topology.", examples=["Example-University"]
    )
    resource: TopologyName = Field(
        description="Name of the resource in OSG Topology: this CE.", examples=["Example-CE1"]
    )
    resource_group: TopologyName = Field(
        default_factory=lambda data: data["site"],
        description="Name of the resource group in OSG Topology. The site's name when it is left out.",
        examples=["Example"],
    )
    contacts: tuple[Email, ...] = Field(
        default=(),
        strict=False,
        description="Mail addresses of the people at the site who look after the cluster.",
        examples=[["admin@example.edu"]],
    )
    clusters: Mapping[Label, Cluster] = Field(
        min_length=1, description="The site's clusters, each under a name that routes refer to."
    )
    routes: tuple[Route, ...] = Field(
        min_length=1,
        strict=False,
        description="The routes, in the order in which they are tried: a pilot goes to the first that "
        "matches, and waits for room there, unless the route says `if_full: next`.",
    )
    issuers: tuple[Issuer, ...] = Field(
        default=(),
        strict=False,
        description="Whose tokens are taken, and as which account their pilots run. Nobody else's are.",
    )
    bans: tuple[Ban, ...] = Field(
        default=(),
        strict=False,
        description="Tokens that are refused whatever issuers says. Looked at first.",
    )
    checks: Checks | None = Field(
        default=None,
        description="How often the site is checked without anybody's asking. When it is left out, only when "
        "an operator asks.",
        examples=[{"every": "7d", "nodes": 3}],
    )
    reach: Reach = Field(
        default_factory=Reach,
        description="What worker nodes are to reach, as checks see it. When it is left out: what the "
        "OSPool's own test of its execution points connects to.",
        examples=[{"proxy": "squid.example.edu:3128"}, {"outside": False}],
    )
    front_door: FrontDoor | None = Field(
        default=None,
        description="The factory's door (HTCondor-C). When it is left out there is no such door.",
    )

    @model_validator(mode="wrap")
    @classmethod
    def _check_references(cls, data: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Checks names between parts also when single values are wrong: one run tells all problems."""
        faults = [_as_detail(loc, fault) for loc, fault in reference_faults(data)]
        try:
            site = handler(data)
        except ValidationError as error:
            raise ValidationError.from_exception_data(cls.__name__, [*_details(error), *faults]) from None
        if faults:
            raise ValidationError.from_exception_data(cls.__name__, faults)
        return site

    def cluster_name_of(self, route: Route) -> str:
        """The name of the cluster that a route of this file sends pilots to."""
        return route.cluster if route.cluster is not None else next(iter(self.clusters))

    def cluster_of(self, route: Route) -> Cluster:
        """The cluster that a route of this file sends pilots to."""
        return self.clusters[self.cluster_name_of(route)]


def _as_detail(loc: Loc, fault: BadValue) -> InitErrorDetails:
    return InitErrorDetails(type="value_error", loc=loc, input=None, ctx={"error": fault})


def _details(error: ValidationError) -> list[InitErrorDetails]:
    return [
        InitErrorDetails(type=each["type"], loc=each["loc"], input=each["input"], ctx=each.get("ctx", {}))
        for each in error.errors(include_url=False)
    ]
