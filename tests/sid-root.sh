# shellcheck shell=bash disable=SC2154
# What the recipes of trees have in common: a program of Debian sid with everything that it needs, in a tree made
# by debootstrap, once for a machine. Its programs are then told to take loader and libraries from that tree
# (patchelf), so that they run on an older system without chroot and without namespaces: docs/decisions/0014. The
# tree is never changed after that. Another recipe, which is its own file and this one, makes another tree.
#
# A recipe sources this and calls `have_root`, which prints the folder of the tree. Before that it sets
#   title, name: what the tree is built for, in words and as the folder's name begins
#   packages: what apt installs there
# and may say, beside what is below,
#   programs: prints the paths of what is to run without chroot
#   more_libraries: a folder of libraries besides the loader's own
#   finish: does what else there is to do in $building
#
# HOSTED_CE_TEST_CACHE: where trees are kept (/var/cache/hosted-ce-tests)
# DEBIAN_MIRROR: where packages come from (that of this machine's apt, else http://deb.debian.org/debian)
set -euo pipefail

PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
cache=${HOSTED_CE_TEST_CACHE:-/var/cache/hosted-ce-tests}

finish() { :; }

explain() {
  printf '%s\n' "The end-to-end tests need $title in $root, and it could not be built: $1" >&2
  exit 1
}

mirror() {
  local found=${DEBIAN_MIRROR:-}
  if [ -z "$found" ] && command -v apt-get >/dev/null; then
    # shellcheck disable=SC2016
    found=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | sed -n 1p)
  fi
  echo "${found:-http://deb.debian.org/debian}"
}

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
# RPATH, unlike RUNPATH, also holds for what the program's libraries load: libSciTokens, Slurm's plugins.
bind_programs() {
  local libraries list program interpreter
  libraries=$(cd "$building" && echo usr/lib/*/libc.so.6)
  libraries=${libraries%/*}
  libraries=$root/$libraries:$root/$(more_libraries "$libraries")
  list=$(programs)
  while read -r program; do
    interpreter=$(in_root patchelf --print-interpreter "$program" 2>/dev/null </dev/null) || continue # a script
    in_root patchelf --set-interpreter "$root$interpreter" --force-rpath --set-rpath "$libraries" "$program" </dev/null
  done <<<"$list"
}

build() {
  unshare --mount debootstrap --variant=minbase sid "$building" "$mirror" # its mounts end with it
  forbid_services
  in_root apt-get install --yes --no-install-recommends patchelf "${packages[@]}"
  slim
  bind_programs
  finish
}

have_root() {
  local recipe log mirror failed
  recipe=$(cat "$0" "${BASH_SOURCE[0]}" | sha256sum)
  root=$cache/$name-root-${recipe:0:12}
  if [ -d "$root" ]; then
    echo "$root"
    return
  fi
  [ "$(id -u)" -eq 0 ] || explain "only root can. Run $(realpath "$0") as root."
  command -v debootstrap >/dev/null || explain "debootstrap is missing. Run tests/install-system-packages.sh."
  mirror=$(mirror)

  mkdir -p "$cache"
  exec 9>"$cache/lock"
  flock 9
  if [ -d "$root" ]; then # somebody else has built it while we waited
    echo "$root"
    return
  fi
  building=$root.building
  log=$root.log
  rm -rf "$building"
  trap 'rm -rf "$building"' EXIT

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
}
