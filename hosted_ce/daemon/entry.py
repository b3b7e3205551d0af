"""What a cluster's entry in the site file makes: its gateway, and the cluster as the engine knows it."""

from __future__ import annotations

from bosco.batch.registry import batch_system
from bosco.dialer import Dialer
from bosco.dials import local_dial, ssh_dial
from bosco.gateway import Gateway, Observer
from bosco.ssh.identity import OnLogin
from bosco.ssh.stream import Login
from hosted_ce.api.views import Patience
from hosted_ce.engine.cluster import Cluster
from hosted_ce.engine.judge import Policy
from hosted_ce.engine.left_out import LeftOut
from hosted_ce.engine.pushback import PushBack
from hosted_ce.settings import Settings
from hosted_ce.site import Cluster as Entry
from hosted_ce.site.cluster import SshAccess

ANSWER_GRACE_FACTOR = 2
"""A submit command may still be at it for so many times its own time limit after its answer was lost."""


def gateway_of(entry: Entry, observer: Observer, on_login: OnLogin) -> Gateway:
    """Its account at its login nodes, or here. `observer` is told of each operation, `on_login` of logins."""
    return Gateway(
        _dialer(entry, on_login),
        batch_system(entry.batch, entry.codec_options),
        command_timeout=entry.command_timeout,
        path=entry.path,
        environment=entry.environment,
        observer=observer,
    )


def cluster_of(
    name: str, entry: Entry, settings: Settings, gateway: Gateway, *, pushback: PushBack, left_out: LeftOut
) -> Cluster:
    """The cluster with the times and limits of the site file and the settings."""
    return Cluster(
        name,
        gateway,
        pushback=pushback,
        left_out=left_out,
        policy=Policy(entry.missing_grace, ANSWER_GRACE_FACTOR * entry.command_timeout, entry.doubt_deadline),
        interval=entry.poll,
        window=entry.submit_window,
        together=entry.together,
        scratch=str(entry.scratch) if entry.scratch else None,
        output_limit=settings.max_output,
        # A late request must find the claim, for as long as it may still be heeded.
        keep_folders=max(settings.keep_folders, entry.command_timeout),
        cancel_grace=entry.cancel_grace,
    )


def patience_of(entry: Entry) -> Patience:
    """For how long it waits for what, in seconds."""
    return Patience(entry.poll, entry.cancel_grace, entry.doubt_deadline, entry.missing_grace)


def _dialer(entry: Entry, on_login: OnLogin) -> Dialer:
    if entry.ssh is None:
        return Dialer([local_dial(python=entry.python, spool=entry.spool, account=entry.account)])
    logins = logins_of(entry.account, entry.ssh)
    return Dialer(
        [ssh_dial(login, python=entry.python, spool=entry.spool, on_login=on_login) for login in logins]
    )


def logins_of(account: str, access: SshAccess) -> list[Login]:
    """How its login nodes are logged in to, in their order."""
    via = tuple(
        Login(hop.host, hop.port, hop.account, hop.key, hop.known_hosts, (), hop.certificate, hop.agent)
        for hop in access.jump
    )
    return [
        Login(
            node.host,
            node.port,
            account,
            access.key,
            access.known_hosts,
            via,
            access.certificate,
            access.agent,
        )
        for node in access.login
    ]
