"""Values of the Helm chart osg-hosted-ce: every key is taken over, or named with the reason why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hosted_ce.site_import import helm_net, remote
from hosted_ce.site_import.facts import Facts
from hosted_ce.site_import.helm_config import take_condor_config
from hosted_ce.site_import.helm_users import take_users
from hosted_ce.site_import.osg_configure import take_osg_configure
from hosted_ce.site_import.secrets import ADVICE, holds_secret, show
from hosted_ce.site_import.source import Source
from hosted_ce.site_import.values import Found, Values

_IN_TOPOLOGY = "OSG Topology has it"
_KUBERNETES = "it is about Kubernetes; how this CE runs is said by its service's own settings"
_STATE = "the CE keeps its state in one folder (HOSTED_CE_STATE), and batch jobs go on while it restarts"

_UNNEEDED: Mapping[str, str] = {
    "Instance": _KUBERNETES,
    "Topology.Sponsor": _IN_TOPOLOGY,
    "Topology.Contact": _IN_TOPOLOGY,
    "Topology.City": _IN_TOPOLOGY,
    "Topology.Country": _IN_TOPOLOGY,
    "Topology.Latitude": _IN_TOPOLOGY,
    "Topology.Longitude": _IN_TOPOLOGY,
    "RemoteCluster.BoscoDir": "nothing is installed at the site; the folder can go when the old CE is gone",
    "Networking.ServiceType": _KUBERNETES,
    "Persistence.LogVolume": "the log goes to standard error",
    "Persistence.LibCondorCeVolume": _STATE,
    "Persistence.IdtokenKeyVolume": _STATE,
    "BoscoOverrides.RepoNeedsPrivKey": "no repository is read",
    "BoscoOverrides.GitKeySecret": "no repository is read",
    "BoscoOverrides.TarballURL": "nothing is installed at the site",
    "HostCredentials.CertificateIssuerKind": _KUBERNETES,
    "ContainerTags.HostedCE": _KUBERNETES,
    "ContainerTags": _KUBERNETES,
    "NodeSelection": _KUBERNETES,
    "ServiceAnnotations": _KUBERNETES,
    "Debug": "a site that cannot be reached never keeps the CE from starting",
    "USER-SUPPLIED VALUES": "it is Helm's own headline",
    "COMPUTED VALUES": "it is Helm's own headline",
    "HTTPLogger": "the chart has dropped it",
    "LetsEncryptStaging": "the chart has dropped it",
}

_OFFERS: Mapping[str, Callable[[Found, Facts], None]] = {
    "RemoteCluster.CoresPerNode": remote.offer_cpus,
    "RemoteCluster.MemoryPerNode": remote.offer_memory,
    "RemoteCluster.MaxWallTime": remote.offer_walltime,
    "RemoteCluster.GridDir": remote.offer_client,
    "RemoteCluster.WorkerNodeTemp": remote.offer_scratch,
    "RemoteCluster.Squid": remote.offer_squid,
}

_PLACEHOLDERS = {
    "Topology.Resource": "RESOURCE_NAME",
    "Topology.ResourceGroup": "RESOURCE_GROUP",
    "Topology.ContactEmail": "support@example.edu",
    "RemoteCluster.LoginHost": "remote-ssh.login.org",
}
"""What the chart has where nobody said anything."""


def take_values(source: Source, facts: Facts) -> None:
    """Takes what the values say. Raises SourceError where they cannot be read."""
    values = Values(source)
    if (config := values.take("OsgConfigureConfig")) and _is_text(config, facts):
        take_osg_configure(values.text_of(config), facts)
        facts.notes.mapped(config.place, config.what, "its sections, each by itself")
    _take_names(values, facts)
    _take_cluster(values, facts)
    for path, offer in _OFFERS.items():
        if found := values.take(path):
            offer(found, facts)
    helm_net.take_networking(values, facts)
    take_users(values, facts)
    if (config := values.take("HTCondorCeConfig")) and _is_text(config, facts):
        take_condor_config(config, values.text_of(config), facts)
    for path, why in _UNNEEDED.items():
        if found := values.take(path):
            facts.notes.unneeded(found.place, _shown(found), why)
    for found in values.rest():
        if holds_secret(str(found.value)):
            facts.notes.person(found.place, found.what, ADVICE)
        else:
            facts.notes.person(found.place, _shown(found), "this key of the chart is not known here")


def _is_text(found: Found, facts: Facts) -> bool:
    if isinstance(found.value, str):
        return True
    facts.notes.person(found.place, found.what, "a text is expected here, and this is none")
    return False


def _shown(found: Found) -> str:
    return show(found.what, found.text) if found.text is not None else found.what


def _take_names(values: Values, facts: Facts) -> None:
    for path, target in (
        ("Topology.Resource", "resource"),
        ("Topology.ResourceGroup", "resource_group"),
        ("Topology.ContactEmail", "contact"),
    ):
        if (found := values.take(path)) and (words := _said(found, facts)):
            facts.offer(target, words, found)


def _take_cluster(values: Values, facts: Facts) -> None:
    host = values.take("RemoteCluster.LoginHost")
    if host and (words := _said(host, facts)):
        remote.offer_login(words, host, facts)
    batch = values.take("RemoteCluster.Batch")
    if batch and (words := facts.words(batch)):
        remote.offer_batch(words, batch, facts)
    elif not batch:
        remote.offer_batch("slurm", remote.nowhere("RemoteCluster.Batch, the chart's default"), facts)
    if not values.take("RemoteCluster.WorkerNodeTemp"):
        default = Found("/tmp", remote.nowhere("").place, "RemoteCluster.WorkerNodeTemp, the chart's default")  # noqa: S108
        remote.offer_scratch(default, facts)
    helm_net.take_login(values, facts)


def _said(found: Found, facts: Facts) -> str | None:
    """The text, unless it is what the chart has where nobody said anything."""
    if found.text == _PLACEHOLDERS.get(found.what):
        facts.notes.person(found.place, show(found.what, found.text), "this is the chart's own placeholder")
        return None
    return facts.words(found)
