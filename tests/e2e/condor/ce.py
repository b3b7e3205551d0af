"""The least CE that takes pilots by HTCondor-C: a collector and a schedd, run by an ordinary account.

It has no policy of its own. It proves the lab; the product's own front door is what the other tests use.
"""

from __future__ import annotations

from tests.e2e.condor.config import QUICK_RESTART, Identity
from tests.e2e.condor.instance import Condor, prepare
from tests.e2e.condor.issuer import Issuer
from tests.e2e.condor.lab import CondorLab

PILOT_DOMAIN = "users.htcondor.org"
"""The domain of everybody whom a CE lets in; none of them has an account on the machine."""

_LINES = (
    "QUEUE_SUPER_USERS = root",  # besides the account that runs the schedd
    f"UID_DOMAIN = {PILOT_DOMAIN}",
    "ALLOW_WRITE = *@$(UID_DOMAIN)",
    "SCHEDD_SEND_RESCHEDULE = False",
    "PERIODIC_EXPR_INTERVAL = 2",
)


def start_minimal_ce(
    lab: CondorLab, *lines: str, host: str = "ce.lab.test", issuer: Issuer | None = None
) -> Condor:
    """A CE that runs; whoever has an IDTOKEN that it signed, or a SciToken of `issuer`, is let in.

    A SciToken's subject becomes the name: `vofrontend-lab` comes as `vofrontend-lab@users.htcondor.org`.
    """
    identity = Identity(host, lab.folder / host, next(lab.ports))
    account, daemons = lab.accounts["ce"], "MASTER COLLECTOR SCHEDD"
    more = _scitokens(lab, identity, issuer) if issuer else []
    settings = (*_LINES, *QUICK_RESTART, *more, *lines)
    condor = prepare(lab.supervisor, lab.programs, account, identity, daemons, *settings)
    condor.start()
    return condor


def _scitokens(lab: CondorLab, identity: Identity, issuer: Issuer) -> list[str]:
    folder = lab.folder / f"{identity.name}.door"
    folder.mkdir(mode=0o755)
    host = lab.authority.host_certificate(folder, identity.name, owner=lab.accounts["ce"])
    url = issuer.url.replace("/", r"\/")
    (folder / "mapfile").write_text(f"SCITOKENS /^{url},([a-z-]+)$/ \\1\nFS /(.*)/ \\1\n")
    return [
        "SEC_DEFAULT_AUTHENTICATION_METHODS = FS, IDTOKENS, SCITOKENS",
        f"AUTH_SSL_SERVER_CERTFILE = {host.certificate}",
        f"AUTH_SSL_SERVER_KEYFILE = {host.key}",
        "SCITOKENS_SERVER_AUDIENCE = $(COLLECTOR_HOST)",
        f"CERTIFICATE_MAPFILE = {folder / 'mapfile'}",
        "CERTIFICATE_MAPFILE_ASSUME_HASH_KEYS = True",
    ]
