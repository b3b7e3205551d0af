#!/bin/bash
# Install what the end-to-end tests start: Slurm, munge, MariaDB, Grid Engine and OpenSSH; debootstrap, which
# gets HTCondor (install-condor-root.sh); faketime, for clocks that jump; Chromium, which looks at the pages.
# Debian 12 or later.
# Does nothing when everything is there. No installed package starts a service.
set -euo pipefail

PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# a command that the tests need, and the package that brings it
declare -A package_of=(
  [slurmctld]=slurmctld
  [slurmd]=slurmd
  [slurmdbd]=slurmdbd
  [sbatch]=slurm-client
  [munged]=munge
  [mariadbd]=mariadb-server
  [sge_qmaster]=gridengine-master
  [sge_execd]=gridengine-exec
  [qconf]=gridengine-client
  [sshd]=openssh-server
  [ssh]=openssh-client
  [useradd]=passwd
  [ip]=iproute2
  [ps]=procps
  [curl]=curl
  [debootstrap]=debootstrap
  [shellcheck]=shellcheck
  [busybox]=busybox
  [faketime]=faketime
  [promtool]=prometheus
  [chromium]=chromium
  [pg_ctlcluster]=postgresql
)

missing=()
for command in "${!package_of[@]}"; do
  command -v "$command" >/dev/null || missing+=("${package_of[$command]}")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "Missing: ${missing[*]} (Debian's names). This machine has no apt-get: install their like by hand." >&2
  exit 1
fi

if [ "$(id -u)" -ne 0 ]; then
  if sudo -n true 2>/dev/null; then
    exec sudo -n "$BASH" "$(realpath "$0")"
  fi
  echo "Missing: ${missing[*]}. Run this as root:" >&2
  echo "  $(realpath "$0")" >&2
  exit 1
fi

# Debian's packages ask this program before they start their service; 101 means no.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install --yes --no-install-recommends "${missing[@]}"
