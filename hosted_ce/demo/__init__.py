"""A site to try the CE on: a login node behind real SSH, and a small batch system that really runs jobs."""
