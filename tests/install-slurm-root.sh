#!/bin/bash
# Build the newer Slurm that some end-to-end tests run, once for this machine, and print the folder that it is in.
# Debian 12's is older than slurmctld's limit of requests (rl_enable, 23.02). This is sid's: sid-root.sh says how,
# and which settings there are.
# shellcheck source=tests/sid-root.sh
. "$(dirname "${BASH_SOURCE[0]}")/sid-root.sh"

title="a newer Slurm"
name=slurm
packages=(slurmctld slurmd slurm-client)

more_libraries() { echo "$1/slurm-wlm"; }
programs() { in_root dpkg -L slurmctld slurmd slurm-client slurm-wlm-basic-plugins | grep -E '/s?bin/'; }

# In one folder, under their own names: Debian's are links out of the tree.
finish() {
  mkdir "$building/slurm"
  for program in slurmctld slurmd slurmstepd; do ln -s "../usr/sbin/$program-wlm" "$building/slurm/$program"; done
  for program in sbatch squeue scancel scontrol sinfo sacct sacctmgr srun; do
    ln -s "../usr/bin/$program" "$building/slurm/$program"
  done
}

have_root
