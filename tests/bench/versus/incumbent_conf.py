"""The incumbent's configuration: HTCondor-CE's packaged settings and a route by SSH, in few words. Pure.

Values are those of HTCondor-CE 24 (`config/01-ce-router-defaults.conf`, `config/condor_config`,
`config/02-ce-bosco.conf`) where they touch latency, rate or load, and HTCondor's own defaults elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping

PILOT_DOMAIN = "users.htcondor.org"
"""The domain of everybody whom the CE lets in; none of them has an account on the machine."""
GLITE = "bosco/glite"
"""Where `condor_remote_cluster` puts blahpd, below the home of the account at the site."""

PACKAGED = (
    "SCHEDD_SEND_RESCHEDULE = False",
    "GRIDMANAGER_MAX_SUBMITTED_JOBS_PER_RESOURCE = 10000",
    "JOB_ROUTER_DEFAULT_MAX_JOBS_PER_ROUTE = 10000",
    "JOB_ROUTER_DEFAULT_MAX_IDLE_JOBS_PER_ROUTE = 2000",
    "JOB_ROUTER_NAME = htcondor-ce",
    "JOB_ROUTER_SOURCE_JOB_CONSTRAINT = target.JobUniverse =?= 5",
    "START_LOCAL_UNIVERSE = False",
    "START_SCHEDULER_UNIVERSE = False",
)
"""HTCondor-CE as it is installed: the router looks every 10 s, gridmanagers poll every 60 s."""

TUNED = (
    "JOB_ROUTER_POLLING_PERIOD = 1",
    "SCHEDD_INTERVAL = 10",
    "SCHEDD_MIN_INTERVAL = 1",
    "PERIODIC_EXPR_INTERVAL = 5",
    "GRIDMANAGER_JOB_PROBE_INTERVAL = 5",
    "GRIDMANAGER_CONTACT_SCHEDD_DELAY = 1",
    "GRIDMANAGER_MAX_PENDING_REQUESTS = 500",
    "GRIDMANAGER_EMPTY_RESOURCE_DELAY = 3600",
)
"""Every clock of the path as short as its authors let it sensibly be."""

_ROUTE = f"""\
JOB_ROUTER_ROUTE_NAMES = Login
JOB_ROUTER_ROUTE_Login @=end
  TargetUniverse = 9
  GridResource = "batch slurm {{account}}@{{login}} --rgahp-glite ~/{GLITE}"
  EVALSET RequestMemory maxMemory ?: 2000
  EVALSET remote_NodeNumber xcount ?: 1
  COPY remote_NodeNumber remote_SMPGranularity
  EVALSET BatchRuntime 60 * (maxWallTime ?: 4320)
  DELETE PeriodicRemove
  DELETE TotalSubmitProcs
@end"""


def ce_config(account: str, login: str, sbin: str, *, tuned: bool) -> tuple[str, ...]:
    """Lines for a CE that routes every pilot to `account@login` of its ssh_config; `sbin` has remote_gahp."""
    return (
        "QUEUE_SUPER_USERS = root",
        f"UID_DOMAIN = {PILOT_DOMAIN}",
        "ALLOW_WRITE = *@$(UID_DOMAIN)",
        f"REMOTE_GAHP = {sbin}/remote_gahp",
        f"FT_GAHP = {sbin}/condor_ft-gahp",
        "GRIDMANAGER_LOG = $(LOG)/GridmanagerLog",
        *PACKAGED,
        *(TUNED if tuned else ()),
        _ROUTE.format(account=account, login=login),
    )


def ssh_config(login: str, port: int, key: str, known_hosts: str, folder: str) -> str:
    """A part of `~/.ssh/config`: one connection for both programs of a CE, as OSG's containers have it."""
    lines = (
        "HostName 127.0.0.1",
        f"Port {port}",
        "HostKeyAlias login",
        f"IdentityFile {key}",
        f"UserKnownHostsFile {known_hosts}",
        "ControlMaster auto",
        f"ControlPath {folder}/%r@%h:%p",
    )
    return "\n  ".join([f"Host {login}", *lines]) + "\n"


def ft_gahp_config() -> str:
    """What condor_ft-gahp reads at the site."""
    return "\n".join(
        [
            "BOSCO_SANDBOX_DIR = $ENV(HOME)/bosco/sandbox",
            f"LOG = $ENV(HOME)/{GLITE}/log",
            "FT_GAHP_LOG = $(LOG)/FTGahpLog",
            "SEC_CLIENT_AUTHENTICATION_METHODS = FS, PASSWORD",
            f"SEC_PASSWORD_FILE = $ENV(HOME)/{GLITE}/etc/passwdfile",
            "USE_SHARED_PORT = False",
            "ENABLE_URL_TRANSFERS = False",
            "",
        ]
    )


def blah_config(packaged: str) -> str:
    """The packaged blah.config with what installations at a login node are given."""
    settings: Mapping[str, str] = {"blah_run_in_workdir": "yes"}
    kept = [line for line in packaged.splitlines() if line.partition("=")[0] not in settings]
    return "\n".join([*kept, *(f"{name}={value}" for name, value in settings.items()), ""])
