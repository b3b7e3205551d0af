"""The script that looks around on a worker node, and its arguments."""

from __future__ import annotations

import re
from importlib import resources

from hosted_ce.checks.node.targets import Targets

NONCE = re.compile(r"[a-z0-9]{8,32}\Z")
DAY_MIN = 1440
_SCRIPT = resources.files("hosted_ce.checks.node").joinpath("look.sh").read_bytes()
"""As of when this was imported: `parse` is as well, however the package was upgraded meanwhile."""


def probe_script() -> bytes:
    """A POSIX shell script; it prints lines that `parse` reads, and takes less than a minute."""
    return _SCRIPT


def probe_arguments(
    nonce: str, targets: Targets, *, scratch: str | None = None, longest_s: float = 3 * 86400.0
) -> tuple[str, ...]:
    """Its arguments. `nonce` marks its lines, so that nothing else that is printed is taken for one.

    `scratch`: the folder where pilots work, None: what the batch system gives a job. `longest_s`: how long a
    pilot may run; folders of pilots that are a day older than that are left over.
    Raises ValueError for a nonce that is no word of 8 to 32 small letters and digits.
    """
    if not NONCE.match(nonce):
        raise ValueError(f"{nonce!r} is not a word of 8 to 32 small letters and digits")
    said = {
        "scratch": scratch or "", "host": targets.host, "ports": ",".join(map(str, targets.ports)),
        "names": ",".join(targets.names), "squid_url": targets.squid_url,
        "squid_expect": targets.squid_expect, "proxy": targets.proxy, "clock_url": targets.clock_url,
        "repositories": ",".join(targets.repositories), "stale_min": str(int(longest_s // 60) + DAY_MIN),
    }  # fmt: skip
    return (nonce, *(f"{name}={value}" for name, value in said.items() if value))
