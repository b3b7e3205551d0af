"""The text of condor_config for each HTCondor of a lab. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.e2e.lab.daemons import HOST

FOLDERS = ("log", "spool", "lock", "run", "execute", "passwords.d", "tokens.d")
"""What must exist in the folder of an HTCondor, for its account only."""


@dataclass(frozen=True)
class Identity:
    """What makes one HTCondor another than the next: `name` is its schedd, UID domain and trust domain."""

    name: str
    folder: Path
    port: int

    @property
    def collector(self) -> str:
        """Where its collector is, as clients write it."""
        return f"{HOST}:{self.port}"


def condor_config(identity: Identity, daemons: str, *lines: str) -> str:
    """A complete HTCondor on one port of loopback, run by an ordinary account, for which nothing is in /etc.

    Later lines win, so `lines` win over everything here.
    """
    return "\n".join(
        [*_places(identity), *_network(identity), *_SECURITY, f"DAEMON_LIST = {daemons}", *lines, ""]
    )


def _places(identity: Identity) -> list[str]:
    return [
        f"LOCAL_DIR = {identity.folder}",
        "LOG = $(LOCAL_DIR)/log",
        "SPOOL = $(LOCAL_DIR)/spool",
        "LOCK = $(LOCAL_DIR)/lock",
        "RUN = $(LOCAL_DIR)/run",
        "EXECUTE = $(LOCAL_DIR)/execute",
        "ETC = $(LOCAL_DIR)",
        "SEC_PASSWORD_DIRECTORY = $(LOCAL_DIR)/passwords.d",
        "SEC_TOKEN_SYSTEM_DIRECTORY = $(LOCAL_DIR)/tokens.d",
        "SEC_TOKEN_DIRECTORY = $(LOCAL_DIR)/tokens.d",
        "MAIL = /bin/true",
    ]


def _network(identity: Identity) -> list[str]:
    return [
        f"NETWORK_INTERFACE = {HOST}",
        "BIND_ALL_INTERFACES = False",
        "ENABLE_IPV6 = False",
        f"CONDOR_HOST = {HOST}",
        "USE_SHARED_PORT = True",
        f"SHARED_PORT_PORT = {identity.port}",
        f"COLLECTOR_PORT = {identity.port}",
        f"COLLECTOR_HOST = {identity.collector}",
        f"NETWORK_HOSTNAME = {identity.name}",
        f"SCHEDD_NAME = {identity.name}",  # "@" and the host's name would be added, were it another name
        f"UID_DOMAIN = {identity.name}",
        f"TRUST_DOMAIN = {identity.name}",
    ]


_SECURITY = (
    "use security:recommended",
    "SEC_DEFAULT_AUTHENTICATION_METHODS = FS, IDTOKENS",
    "SEC_CLIENT_AUTHENTICATION_METHODS = FS, IDTOKENS",
)

QUICK_RESTART = ("MASTER_BACKOFF_CONSTANT = 1", "MASTER_BACKOFF_CEILING = 2")
"""A daemon that died is started again after two seconds, not ten."""

REMOTE = (
    *(
        f"{part}.SEC_CLIENT_AUTHENTICATION_METHODS = SCITOKENS, IDTOKENS"
        for part in ("C_GAHP", "C_GAHP_WORKER_THREAD")
    ),
    "C_GAHP_LOG = $(LOG)/CGAHPLog",
    "C_GAHP_WORKER_THREAD_LOG = $(LOG)/CGAHPWorkerLog",
    "C_GAHP_LOCK = $(LOCK)/CGAHPLock",
    "C_GAHP_WORKER_THREAD_LOCK = $(LOCK)/CGAHPWorkerLock",
)
"""How a factory meets a CE: never as a neighbour on the same machine (FS), and its logs are not in /tmp."""

GLIDEINWMS = (
    "SCHEDD_SEND_RESCHEDULE = False",
    "GRIDMANAGER_JOB_PROBE_INTERVAL = 60",
    "GRIDMANAGER_MAX_SUBMITTED_JOBS_PER_RESOURCE = 5000",
    "GRIDMANAGER_MAX_PENDING_REQUESTS = 500",
    "MAX_JOBS_SUBMITTED = 10000",
)
"""What GlideinWMS's template sets for the schedds of a factory."""

TUNED = (
    "SCHEDD_INTERVAL = 5",
    "SCHEDD_MIN_INTERVAL = 1",
    "PERIODIC_EXPR_INTERVAL = 2",
    "GRIDMANAGER_JOB_PROBE_INTERVAL = 2",
    "GRIDMANAGER_CONTACT_SCHEDD_DELAY = 1",
    "GRIDMANAGER_RESOURCE_PROBE_INTERVAL = 5",
    "C_GAHP_CONTACT_SCHEDD_DELAY = 1",
)
"""A factory that looks every two seconds, not every minute."""
