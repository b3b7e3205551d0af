"""A cluster of the site: one batch system, and how it is reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, Field

from hosted_ce.site.arrays import Arrays
from hosted_ce.site.avoid_nodes import AvoidNodes
from hosted_ce.site.fields import (
    BatchSystem,
    BatchWord,
    Command,
    CommandTimeout,
    Grace,
    Host,
    HostPort,
    Label,
    LocalPath,
    Poll,
    Scratch,
    SiteFolder,
    SiteModel,
    Spool,
    Variable,
    VariableValue,
    duration_field,
)
from hosted_ce.site.limits import Caps


class Login(SiteModel):
    """One login node: a host that answers SSH and has the batch system's commands."""

    host: Host = Field(
        description="DNS name or IP address of the login node.", examples=["login.example.edu"]
    )
    port: int = Field(default=22, ge=1, le=65_535, description="Port of its SSH server.")


class JumpHost(SiteModel):
    """A host that lets us through to the login node. What is left out is as for the login node."""

    host: Host = Field(
        description="DNS name or IP address of the jump host.", examples=["bastion.example.edu"]
    )
    port: int = Field(default=22, ge=1, le=65_535, description="Port of its SSH server.")
    account: BatchWord | None = Field(default=None, description="Our account there.", examples=["osg-jump"])
    key: LocalPath | None = Field(
        default=None, description="Path of the private SSH key for it, on the machine of this service."
    )
    certificate: LocalPath | None = Field(default=None, description="Path of that key's certificate.")
    agent: LocalPath | None = Field(
        default=None,
        description="Socket of the ssh-agent that holds that key; `key` is its public half then.",
    )
    known_hosts: LocalPath | None = Field(default=None, description="Path of the file with its host keys.")


@dataclass(frozen=True, slots=True)
class Hop:
    """A jump host with all that it takes to log in there."""

    host: str
    port: int
    account: str
    key: Path
    known_hosts: Path
    certificate: Path | None = None
    agent: Path | None = None


@dataclass(frozen=True, slots=True)
class SshAccess:
    """How a cluster's login nodes are reached."""

    login: tuple[Login, ...]
    key: Path
    known_hosts: Path
    jump: tuple[Hop, ...] = ()
    certificate: Path | None = None
    agent: Path | None = None


def _no_default(schema: dict[str, Any]) -> None:
    """No login node is what a cluster that is here has; it is no default for the others."""
    schema.pop("default", None)


FOR_SSH = ("login", "key", "known_hosts")
"""The keys that a cluster has, all of them, if it is reached by SSH, and only then."""


