"""What a test may ask of a lab."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LabOptions:
    """The differences between labs; tests that ask for equal options share one lab."""

    cpus: int = 64
    """CPUs that the node pretends to have; a job gets one unless it asks for more."""
    second_node: bool = False
    """Whether the default partition has another node, which never comes up."""
    gpus: int = 0
    """GPUs that it pretends to have, at most 2."""
    min_job_age: int = 300
    """Seconds for which squeue still knows an ended job (least: 2; slurmctld looks every ten seconds)."""
    accounting: bool = True
    """Whether there are slurmdbd and MariaDB behind sacct."""
    rate_limited: bool = False
    """Whether slurmctld limits the rate of requests, as it can since 23.02; then ask for no accounting."""
    shared_home: bool = True
    """Whether the node sees the homes of the login node."""
    slurm_conf_lines: tuple[str, ...] = ()
    """More lines for slurm.conf; Slurm keeps the last of two equal keywords, so these win."""
    max_sessions: int = 10
    """Channels that sshd allows on one connection."""
    max_startups: str = "100:30:200"
    """sshd's limit of connections that are not logged in yet."""
    sshd_config_lines: tuple[str, ...] = ()
    """More lines for sshd_config; sshd keeps the first of two equal keywords, so these come first and win."""
