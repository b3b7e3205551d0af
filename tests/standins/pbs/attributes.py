"""A job's attributes, in the order and with the values that real servers print."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

from machine.state import Place
from pbs.common import job_id

Attributes = Iterator[tuple[str, str]]
STATES = {"queued": "Q", "held": "H", "running": "R"}
LIMITS = {"openpbs": {"walltime": -29, "memory": -27}, "torque": {"walltime": -11, "memory": -10}}


def exit_status(flavour: str, job: dict[str, Any]) -> int | None:
    """What the server keeps of the end: None for a job that never ran."""
    status = job["wait_status"]
    if status is None:
        return None
    if job["cause"] in LIMITS[flavour]:
        return LIMITS[flavour][job["cause"]]
    if job["cause"] == "deleted":
        return 256 + signal.SIGTERM
    if os.WIFSIGNALED(status):
        return 256 + os.WTERMSIG(status)
    return os.WEXITSTATUS(status)


def openpbs(place: Place, job: dict[str, Any]) -> Attributes:
    """As of `qstat -x -f`."""
    host, server, asked = place.settings["host"], place.settings["server"], job["words"]["asked"]
    ended, ran, status = job["phase"] == "ended", job["started"] is not None, exit_status("openpbs", job)
    chunk = f"{host}:ncpus={job['cpus']}"
    yield "Job_Name", job["name"]
    yield "Job_Owner", f"{job['owner']}@{server}"
    if ran:
        yield "resources_used.cpupercent", "0"
        yield "resources_used.cput", _clock(job["used"]["cpu_s"] if job["used"] else 0)
        yield "resources_used.mem", f"{job['used']['memory_kb'] if job['used'] else 7120}kb"
        yield "resources_used.ncpus", str(job["cpus"])
        yield "resources_used.vmem", "10380kb"
        yield "resources_used.walltime", _clock((job["ended"] or time.time()) - job["started"])
    yield "job_state", "F" if ended else STATES[job["phase"]]
    yield "queue", job["queue"]
    yield "server", server
    if account := asked.get("A"):
        yield "Account_Name", account
    yield "Checkpoint", "u"
    yield "ctime", date(job["submitted"])
    yield "Error_Path", f"{host}:{job['words']['folder']}/{job['name']}.e{job['number']}"
    if ran:
        yield "exec_host", f"{host}/0" + (f"*{job['cpus']}" if job["cpus"] > 1 else "")
        yield "exec_vnode", f"({chunk})"
    yield "Hold_Types", job["hold"] or "n"
    yield "Join_Path", asked.get("j", "n")
    yield "Keep_Files", "n"
    yield "Mail_Points", asked.get("m", "a")
    yield "mtime", date(job["changed"])
    yield "Output_Path", f"{host}:{asked.get('o') or '/'}"
    yield "Priority", "0"
    yield "qtime", date(job["submitted"])
    yield "Rerunable", "False" if asked.get("r") == "n" else "True"
    if "mem" in asked["l"].get("select", ""):
        yield "Resource_List.mem", f"{job['memory_mb']}mb"
    yield "Resource_List.ncpus", str(job["cpus"])
    yield "Resource_List.nodect", "1"
    yield "Resource_List.place", asked["l"].get("place", "free" if "select" in asked["l"] else "pack")
    yield "Resource_List.select", asked["l"].get("select", f"1:ncpus={job['cpus']}")
    yield "Resource_List.walltime", _clock(job["walltime_s"])
    if ran:
        yield "stime", date(job["started"])
        if ended:
            yield "obittime", date(job["ended"])
        yield "session_id", str(job["session"])
        yield "jobdir", job["folder"]
    yield "substate", _substate(job, status)
    yield "Variable_List", f"PBS_O_HOME={job['folder']},PBS_O_LOGNAME={job['owner']},PBS_O_PATH=/usr/bin:/bin"
    if comment := _openpbs_comment(job, chunk, status, server):
        yield "comment", comment
    yield "etime", date(job["submitted"])
    if ran:
        yield "run_count", "1"
    if status is not None:
        yield "Stageout_status", "1"
        yield "Exit_status", str(status)
    yield "Submit_arguments", job["words"]["arguments"]
    if ended:
        yield "history_timestamp", str(int(job["ended"]))
    yield "project", "_pbs_project_default"
    yield "Submit_Host", server


def torque(place: Place, job: dict[str, Any]) -> Attributes:
    """As of `qstat -f`."""
    host, server, asked = place.settings["host"], place.settings["server"], job["words"]["asked"]
    ended, ran, status = job["phase"] == "ended", job["started"] is not None, exit_status("torque", job)
    yield "Job_Name", job["name"]
    yield "Job_Owner", f"{job['owner']}@{server}"
    if ran:
        yield "resources_used.cput", _clock(job["used"]["cpu_s"] if job["used"] else 0)
        yield "resources_used.vmem", "11640kb"
        yield "resources_used.walltime", _clock((job["ended"] or time.time()) - job["started"])
        yield "resources_used.mem", f"{job['used']['memory_kb'] if job['used'] else 8156}kb"
        yield "resources_used.energy_used", "0"
    yield "job_state", "C" if ended else STATES[job["phase"]]
    yield "queue", job["queue"]
    yield "server", server
    if account := asked.get("A"):
        yield "Account_Name", account
    yield "Checkpoint", "u"
    yield "ctime", date(job["submitted"])
    yield "Error_Path", f"{host}:{job['words']['folder']}/{job['name']}.e{job['number']}"
    if ran:
        yield "exec_host", f"{host}/0" + (f"-{job['cpus'] - 1}" if job["cpus"] > 1 else "")
    yield "Hold_Types", job["hold"] or "n"
    yield "Join_Path", asked.get("j", "n")
    yield "Keep_Files", "n"
    yield "Mail_Points", asked.get("m", "a")
    yield "mtime", date(job["changed"])
    yield "Output_Path", f"{host}:{asked.get('o') or '/'}"
    yield "Priority", "0"
    yield "qtime", date(job["submitted"])
    yield "Rerunable", "False" if asked.get("r") == "n" else "True"
    for name, value in asked["l"].items():
        yield f"Resource_List.{name}", _clock(job["walltime_s"]) if name == "walltime" else value
    if "nodes" not in asked["l"]:
        yield "Resource_List.nodes", "1"
    yield "Resource_List.nodect", "1"
    if ran:
        yield "session_id", str(job["session"])
    yield (
        "Variable_List",
        f"PBS_O_QUEUE={job['queue']},PBS_O_HOME={job['folder']},PBS_O_LOGNAME={job['owner']}",
    )
    yield "euser", job["owner"]
    yield "egroup", job["owner"]
    yield "queue_type", "E"
    if ran:
        yield "comment", time.strftime("Job started on %a %b %d at %H:%M", time.localtime(job["started"]))
    elif job["words"]["stopped"] and not ended:
        yield "comment", "Not Running: Queue not started."
    if job["phase"] != "held":
        yield "etime", date(job["submitted"])
    if status is not None:
        yield "exit_status", str(status)
    yield "submit_args", job["words"]["arguments"]
    if ran:
        yield "start_time", date(job["started"])
        if not ended:
            yield "Walltime.Remaining", str(int(job["walltime_s"] - (time.time() - job["started"])))
        yield "start_count", "1"
    yield "fault_tolerant", "False"
    if ended:
        yield "comp_time", date(job["ended"])
    yield "job_radix", "0"
    if ended and ran:
        yield "total_runtime", f"{job['ended'] - job['started']:.6f}"
    yield "submit_host", server
    yield "init_work_dir", job["words"]["folder"]
    yield "request_version", "1"


FLAVOURS = {"openpbs": openpbs, "torque": torque}


def date(moment: float) -> str:
    """In the time zone of whoever asks."""
    return time.ctime(moment)


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"


def _substate(job: dict[str, Any], status: int | None) -> str:
    if job["phase"] != "ended":
        return {"queued": "10", "held": "20", "running": "42"}[job["phase"]]
    return "91" if job["cause"] == "deleted" else "92" if status == 0 else "93"


def _openpbs_comment(job: dict[str, Any], chunk: str, status: int | None, server: str) -> str | None:
    if job["started"] is None:
        return (
            "Not Running: Queue not started."
            if job["words"]["stopped"] and job["phase"] == "queued"
            else None
        )
    run = time.strftime(f"Job run at %a %b %d at %H:%M on ({chunk})", time.localtime(job["started"]))
    if job["phase"] != "ended":
        return run
    ends = {
        "deleted": f"terminated by {job['owner']}@{server}",
        "walltime": "exceeded resource walltime",
        "memory": "exceeded resource mem",
    }
    return f"{run} and {ends.get(job['cause'], 'finished' if status == 0 else 'failed')}"


__all__ = ["FLAVOURS", "exit_status", "job_id"]
