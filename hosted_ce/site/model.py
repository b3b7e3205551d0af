"""The site file as a whole, and the rules that span more than one of its parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Self

from pydantic import Field, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import InitErrorDetails

from hosted_ce.site.cluster import Cluster
from hosted_ce.site.errors import BadValue, Loc, quote
from hosted_ce.site.fields import Email, Label, SiteModel, TopologyName
from hosted_ce.site.route import Route


class SiteFile(SiteModel):
    """One contributing site: its names in OSG Topology, its clusters, and the routes of pilots to them."""

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
        description="The routes, in the order in which they are tried: a pilot takes the first that matches "
        "and has room.",
    )

    @model_validator(mode="wrap")
    @classmethod
    def _check_references(cls, data: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Checks names between parts also when single values are wrong: one run tells all problems."""
        faults = [_as_detail(loc, fault) for loc, fault in _reference_faults(data)]
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


def _reference_faults(data: object) -> Iterator[tuple[Loc, BadValue]]:
    clusters, routes = _part(data, "clusters"), _part(data, "routes")
    if not isinstance(routes, list | tuple):
        return
    seen: dict[str, int] = {}
    for index, route in enumerate(routes):
        name = _part(route, "name")
        if isinstance(name, str) and seen.setdefault(name, index) != index:
            yield (
                ("routes", index, "name"),
                BadValue(
                    f"{quote(name)} is already the name of routes[{seen[name]}]",
                    "give each route its own name",
                ),
            )
        if isinstance(clusters, Mapping) and clusters and (fault := _cluster_fault(route, list(clusters))):
            yield ("routes", index, "cluster"), fault


def _cluster_fault(route: object, clusters: list[str]) -> BadValue | None:
    if not isinstance(route, Mapping | Route):
        return None
    cluster = _part(route, "cluster")
    known = f"the clusters of this file are: {', '.join(clusters)}"
    if cluster is None and len(clusters) > 1:
        return BadValue("the route does not say which cluster it uses", known)
    if isinstance(cluster, str) and cluster not in clusters:
        return BadValue(f"there is no cluster {quote(cluster)}", known)
    return None


def _part(value: object, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)


def _as_detail(loc: Loc, fault: BadValue) -> InitErrorDetails:
    return InitErrorDetails(type="value_error", loc=loc, input=None, ctx={"error": fault})


def _details(error: ValidationError) -> list[InitErrorDetails]:
    return [
        InitErrorDetails(type=each["type"], loc=each["loc"], input=each["input"], ctx=each.get("ctx", {}))
        for each in error.errors(include_url=False)
    ]
