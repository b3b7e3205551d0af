#!/bin/bash
# Build the HTCondor that the end-to-end tests run, once for this machine, and print the folder that it is in.
# It is Debian sid's own: sid-root.sh says how, and which settings there are.
# shellcheck source=tests/sid-root.sh
. "$(dirname "${BASH_SOURCE[0]}")/sid-root.sh"

title=HTCondor
name=condor
packages=(condor libscitokens0 ca-certificates openssl)

more_libraries() { echo usr/lib; }
programs() { in_root find /usr/bin /usr/sbin /usr/libexec/condor -type f -perm -u+x -path '*condor*'; }

have_root
