"""What HTCondor does to a pilot's ad before transforms see it: the new job is idle, without a past."""

from __future__ import annotations

from hosted_ce.routing.classad import Ad
from hosted_ce.routing.htcondor.remaps import remapped
from hosted_ce.routing.htcondor.routes import GRID, Route

_FORGOTTEN = (
    "ClusterId", "ProcId", "BufferBlockSize", "BufferSize", "CondorPlatform", "CondorVersion", "CoreSize",
    "GlobalJobId", "User", "OsUser", "QDate", "RemoteWallClockTime", "LastRemoteWallClockTime", "ServerTime",
    "AutoClusterId", "AutoClusterAttrs", "TotalSubmitProcs", "StageInFinish", "StageInStart", "UserLog",
    "UserLogUseXML", "DAGManNodesLog", "DAGManNodesMask", "TimerRemove", "SUBMIT_Iwd",
)  # fmt: skip
_RESET: dict[str, bool | int | float] = {
    "JobStatus": 1, "RemoteUserCpu": 0.0, "RemoteSysCpu": 0.0, "ExitStatus": 0, "CompletionDate": 0,
    "NumCkpts": 0, "NumRestarts": 0, "NumSystemHolds": 0, "CommittedTime": 0, "CommittedSlotTime": 0,
    "CumulativeSlotTime": 0, "TotalSuspensions": 0, "LastSuspensionTime": 0, "CumulativeSuspensionTime": 0,
    "CommittedSuspensionTime": 0, "ExitBySignal": False,
}  # fmt: skip


def begin_job(ad: Ad, route: Route, *, sandboxed: bool) -> None:
    """Changes the copy of a pilot's ad into that of a new job of the route."""
    for name in _FORGOTTEN:
        del ad[name]
    for name, value in _RESET.items():
        ad[name] = value
    universe = ad.get("JobUniverse")
    ad["JobUniverse"] = route.universe
    if universe is not None:
        ad["Remote_JobUniverse"] = universe
    if route.universe == GRID:
        del ad["CurrentHosts"]
        ad["GridResource"] = route.grid_resource
        if not sandboxed:
            _undo_remaps(ad)


def _undo_remaps(ad: Ad) -> None:
    """A job that is not sandboxed writes its output to where it is wanted."""
    remaps = ad.value("TransferOutputRemaps")
    if not isinstance(remaps, str) or not remaps:
        return
    del ad["TransferOutputRemaps"]
    for name in ("Out", "Err"):
        file = ad.value(name)
        if isinstance(file, str) and (wanted := remapped(remaps, file)):
            ad[name] = wanted