class Cluster(SiteModel):
    """One batch system, used through one Unix account: behind login nodes, or on the CE's own machine."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"transport": {"const": "local"}}, "required": ["transport"]},
            "then": {"properties": dict.fromkeys((*FOR_SSH, "certificate", "agent", "jump"), False)},
            "else": {"required": list(FOR_SSH)},
        }
    )

    batch: BatchSystem = Field(
        description="The batch system: slurm, htcondor, pbs for PBS Pro, OpenPBS and Torque, lsf, or sge for "
        "the Grid Engines.",
        examples=["slurm"],
    )
    batch_options: Mapping[Label, BatchWord] = Field(
        default_factory=dict,
        description="What the CE has to know of this batch system's configuration. For sge: "
        "parallel_environment, memory_resource, gpu_resource, exclusive_resource. For htcondor: "
        "filesystem_domain. For pbs: flavour, stage_host. For slurm: cluster.",
        examples=[{"parallel_environment": "smp", "memory_resource": "h_vmem"}],
    )
    transport: Literal["ssh", "local"] = Field(
        default="ssh",
        description="How the CE gets there: by SSH to a login node, or not at all, because it runs on a "
        "machine where the batch system's commands work and the spool is mounted.",
    )
    login: tuple[Login, ...] = Field(
        default=(),
        json_schema_extra=_no_default,
        min_length=1,
        strict=False,
        description="The login nodes, in the order in which they are tried. All must see the same spool.",
    )
    account: BatchWord = Field(
        description="The Unix account whose jobs the pilots are, at the login node, or here if the transport "
        "is local: then the CE must run in it. It needs no privileges.",
        examples=["osg01"],
    )
    key: LocalPath | None = Field(
        default=None,
        description="Path of the file with that account's private SSH key, on the machine of this service. "
        "Only the service may read it (mode 0600). The key itself never goes into the site file.",
        examples=["/etc/hosted-ce/osg01.key"],
    )
    certificate: LocalPath | None = Field(
        default=None,
        description="Path of the key's certificate, in OpenSSH's format, where the site trusts a CA "
        "(TrustedUserCAKeys) in the place of single keys. When it is left out, KEY-cert.pub beside the key "
        "is used if it is there and valid.",
        examples=["/etc/hosted-ce/osg01.key-cert.pub"],
    )
    agent: LocalPath | None = Field(
        default=None,
        description="Socket of the ssh-agent that holds the key, in software or in a hardware token (sk- "
        "keys). Then `key` is the path of the public half. SSH_AUTH_SOCK is not looked at.",
        examples=["/run/hosted-ce/agent.sock"],
    )
    known_hosts: LocalPath | None = Field(
        default=None,
        description="Path of the file with the login nodes' host keys, on the machine of this service, in "
        "OpenSSH's format. A login node with another key is refused.",
        examples=["/etc/hosted-ce/known_hosts"],
    )
    jump: tuple[JumpHost, ...] = Field(
        default=(),
        max_length=5,
        strict=False,
        description="Jump hosts on the way to the login nodes, from the first on. Each must have our key and "
        "allow TCP forwarding (direct-tcpip) to the next host.",
    )
    spool: Spool = Field(
        default="~/hosted-ce",
        description="Folder at the site for the pilots' scripts, output and records, on a file system that "
        "login nodes and worker nodes share, unless shared_home is false. Below the account's home (~/...) "
        "or absolute.",
        examples=["~/hosted-ce", "/shared/osg01/hosted-ce"],
    )
    scratch: Scratch | None = Field(
        default=None,
        description="Folder on the worker node where pilots run; they get it as OSG_WN_TMP. When it is left "
        "out, they run in the spool, or in /tmp where shared_home is false.",
        examples=["/tmp", "/scratch"],  # noqa: S108 - what a site may write here; nothing is made there
    )
    shared_home: bool | None = Field(
        default=None,
        json_schema_extra=_no_default,
        description="Whether worker nodes see the spool. If they do not (false), a pilot's files travel in "
        "its job, and what it writes comes back by the batch system's own means; with htcondor, slurm and "
        "pbs only. When it is left out, they do; with htcondor, if there is a filesystem_domain.",
        examples=[False],
    )
    squid: HostPort | None = Field(
        default=None,
        description="HTTP proxy for pilots, as host:port. They get it as OSG_SQUID_LOCATION.",
        examples=["squid.example.edu:3128"],
    )
    path: tuple[SiteFolder, ...] = Field(
        default=(),
        strict=False,
        description="Folders at the login node where the batch system's commands are looked for first, if a "
        "command by SSH does not find them by itself.",
        examples=[["/opt/pbs/bin"], ["/opt/sge/bin/lx-amd64"]],
    )
    environment: Mapping[Variable, VariableValue] = Field(
        default_factory=dict,
        description="Variables that the batch system's commands need at the login node. A batch system may "
        "hand them on to jobs.",
        examples=[{"SGE_ROOT": "/opt/sge", "SGE_CELL": "default"}],
    )
    avoid_nodes: AvoidNodes | None = Field(
        default=None,
        description="When nodes that kill pilots are avoided without anybody's asking. When it is left out, "
        "only an operator avoids nodes. Not for pbs, where a job cannot ask for that.",
        examples=[{"after": 5, "within": "1h", "lasting": "6h", "at_most": 3}],
    )
    limits: Caps = Field(
        default_factory=Caps,
        description="Limits for the pilots of all routes to this cluster together: for its account.",
        examples=[{"pilots": 500, "cores": 4000}],
    )
    python: Command = Field(
        default="python3",
        description="Command of Python 3.6 or newer at the login node: a name in the PATH, or a path.",
        examples=["python3", "/usr/libexec/platform-python"],
    )
    poll: Poll = duration_field(
        "30s",
        "How often the queue is listed, at least 1s. One listing covers all pilots. Keep it well below the "
        "time for which the batch system remembers ended jobs (Slurm's MinJobAge, 300 s by default).",
    )
    submit_window: int = Field(
        default=8, ge=1, le=32, description="How many submits may be under way at the same time, 1 to 32."
    )
    arrays: Arrays | None = Field(
        default=None,
        description="Pilots go in as job arrays, many with one command: for a slurmctld that limits how many "
        "requests a user may send (rl_enable in SlurmctldParameters). When it is left out, each pilot is a "
        "job by itself. With slurm only, and not where shared_home is false.",
        examples=[{"most": 100}],
    )
    missing_grace: Grace = duration_field(
        "120s",
        "How long a job may be absent from every listing and from accounting before it counts as lost, "
        "at least 1s.",
    )
    doubt_deadline: Grace = duration_field(
        "1h",
        "How long it may stay unknown whether the site took a pilot until an operator is told, at least 1s. "
        "Nothing is guessed then either.",
    )
    cancel_grace: Grace = duration_field(
        "120s",
        "How long a running pilot has to end in order, after SIGTERM, before its job is cancelled, at least "
        "1s.",
    )
    command_timeout: CommandTimeout = duration_field(
        "120s", "A batch command that takes longer than this is ended, 10s to 10m."
    )

    @property
    def codec_options(self) -> Mapping[str, Any]:
        """What the batch system's codec is made with. HTCondor's has it all in its own option."""
        options: dict[str, Any] = dict(self.batch_options)
        if self.shared_home is False and self.batch != "htcondor":
            options["shared_home"] = False
        if self.arrays:
            options["arrays"] = True
        return options

    @property
    def together(self) -> int:
        """How many pilots share a job array at most; 1: each is a job by itself."""
        return self.arrays.most if self.arrays else 1

    @property
    def ssh(self) -> SshAccess | None:
        """How its login nodes are reached; None: it is here."""
        if self.transport == "local" or self.key is None or self.known_hosts is None:
            return None
        key, known_hosts = self.key, self.known_hosts
        hops = tuple(self._hop(each, key, known_hosts) for each in self.jump)
        return SshAccess(self.login, key, known_hosts, hops, self.certificate, self.agent)

    def _hop(self, jump: JumpHost, key: Path, known_hosts: Path) -> Hop:
        """Certificate and agent belong to a key: one of its own has none of the cluster's."""
        certificate, agent = (None, None) if jump.key else (self.certificate, self.agent)
        return Hop(
            jump.host, jump.port, jump.account or self.account, jump.key or key,
            jump.known_hosts or known_hosts, jump.certificate or certificate, jump.agent or agent,
        )  # fmt: skip
