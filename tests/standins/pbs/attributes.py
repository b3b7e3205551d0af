"""A job's attributes, in the order and with the values that real servers print."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

from machine.state import Place

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
    chunk, used, words = f"{host}:ncpus={job['cpus']}", job["used"] or {}, job["words"]
    select = asked["l"].get("select")
    comment = _openpbs_comment(job, chunk, status, server)
    return _shown(
        (True, "Job_Name", job["name"]),
        (True, "Job_Owner", f"{job['owner']}@{server}"),
        (ran, "resources_used.cpupercent", "0"),
        (ran, "resources_used.cput", _clock(used.get("cpu_s", 0))),
        (ran, "resources_used.mem", f"{used.get('memory_kb', 7120)}kb"),
        (ran, "resources_used.ncpus", job["cpus"]),
        (ran, "resources_used.vmem", "10380kb"),
        (ran, "resources_used.walltime", _clock(_ran_for(job))),
        (True, "job_state", "F" if ended else STATES[job["phase"]]),
        (True, "queue", job["queue"]),
        (True, "server", server),
        ("A" in asked, "Account_Name", asked.get("A")),
        (True, "Checkpoint", "u"),
        (True, "ctime", date(job["submitted"])),
        (True, "Error_Path", f"{host}:{words['folder']}/{job['name']}.e{job['number']}"),
        (ran, "exec_host", f"{host}/0" + (f"*{job['cpus']}" if job["cpus"] > 1 else "")),
        (ran, "exec_vnode", f"({chunk})"),
        (True, "Hold_Types", job["hold"] or "n"),
        (True, "Join_Path", asked.get("j", "n")),
        (True, "Keep_Files", "n"),
        (True, "Mail_Points", asked.get("m", "a")),
        (True, "mtime", date(job["changed"])),
        (True, "Output_Path", f"{host}:{asked.get('o') or '/'}"),
        (True, "Priority", "0"),
        (True, "qtime", date(job["submitted"])),
        (True, "Rerunable", str(asked.get("r") != "n")),
        ("mem" in (select or ""), "Resource_List.mem", f"{job['memory_mb']}mb"),
        (True, "Resource_List.ncpus", job["cpus"]),
        (True, "Resource_List.nodect", "1"),
        (True, "Resource_List.place", asked["l"].get("place", "free" if select else "pack")),
        (True, "Resource_List.select", select or f"1:ncpus={job['cpus']}"),
        (True, "Resource_List.walltime", _clock(job["walltime_s"])),
        (ran, "stime", date(job["started"])),
        (ran and ended, "obittime", date(job["ended"])),
        (ran, "session_id", job["session"]),
        (ran, "jobdir", job["folder"]),
        (True, "substate", _substate(job, status)),
        (
            True,
            "Variable_List",
            f"PBS_O_HOME={job['folder']},PBS_O_LOGNAME={job['owner']},PBS_O_PATH=/usr/bin:/bin",
        ),
        (comment, "comment", comment),
        (not job["hold"], "etime", date(job["submitted"])),
        (ran, "run_count", "1"),
        (status is not None, "Stageout_status", "1"),
        (status is not None, "Exit_status", status),
        (True, "Submit_arguments", words["arguments"]),
        (ended, "history_timestamp", int(job["ended"] or 0)),
        (True, "project", "_pbs_project_default"),
        (True, "Submit_Host", server),
    )


def torque(place: Place, job: dict[str, Any]) -> Attributes:
    """As of `qstat -f`."""
    host, server, asked = place.settings["host"], place.settings["server"], job["words"]["asked"]
    ended, ran, status = job["phase"] == "ended", job["started"] is not None, exit_status("torque", job)
    used, words = job["used"] or {}, job["words"]
    wanted = {**asked["l"], **({} if "nodes" in asked["l"] else {"nodes": "1"}), "nodect": "1"}
    comment = _torque_comment(job)
    return _shown(
        (True, "Job_Name", job["name"]),
        (True, "Job_Owner", f"{job['owner']}@{server}"),
        (ran, "resources_used.cput", _clock(used.get("cpu_s", 0))),
        (ran, "resources_used.vmem", "11640kb"),
        (ran, "resources_used.walltime", _clock(_ran_for(job))),
        (ran, "resources_used.mem", f"{used.get('memory_kb', 8156)}kb"),
        (ran, "resources_used.energy_used", "0"),
        (True, "job_state", "C" if ended else STATES[job["phase"]]),
        (True, "queue", job["queue"]),
        (True, "server", server),
        ("A" in asked, "Account_Name", asked.get("A")),
        (True, "Checkpoint", "u"),
        (True, "ctime", date(job["submitted"])),
        (True, "Error_Path", f"{host}:{words['folder']}/{job['name']}.e{job['number']}"),
        (ran, "exec_host", f"{host}/0" + (f"-{job['cpus'] - 1}" if job["cpus"] > 1 else "")),
        (True, "Hold_Types", job["hold"] or "n"),
        (True, "Join_Path", asked.get("j", "n")),
        (True, "Keep_Files", "n"),
        (True, "Mail_Points", asked.get("m", "a")),
        (True, "mtime", date(job["changed"])),
        (True, "Output_Path", f"{host}:{asked.get('o') or '/'}"),
        (True, "Priority", "0"),
        (True, "qtime", date(job["submitted"])),
        (True, "Rerunable", str(asked.get("r") != "n")),
        *((True, f"Resource_List.{name}", value) for name, value in wanted.items()),
        (ran, "session_id", job["session"]),
        (True, "Variable_List", f"PBS_O_QUEUE={job['queue']},PBS_O_HOME={job['folder']}"),
        (True, "euser", job["owner"]),
        (True, "egroup", job["owner"]),
        (True, "queue_type", "E"),
        (comment, "comment", comment),
        (job["phase"] != "held", "etime", date(job["submitted"])),
        (status is not None, "exit_status", status),
        (True, "submit_args", words["arguments"]),
        (ran, "start_time", date(job["started"])),
        (ran and not ended, "Walltime.Remaining", int(job["walltime_s"] - _ran_for(job))),
        (ran, "start_count", "1"),
        (True, "fault_tolerant", "False"),
        (ended, "comp_time", date(job["ended"])),
        (True, "job_radix", "0"),
        (ended and ran, "total_runtime", f"{_ran_for(job):.6f}"),
        (True, "submit_host", server),
        (True, "init_work_dir", words["folder"]),
        (True, "request_version", "1"),
    )


FLAVOURS = {"openpbs": openpbs, "torque": torque}


def _shown(*rows: tuple[Any, str, Any]) -> Attributes:
    """Name and value of the rows whose condition holds."""
    return ((name, str(value)) for holds, name, value in rows if holds)


def _ran_for(job: dict[str, Any]) -> float:
    return float((job["ended"] or time.time()) - job["started"]) if job["started"] else 0.0


def _torque_comment(job: dict[str, Any]) -> str | None:
    if job["started"]:
        return time.strftime("Job started on %a %b %d at %H:%M", time.localtime(job["started"]))
    waits = job["words"]["stopped"] and job["phase"] == "queued"
    return "Not Running: Queue not started." if waits else None


def date(moment: float | None) -> str:
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
        return _torque_comment(job)
    run = time.strftime(f"Job run at %a %b %d at %H:%M on ({chunk})", time.localtime(job["started"]))
    if job["phase"] != "ended":
        return run
    ends = {
        "deleted": f"terminated by {job['owner']}@{server}",
        "walltime": "exceeded resource walltime",
        "memory": "exceeded resource mem",
    }
    return f"{run} and {ends.get(job['cause'], 'finished' if status == 0 else 'failed')}"
