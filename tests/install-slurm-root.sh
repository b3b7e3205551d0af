#!/bin/bash
# Build the newer Slurm that some end-to-end tests run, once for this machine, and print the folder that it is in.
#
# Debian 12's Slurm is older than slurmctld's limit of requests (rl_enable, 23.02). This is sid's, in a tree of its
# own as HTCondor's is: see install-condor-root.sh, and docs/decisions/0014. Another recipe, which is this file,
# makes another tree.
#
# HOSTED_CE_TEST_CACHE: where trees are kept (/var/cache/hosted-ce-tests)
# DEBIAN_MIRROR: where packages come from (that of this machine's apt, else http://deb.debian.org/debian)
set -euo pipefail

PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

cache=${HOSTED_CE_TEST_CACHE:-/var/cache/hosted-ce-tests}
packages=(slurmctld slurmd slurm-client patchelf)

recipe=$(sha256sum "${BASH_SOURCE[0]}")
root=$cache/slurm-root-${recipe:0:12}

if [ -d "$root" ]; then
  echo "$root"
  exit 0
fi

explain() {
  printf '%s\n' "The end-to-end tests need a newer Slurm in $root, and it could not be built: $1" >&2
  exit 1
}

[ "$(id -u)" -eq 0 ] || explain "only root can. Run $(realpath "$0") as root."
command -v debootstrap >/dev/null || explain "debootstrap is missing. Run tests/install-system-packages.sh."

mirror=${DEBIAN_MIRROR:-}
if [ -z "$mirror" ] && command -v apt-get >/dev/null; then
  # shellcheck disable=SC2016
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | sed -n 1p)
fi
mirror=${mirror:-http://deb.debian.org/debian}

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
if [ -d "$root" ]; then # somebody else has built it while we waited
  echo "$root"
  exit 0
fi

building=$root.building
log=$root.log
rm -rf "$building"
trap 'rm -rf "$building"' EXIT

# Some packages want to see /proc while they are installed; it is mounted for the one command only.
# shellcheck disable=SC2016
in_root() {
  unshare --mount sh -c 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"' "$building" \
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C "$@"
}

# Debian's packages ask this program before they start their service; 101 means no.
forbid_services() {
  printf '#!/bin/sh\nexit 101\n' >"$building/usr/sbin/policy-rc.d"
  chmod 755 "$building/usr/sbin/policy-rc.d"
}

# What nobody reads; the programs need none of it.
slim() {
  in_root apt-get clean
  rm -rf "$building"/var/lib/apt/lists/* "$building"/usr/share/{doc,info,locale,man}/*
}

# A program's loader is an absolute path in it, hence the name that the tree will have when it is complete.
# RPATH, unlike RUNPATH, also holds for what the program's libraries load, such as Slurm's plugins.
bind_programs() {
  local libc libraries programs
  libc=$(cd "$building" && echo usr/lib/*/libc.so.6)
  libraries=$root/${libc%/*}:$root/${libc%/*}/slurm-wlm
  mapfile -t programs < <(in_root dpkg -L slurmctld slurmd slurm-client slurm-wlm-basic-plugins | grep -E '/s?bin/')
  for program in "${programs[@]}"; do
    interpreter=$(in_root patchelf --print-interpreter "$program" 2>/dev/null) || continue # a script
    in_root patchelf --set-interpreter "$root$interpreter" --force-rpath --set-rpath "$libraries" "$program"
  done
}

# In one folder, under their own names: Debian's are links out of the tree.
name_programs() {
  mkdir "$building/slurm"
  for program in slurmctld slurmd slurmstepd; do ln -s "../usr/sbin/$program-wlm" "$building/slurm/$program"; done
  for program in sbatch squeue scancel scontrol sinfo sacct sacctmgr srun; do
    ln -s "../usr/bin/$program" "$building/slurm/$program"
  done
}

build() {
  unshare --mount debootstrap --variant=minbase sid "$building" "$mirror" # its mounts end with it
  forbid_services
  in_root apt-get install --yes --no-install-recommends "${packages[@]}"
  slim
  bind_programs
  name_programs
}

echo "Building $root (a minute or so, once; log: $log) ..." >&2
# not in the condition of an `if`, which would switch `set -e` off in it
set +e
(
  set -e
  build
) >"$log" 2>&1 9>&-
failed=$?
set -e
if [ $failed -ne 0 ]; then
  tail -n 15 "$log" >&2
  explain "see above and $log. Does this machine reach $mirror (setting DEBIAN_MIRROR)?"
fi
mv "$building" "$root"
echo "$root"
