"""A campaign of faults against a whole CE, on real Slurm and sshd: `make chaos`."""
