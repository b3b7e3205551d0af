"""The submit file of one entry of a GlideinWMS factory (3.11), as `create_glidein` writes it. Pure.

A factory writes it once for each entry; what differs from one submission to the next comes as environment
variables of condor_submit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

FACTORY, GLIDEIN, CLIENT = "Lab_Factory", "gfactory_lab", "Lab_Frontend.main"

Literal = str | int | float | bool


@dataclass(frozen=True)
class Entry:
    """One entry of the factory: a CE, and the attributes that every pilot sent there gets."""

    schedd: str
    """The name of the CE's schedd, which its collector knows."""
    collector: str
    """`host:port`; the audience of SciTokens for this CE."""
    name: str = "Lab_Entry"
    attributes: Mapping[str, Literal] = field(
        default_factory=lambda: {"+maxMemory": 100, "+maxWallTime": 20, "+xcount": 1}
    )
    """`submit_attrs` of the entry, left side as it stands in the file: `+queue`, `Request_GPUs`."""


def submit_file(entry: Entry) -> str:
    """The text of `job.condor`."""
    lines = [
        '+SciTokensFile = "$ENV(SCITOKENS_FILE:)"',
        "Universe = grid",
        f"Grid_Resource = condor {entry.schedd} {entry.collector}",
        f"Executable = entry_{entry.name}/glidein_startup.sh",  # of its own, since it is read at stage-in
        "copy_to_spool = True",
        "Arguments = $ENV(GLIDEIN_ARGUMENTS)",
        "transfer_Input_files = $ENV(IDENTITY_CREDENTIALS:)",
        "encrypt_Input_files = $ENV(IDENTITY_CREDENTIALS:)",
        "Transfer_Executable = True",
        "transfer_Output_files =",
        "WhenToTransferOutput = ON_EXIT",
        "stream_output = False",
        "stream_error = False",
        "job_ad_information_attrs = GlideinOverloadEnabled",
        '+TransferOutput = ""',
        "x509userproxy = $ENV(X509_USER_PROXY:)",
        *(f"{name} = {_literal(value)}" for name, value in entry.attributes.items()),
        *(f"+Glidein{name} = {_literal(value)}" for name, value in _glidein(entry).items()),
        '+fename = "$ENV(GLIDEIN_USER)"',
        f"periodic_remove = {_PERIODIC_REMOVE}",
        "Notification = Never",
        "+Owner = undefined",
        f"Log = entry_{entry.name}/condor_activity_{CLIENT}.log",
        f"Output = entry_{entry.name}/job.$(Cluster).$(Process).out",
        f"Error = entry_{entry.name}/job.$(Cluster).$(Process).err",
        "Queue $ENV(GLIDEIN_COUNT)",
    ]
    return "\n".join([*lines, ""])


def arguments(entry: Entry, own: Sequence[str] = ()) -> str:
    """What the factory passes to every glidein; `own` arguments come last but for the job's number."""
    web = "http://factory.lab.test/factory/stage"
    words = [
        *("-v", "std", "-name", GLIDEIN, "-entry", entry.name, "-clientname", CLIENT),
        *("-schedd", "schedd_glideins1@factory.lab.test", "-proxy", "OSG", "-factory", FACTORY, "-web", web),
        *("-sign", _SIGN, "-signentry", _SIGN, "-signtype", "sha1"),
        *("-descript", "description.oa1b2c.cfg", "-descriptentry", "description.oa1b2c.cfg", "-dir", "OSG"),
        *("-param_GLIDEIN_Client", CLIENT, "-submitcredid", "123456", "-slotslayout", "fixed"),
        *("-clientweb", web, "-clientsign", _SIGN, "-clientsigntype", "sha1", "-clientgroup", "main"),
        *("-param_CONDOR_VERSION", "default", "-param_GLIDEIN_Glexec_Use", "NEVER"),
        *("-param_GLIDEIN_Collector", "pool.dot,lab.dot,test.colon,9618.comma,pool2.dot,lab.dot,test"),
        *own,
        *("-cluster", "$(Cluster)", "-subcluster", "$(Process)"),
    ]
    return " ".join(words)


def _glidein(entry: Entry) -> dict[str, Literal]:
    return {
        "Factory": FACTORY,
        "Name": GLIDEIN,
        "EntryName": entry.name,
        "EntrySubmitFile": f"entry_{entry.name}/job.condor",
        "Client": CLIENT,
        "FrontendName": "Lab_Frontend:frontend",
        "CredentialIdentifier": "123456",
        "SecurityClass": "frontend",
        "WebBase": "http://factory.lab.test/factory/stage",
        "LogNr": "20261126",
        "WorkDir": "OSG",
        "SlotsLayout": "fixed",
        "MaxWalltime": 1200,
        "OverloadEnabled": False,
        "ProxyURL": "OSG",
    }


def _literal(value: Literal) -> str:
    if isinstance(value, bool):
        return str(value)
    return f'"{value}"' if isinstance(value, str) else str(value)


_SIGN = "da39a3ee5e6b4b0d3255bfef95601890afd80709"

_LIFETIME = "$ENV(GLIDEIN_IDLE_LIFETIME)"

_PERIODIC_REMOVE = (
    "(isUndefined(GlideinSkipIdleRemoval)==True || GlideinSkipIdleRemoval==False)"
    f" && (JobStatus==1 && isInteger({_LIFETIME}) && {_LIFETIME}>0 && (time() - QDate)>{_LIFETIME})"
    " || (JobStatus==2 && ((time() - EnteredCurrentStatus) > (GlideinMaxWalltime + 12*60*60)))"
)
