"""What the script found on a worker node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Orphan:
    """A process of the account that has lost its parent, and how long it runs, in seconds."""

    name: str
    age_s: int


@dataclass(frozen=True, slots=True)
class NodeReport:
    """None, or nothing in a mapping: the script did not say. Times in seconds since the epoch, by the node.

    Where a word is expected, `ok` says that it is well; anything else says what is wrong: `timeout`,
    `refused`, `unresolved`, `missing`, or the error as the node's own programs worded it.
    """

    complete: bool = False
    """Whether it came to its end."""
    trouble: str | None = None
    """Why it could not look at all."""
    host: str | None = None
    time: int | None = None
    seconds: int | None = None
    """How long it took."""
    uid: int | None = None
    user: str | None = None
    kernel: str | None = None
    arch: str | None = None
    os_id: str | None = None
    os_version: str | None = None
    os_name: str | None = None
    libc: str | None = None
    cores_allowed: int | None = None
    """CPUs that the job may run on."""
    cores_node: int | None = None
    cores_quota: float | None = None
    """CPUs by time that its control groups allow; None: no limit."""
    memory_kb: int | None = None
    """Of the node."""
    memory_limit: int | None = None
    """Bytes that the job may use; None: no limit."""
    nofile: int | None = None
    """Open files; None: no limit, or not said. The same for processes."""
    nproc: int | None = None
    gpu_devices: int | None = None
    gpu_listed: str | None = None
    """By nvidia-smi: their number, or what is wrong; None: there is no nvidia-smi."""
    scratch: str | None = None
    scratch_mount: str | None = None
    scratch_type: str | None = None
    scratch_free_kb: int | None = None
    scratch_inodes: int | None = None
    scratch_write: str | None = None
    scratch_exec: str | None = None
    stale: int | None = None
    """Folders of old pilots in scratch."""
    stale_kb: int | None = None
    """Of those that were measured."""
    orphans: tuple[Orphan, ...] = ()
    userns: str | None = None
    max_user_namespaces: int | None = None
    fuse: str | None = None
    apptainer: str | None = None
    """Where it is; None: there is none."""
    apptainer_version: str | None = None
    container: str | None = None
    """Whether a container ran."""
    proxy: str | None = None
    squid: str | None = None
    http_date: str | None = None
    """When a web server's answer came, by the node's clock, and the Date that it had."""
    ports: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    repositories: Mapping[str, str] = field(default_factory=dict)
