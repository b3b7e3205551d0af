"""Random pilots as factories send them: what HTCondor-CE's defaults and sites' routes look at."""

from __future__ import annotations

from random import Random

_OWNERS = (
    '"osg01"', '"osg02"', '"osg03"', '"cms"', '"usatlas1"', '"slurm"', '"pbs"', '"lsf"', '"sge"', '"x\\"y"',
)  # fmt: skip
_ENVIRONMENTS = (
    '"A=1 B=2"', "\"A='x y'\"", '""', '"A=1;B=2"', '"CONDORCE_COLLECTOR_HOST=z OSG_A=q"', "undefined",
    "\"A='\"", '"HOME=/h PATH=/bin:/usr/bin"',
)  # fmt: skip
CHOICES: dict[str, tuple[str, ...]] = {
    "Owner": _OWNERS,
    "JobUniverse": ("5", "5", "5", "1"),
    "xcount": ("1", "8", "0", "undefined", '"x"', "2+2", "1.5"),
    "RequestCpus": ("1", "8", "0", "RequestMemory", "undefined", "1.5", '"a"'),
    "maxMemory": ("4000", "0", "undefined", "2.5", "error"),
    "RequestMemory": ("128", "undefined", "xcount * 2000"),
    "maxWallTime": ("60", "0", "undefined", "1.5", '"x"'),
    "BatchRuntime": ("3600", "undefined", "0"),
    "minWalltime": ("10", "undefined", "x"),
    "queue": ('"q"', '"prod"', '"analy"', '"mp8"', '""', "undefined", '"a\\"b"', "5", "strcat(Owner, 1)"),
    "BatchQueue": ('"bq"', "undefined", '""'),
    "WantWholeNode": ("true", "false", "undefined", "1", '"true"'),
    "RequestGPUs": ("1", "0", "undefined", "2"),
    "Environment": _ENVIRONMENTS,
    "Requirements": ("true", "false", "(true)", "TARGET.x > 1", "undefined", "True", '(OpSys == "LINUX")'),
    "OnExitHold": ("false", "true", "ExitCode == 1", "undefined"),
    "OnExitHoldReason": ('"r"', 'strcat("a",ExitCode)'),
    "OnExitHoldSubCode": ("3", "undefined"),
    "AuthTokenSubject": ('"s"',),
    "AuthTokenIssuer": ('"https://scitokens.org/osg-connect"', '"https://cms-auth.web.cern.ch/"'),
    "AuthTokenScopes": ('"condor:/READ condor:/WRITE"',),
    "PeriodicRemove": ("false", "JobStatus == 5"),
    "TotalSubmitProcs": ("1",),
    "default_CERequirements": ('"A,B"', "undefined", "5"),
    "IsCOVID19": ("true", "false", "undefined", '"true"'),
    "distro": ('"RHEL7"', '"RHEL9"', '"rhel9"'),
    "osgTestBatchSystem": ('"slurm"', '"pbs"', '"condor"', '"SLURM"'),
    "x509UserProxyFirstFQAN": ('"/cms/Role=pilot/Capability=NULL"', '"/atlas/usatlas"'),
    "x509UserProxyVOName": ('"cms"', '"atlas"'),
    "Want": ('"site1"', '"site2"'),
    "AcctSubGroup": ('"muon"', "undefined"),
    "AcctGroup": ('"old"',),
    "GlideinEntryName": ('"Glow_US_Example"',),
    "RequestDisk": ("100", "5000000", "undefined"),
    "ChirpDelayed": ("1",),
    "Out": ('"_condor_stdout"',),
    "TransferOutputRemaps": ('"_condor_stdout=/var/log/out"', '"a=b"'),
}
_ALWAYS = ("Owner", "JobUniverse")


def pilot(random: Random, number: int) -> str:
    """A pilot that HTCondor would look at."""
    lines = [f"ClusterId = {number}", "ProcId = 0", "JobStatus = 1"]
    for name, values in CHOICES.items():
        if name in _ALWAYS or random.random() < 0.3:
            lines.append(f"{name} = {random.choice(values)}")
    return "\n".join(lines) + "\n"


def route(random: Random) -> str:
    """The lines of a route that says some of what HTCondor-CE's defaults read."""
    universe = random.choice(
        ("TargetUniverse = 9", "TargetUniverse = 5", "UNIVERSE VANILLA", "UNIVERSE grid", "")
    )
    lines = [universe] if universe else []
    for options in (
        ('GridResource = "batch slurm"',),
        ("default_xcount = 4", "default_xcount = RequestCpus", "default_xcount =", "default_xcount = 2*2"),
        ("default_maxMemory = 3000", "default_maxMemory = 2500+1", "default_maxMemory = RequestMemory"),
        ("default_queue = osg", 'default_queue = "osg"', "default_queue ="),
        ("default_maxWallTime = 1440", "default_maxWallTime = xcount", "default_maxWallTime ="),
        ('SET default_CERequirements "X"', 'SET default_CERequirements "WallTime,Acct"'),
        ('default_pilot_job_env = "P=1"', 'default_pilot_job_env = strcat("a=", queue)'),
        ("default_pilot_job_env = bad bad",),
        ('SET BatchQueue "forced"',),
        ("SET RequestMemory 77",),
    ):  # fmt: skip
        if random.random() < 0.3:
            lines.append(random.choice(options))
    return "\n".join(lines)
