"""What worker nodes are to reach, for the checks of a site."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from hosted_ce.site.errors import BadValue, quote
from hosted_ce.site.fields import Host, SiteModel

URL = re.compile(r"http://[A-Za-z0-9][A-Za-z0-9.-]{0,252}(:[0-9]{1,5})?/[A-Za-z0-9._~/-]{0,200}\Z")
PROXY = re.compile(r"(http://)?[A-Za-z0-9][A-Za-z0-9.-]{0,252}:[0-9]{1,5}\Z")


def _url(text: str) -> str:
    if not URL.match(text):
        raise BadValue(f"{quote(text)} is not a URL such as http://example.org/file")
    return text


def _proxy(text: str) -> str:
    if not PROXY.match(text):
        raise BadValue(f"{quote(text)} is not a web proxy: write host:port")
    return text


HttpUrl = Annotated[
    str, AfterValidator(_url), WithJsonSchema({"type": "string", "pattern": "^http://[^ ]+/[^ ]*$"})
]
Proxy = Annotated[
    str, AfterValidator(_proxy), WithJsonSchema({"type": "string", "pattern": "^(http://)?[^ :]+:[0-9]+$"})
]
Port = Annotated[int, Field(ge=1, le=65535)]


class Reach(SiteModel):
    """What is left out is as the OSPool's own test of its execution points has it."""

    outside: bool = Field(
        default=True,
        description="Whether worker nodes are to reach anything outside. `false`: nothing is looked for, and "
        "only what else is said here.",
    )
    host: Host | None = Field(default=None, description="A host that answers on `ports`.")
    ports: tuple[Port, ...] | None = Field(
        default=None, strict=False, max_length=20, description="Ports that are connected to."
    )
    names: tuple[Host, ...] | None = Field(
        default=None, strict=False, max_length=20, description="Host names that are looked up."
    )
    proxy: Proxy | None = Field(
        default=None,
        description="The web proxy (Squid), host:port. When it is left out: `OSG_SQUID_LOCATION` of the "
        "job's environment, or the one of CVMFS.",
        examples=["squid.example.edu:3128"],
    )
    url: HttpUrl | None = Field(default=None, description="What is fetched through the web proxy.")
    clock: HttpUrl | None = Field(default=None, description="A page of a web server whose clock is right.")
    cvmfs: tuple[Host, ...] | None = Field(
        default=None, strict=False, max_length=20, description="Repositories of CVMFS that are to be there."
    )
