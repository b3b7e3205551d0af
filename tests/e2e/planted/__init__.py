"""A real login node and a real Slurm with faults planted in them, one at a time."""
