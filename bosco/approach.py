"""The way to an agent at a login node, step by step, and how far we got on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Step(StrEnum):
    """What has to go well, in this order."""

    OWN_FILES = "own_files"
    """Our key and the pinned host keys can be read."""
    NAME = "name"
    """The host name resolves."""
    CONNECT = "connect"
    """A connection to the port is taken."""
    GREETING = "greeting"
    """What is there speaks SSH with us."""
    HOST_KEY = "host_key"
    """It shows the pinned host key."""
    KEY = "key"
    """It accepts our key."""
    KEY_ALONE = "key_alone"
    """It wants nothing besides."""
    SHELL = "shell"
    """The login shell runs the command that it is asked to."""
    PYTHON = "python"
    """There is a Python that our agent runs on."""
    SPOOL = "spool"
    """The agent can make and write its folder."""


@dataclass(frozen=True, slots=True)
class Approach:
    """How far we got. Times in seconds, each for its step alone."""

    login: str
    """The login node, `host:port`."""
    failed: Step | None = None
    """The step that did not go well; None: all did. Nothing is known of those behind it."""
    said: str | None = None
    """What was seen there, in a sentence."""
    addresses: tuple[str, ...] = ()
    server: str | None = None
    """How it greets: name and version of its software."""
    python: str | None = None
    """Its version."""
    host_key: str | None = None
    """The fingerprint of a host key that was shown and is not pinned."""
    key_mode: int | None = None
    """The permissions of our private key's file, as bosco.ssh.key_mode counts them."""
    noise: str = ""
    """What the login shell printed before a command's own output: its beginning."""
    noise_size: int = 0
    """How many bytes that was."""
    seconds: Mapping[Step, float] = field(default_factory=dict)
    confined: bool = False
    """Our key starts the agent that the site has installed, and nothing else."""
    local: bool = False
    """The CE is there itself: nobody logs in, and the way begins with PYTHON."""

    def reached(self, step: Step) -> bool:
        """Whether this step went well."""
        steps = list(Step)
        return self.failed is None or steps.index(step) < steps.index(self.failed)
