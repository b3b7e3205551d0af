"""A pilot that is real: it starts an HTCondor execution point that joins a pool and runs its jobs. Pure."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.condor.pilot_script import glidein_startup

_MAIN = r"""
start=$PWD
local=$(mktemp -d "$start/execution_point_XXXXXX") || exit 1
mkdir -m 700 "$local"/{{log,spool,lock,run,execute,tokens.d,passwords.d}} || exit 1
# with the mode that it has: HTCondor refuses a token that others may read
cp --preserve=mode "$start"/*.idtoken "$local/tokens.d/" || exit 1

cat >"$local/condor_config" <<EOF
RELEASE_DIR = {root}/usr
LIBEXEC = \$(RELEASE_DIR)/libexec/condor
LOCAL_DIR = $local
LOG = \$(LOCAL_DIR)/log
SPOOL = \$(LOCAL_DIR)/spool
LOCK = \$(LOCAL_DIR)/lock
RUN = \$(LOCAL_DIR)/run
EXECUTE = \$(LOCAL_DIR)/execute
SEC_PASSWORD_DIRECTORY = \$(LOCAL_DIR)/passwords.d
SEC_TOKEN_DIRECTORY = \$(LOCAL_DIR)/tokens.d
SEC_TOKEN_SYSTEM_DIRECTORY = \$(LOCAL_DIR)/tokens.d
use security:recommended
SEC_DEFAULT_AUTHENTICATION_METHODS = FS, IDTOKENS
SEC_CLIENT_AUTHENTICATION_METHODS = FS, IDTOKENS
# a collector on this machine would say that it is not of our family
SEC_USE_FAMILY_SESSION = False
COLLECTOR_HOST = {collector}
TRUST_DOMAIN = {trust_domain}
UID_DOMAIN = {trust_domain}
NETWORK_INTERFACE = 127.0.0.1
BIND_ALL_INTERFACES = False
ENABLE_IPV6 = False
USE_SHARED_PORT = False
DAEMON_LIST = MASTER STARTD
NUM_CPUS = 1
MEMORY = 1000
START = True
STARTD_ATTRS = GLIDEIN_SiteWMS, GLIDEIN_SiteWMS_JobId
GLIDEIN_SiteWMS = "SLURM"
GLIDEIN_SiteWMS_JobId = "$SLURM_JOB_ID"
# as a glidein does: no work for so long ends the startd, and with it the master
STARTD_NOCLAIM_SHUTDOWN = {idle_s}
MASTER.DAEMON_SHUTDOWN_FAST = STARTD_StartTime =?= 0
UPDATE_INTERVAL = 5
MASTER_UPDATE_INTERVAL = 5
RUNBENCHMARKS = False
EOF

echo "=== Condor starting $(date) ==="
CONDOR_CONFIG=$local/condor_config "{root}/usr/sbin/condor_master" -f &
master=$!
trap 'kill -TERM $master' TERM INT QUIT
wait $master
ended=$?
# a signal ends the first wait, not the master
if [ $ended -gt 128 ]; then wait $master; ended=$?; fi
echo "=== Condor ended $(date) ==="
cat "$local"/log/{{MasterLog,StartLog}} >&2
exit $ended
"""


def real_pilot(root: Path, collector: str, trust_domain: str, *, idle_s: int = 10) -> bytes:
    """The executable; it wants the pool's IDTOKEN as a file `*.idtoken` in its start directory.

    It ends with exit code 0 when it has had no work for `idle_s` seconds.
    """
    text = _MAIN.format(root=root, collector=collector, trust_domain=trust_domain, idle_s=idle_s)
    return glidein_startup(text)
