"""What endpoints are given: the services of their application."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request

from hosted_ce.api.services import Services


async def services_of(request: Request) -> Services:
    """The services of the application that has this request."""
    return cast(Services, request.app.state.services)


ServicesDep = Annotated[Services, Depends(services_of)]
"""Annotate an endpoint's parameter with it to get the services."""
