"""The factory's door: where HTCondor-C brings pilots in."""

from __future__ import annotations

from pydantic import Field

from hosted_ce.site.fields import Address, HostPort, LocalPath, Poll, PublicHost, SiteModel, duration_field
from hosted_ce.site.policy import Policy


class FrontDoor(SiteModel):
    """A condor_schedd and a condor_collector at one port, for the factory's HTCondor-C."""

    host: PublicHost = Field(
        description="Public DNS name of this CE, in lower case: the factory's gatekeeper. The certificate is "
        "for this name, and tokens are for the audience host:port.",
        examples=["ce.example.edu"],
    )
    port: int = Field(default=9619, ge=1, le=65_535, description="The one TCP port of the front door.")
    certificate: LocalPath = Field(
        description="Path of the host certificate, with the chain of its issuers behind it, in PEM format.",
        examples=["/etc/hosted-ce/hostcert.pem"],
    )
    certificate_key: LocalPath = Field(
        description="Path of the certificate's private key, in PEM format. Only the service may read it "
        "(mode 0600).",
        examples=["/etc/hosted-ce/hostkey.pem"],
    )
    trusted_ca: LocalPath | None = Field(
        default=None,
        description="Folder or file with the certificates of the authorities that sign for central "
        "collectors. The system's own when it is left out; those of token issuers are always the system's.",
        examples=["/etc/grid-security/certificates"],
    )
    advertise_to: tuple[HostPort, ...] = Field(
        default=(),
        strict=False,
        description="Central collectors that get this CE's ad, each as host:port. Factories find CEs there.",
        examples=[["collector.opensciencegrid.org:9619"]],
    )
    bind: Address | None = Field(
        default=None,
        description="IP address to listen on, where it is not the one that host stands for: behind NAT or in "
        "a container; 0.0.0.0 for all. Clients are told to come to host, a name that must be known on this "
        "machine, too. 127.0.0.1: for this machine only.",
        examples=["0.0.0.0"],  # noqa: S104 - what a person may write here; nothing listens
    )
    max_jobs: int = Field(
        default=10_000,
        ge=1,
        le=1_000_000,
        description="Most pilots in the front door's queue; more are refused at submission.",
    )
    poll: Poll = duration_field("1s", "How often the front door's queue is looked at, at least 1s.")
    policy: Policy = Field(
        default_factory=Policy,
        description="What the CE does by itself with pilots that nobody looks after.",
    )
