"""How the chart's CE is reached and reaches the site: keys, names, certificates, collectors, overrides."""

from __future__ import annotations

from collections.abc import Mapping

from hosted_ce.site_import.facts import Facts
from hosted_ce.site_import.secrets import ADVICE, holds_secret, show
from hosted_ce.site_import.values import Found, Values

COLLECTOR = "collector.opensciencegrid.org:9619"
ITB_COLLECTOR = "collector-itb.opensciencegrid.org:9619"

_KEY = (
    "the site file has the path of a key file. Make a new key (docs: First site, step 2) and give its "
    "public part to the site, or take bosco.key out of this secret"
)
_JUMP = (
    "write it as `jump:` of the cluster, with the account and the host keys there, and have the site put our "
    "line for it into its authorized_keys (docs: First site, step 3)"
)
_TOLD: Mapping[str, str] = {
    "RemoteCluster.PrivateKeySecret": _KEY,
    "RemoteCluster.SSHCertificateSecret": (
        "put the certificate beside the key, under the key's name with -cert.pub (docs: Keys, A certificate)"
    ),
    "RemoteCluster.ProxyJump": _JUMP,
    "RemoteCluster.ProxyJumpUser": _JUMP,
    "Networking.RequestIP": "the DNS records of the CE's name lead to it; let them lead to the new CE",
    "HostCredentials.CertificateIssuer": "get a host certificate for the CE's name; none is renewed here",
    "HostCredentials.HostCertKeySecret": "put the certificate and its key where front_door: says",
    "CentralCollector.IDTokenSecret": "put the token into the front door's tokens.d (docs: Front door)",
    "BoscoOverrides.GitEndpoint": "see BoscoOverrides.Enabled",
    "BoscoOverrides.BoscoOverrideDir": "see BoscoOverrides.Enabled",
}
_OVERRIDES = (
    "scripts from a repository change what is submitted. Give this command the site's folder of that "
    "repository, too: what *_local_submit_attributes.sh prints is taken over"
)
_OFF_BY_DEFAULT = ("BoscoOverrides.GitEndpoint", "BoscoOverrides.BoscoOverrideDir")


def take_login(values: Values, facts: Facts) -> None:
    """The ways to the login node."""
    if hosts := values.take("RemoteCluster.KnownHosts"):
        _known_hosts(hosts, facts)
    mode = values.take("RemoteCluster.SSHBatchMode")
    if mode and mode.truth is not True:
        message = (
            "the site asks for a PIN or a password, which this CE cannot give: a key alone must be enough"
        )
        facts.notes.person(mode.place, show(mode.what, mode.value), message)
    elif mode:
        facts.notes.unneeded(mode.place, mode.what, "a key alone is used anyway")
    shell = values.take("RemoteCluster.LoginShell")
    if shell and shell.truth is not True:
        message = (
            "the account's own shell runs the agent here, as for any command over SSH. Check that it "
            "finds the batch system's commands, and prints nothing by itself"
        )
        facts.notes.person(shell.place, show(shell.what, shell.value), message)
    elif shell:
        message = "the account's own shell runs the agent; it must find the batch system's commands"
        facts.notes.unneeded(shell.place, shell.what, message)


def _known_hosts(hosts: Found, facts: Facts) -> None:
    text = hosts.value
    if not isinstance(text, str) or holds_secret(text):
        message = ADVICE if isinstance(text, str) else "a text is expected here"
        facts.notes.person(hosts.place, hosts.what, message)
        return
    facts.known_hosts = "".join(f"{line.strip()}\n" for line in text.splitlines() if line.strip())
    facts.notes.mapped(hosts.place, hosts.what, "a file known_hosts, for /etc/hosted-ce/known_hosts")


def take_networking(values: Values, facts: Facts) -> None:
    """The CE's own name, its certificate, and who is told of it."""
    host = values.take("Networking.Hostname")
    if host and (words := facts.words(host)):
        facts.offer("host", words.lower(), host)
    overrides = values.take("BoscoOverrides.Enabled")
    enabled = overrides is not None and overrides.truth is not False
    for path, message in _TOLD.items():
        found = values.take(path)
        if found is None:
            continue
        if path in _OFF_BY_DEFAULT and not enabled:
            facts.notes.unneeded(found.place, found.what, "BoscoOverrides is switched off")
        elif holds_secret(str(found.value)):
            facts.notes.person(found.place, found.what, ADVICE)
        else:
            facts.notes.person(found.place, _shown(found), message)
    if overrides and enabled:
        facts.notes.person(overrides.place, show(overrides.what, overrides.value), _OVERRIDES)
    elif overrides:
        facts.notes.unneeded(overrides.place, overrides.what, "it is switched off")
    _take_certificate(values, facts)
    _take_grid(values, facts)
    _take_external(values, facts)


def _shown(found: Found) -> str:
    """A secret's name is not a secret, and is shown; a key in its place is not."""
    text = found.text
    return f"{found.what} = {text[:60]}" if text and text.isprintable() and len(text) < 100 else found.what  # noqa: PLR2004


def _take_certificate(values: Values, facts: Facts) -> None:
    found = values.take("HostCredentials.CreateCertificate")
    if found and found.truth is not False:
        message = "get a host certificate for the CE's name; this CE makes none (docs: Front door)"
        facts.notes.person(found.place, show(found.what, found.value), message)
    elif found:
        facts.notes.unneeded(found.place, found.what, "it is switched off")


def _take_grid(values: Values, facts: Facts) -> None:
    production = values.take("Topology.Production")
    if production and production.truth is not True:
        facts.offer("collector", ITB_COLLECTOR, production, "; as a comment")
        message = "this is a CE of the ITB: ask its operators which collector it is to advertise to"
        facts.notes.person(production.place, show(production.what, production.value), message)
    elif production:
        facts.offer("collector", COLLECTOR, production, "; as a comment, for the day of the change")
    developer = values.take("Developer.Enabled")
    if developer and developer.truth is not False:
        message = "it made a test certificate and a CE of the ITB; this CE has `hosted-ce demo` to try things"
        facts.notes.person(developer.place, show(developer.what, developer.value), message)
    elif developer:
        facts.notes.unneeded(developer.place, developer.what, "it is switched off")


def _take_external(values: Values, facts: Facts) -> None:
    external = values.take("ExternalHTCondorCeConfig")
    if external is None:
        return
    items = external.value if isinstance(external.value, list) else []
    for index, item in enumerate(items):
        part = values.inside(external, index)
        facts.notes.person(
            part.place,
            show(part.what, _named(item)),
            "this configuration is elsewhere: give this command a copy of it, too. If it only lists "
            "factories by host, it is not needed: the front door takes tokens",
        )
    if not items:
        facts.notes.person(external.place, external.what, "a list is expected here")


def _named(item: object) -> str:
    return "/".join(str(each) for each in item.values()) if isinstance(item, Mapping) else str(item)
