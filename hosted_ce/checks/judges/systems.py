"""Operating systems that the OSPool's software supports. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from hosted_ce.checks.verdict import Verdict

ENTERPRISE = frozenset({"rhel", "centos", "almalinux", "rocky", "ol", "scientific", "eurolinux"})
SUPPORTED: Mapping[str, frozenset[str]] = {
    "enterprise": frozenset({"8", "9", "10"}),
    "debian": frozenset({"12", "13"}),
    "ubuntu": frozenset({"22.04", "24.04", "26.04"}),
}
"""From the OSPool's requirements for sites, 2026."""


def supported(os: Mapping[str, str]) -> tuple[Verdict, str]:
    """By /etc/os-release: whether it is one of them, and its name."""
    name = os.get("PRETTY_NAME") or os.get("ID") or "a system without /etc/os-release"
    own, version = os.get("ID", ""), os.get("VERSION_ID", "")
    like = {own, *os.get("ID_LIKE", "").split()}
    if own in ENTERPRISE or (own not in SUPPORTED and like & ENTERPRISE):
        own, version = "enterprise", version.partition(".")[0]
    if version in SUPPORTED.get(own, ()):
        return Verdict.PASS, name
    return Verdict.WARN, f"{name} is not among those that the OSPool's software supports"
