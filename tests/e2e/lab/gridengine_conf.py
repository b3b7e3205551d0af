"""The configuration of the lab's Grid Engine, in qconf's own forms, without what its defaults say as well."""

from __future__ import annotations

from pathlib import Path

QUEUE, PARALLEL_ENVIRONMENT = "all.q", "smp"
NOTIFY_S = 5
"""From SIGUSR2 to SIGKILL."""
_DEFAULTS = Path("/usr/share/gridengine/default-configuration")
_NONE = (
    "suspend_thresholds", "ckpt_list", "prolog", "epilog", "starter_method", "suspend_method",
    "resume_method", "terminate_method", "owner_list", "user_lists", "xuser_lists", "subordinate_list",
    "complex_values", "projects", "xprojects", "calendar", "load_thresholds",
)  # fmt: skip
_LIMITS = ("rt", "cpu", "fsize", "data", "stack", "core", "rss", "vmem")


def bootstrap(folder: Path) -> str:
    """Where the qmaster keeps what it knows. It becomes the user of Debian's package."""
    lines = {
        "admin_user": "sgeadmin", "default_domain": "none", "ignore_fqdn": "false",
        "spooling_method": "berkeleydb", "spooling_lib": "libspoolb", "spooling_params": folder / "spool",
        "binary_path": "/usr/sbin", "qmaster_spool_dir": folder / "qmaster", "security_mode": "none",
        "listener_threads": 2, "worker_threads": 2, "scheduler_threads": 1,
    }  # fmt: skip
    return _form(lines)


def cluster(folder: Path, first_gid: int) -> str:
    """Accounting is written at once; jobs have group ids that no other lab uses."""
    changed = {
        "execd_spool_dir": str(folder / "execd"),
        "administrator_mail": "none",
        "load_report_time": "00:00:02",
        "reporting_params": "accounting=true reporting=false flush_time=00:00:00 "
        "accounting_flush_time=00:00:00 joblog=false sharelog=00:00:00",
        "gid_range": f"{first_gid}-{first_gid + 49}",
    }
    lines = [line.split(None, 1) for line in _DEFAULTS.read_text().splitlines() if not line.startswith("#")]
    return _form(
        {name: changed.get(name, value) for name, value in (line for line in lines if len(line) == 2)}
    )


def scheduler(shown: str) -> str:
    """What `qconf -ssconf` showed, and every second."""
    changed = {
        "schedule_interval": "0:0:1", "flush_submit_sec": "1", "flush_finish_sec": "1",
        "job_load_adjustments": "none",
    }  # fmt: skip
    lines = (line.split(None, 1) for line in shown.splitlines() if line.strip())
    return _form({name: changed.get(name, value) for name, value in lines})


def parallel_environment() -> str:
    """All slots of a job on one node."""
    lines = {
        "pe_name": PARALLEL_ENVIRONMENT, "slots": 999, "user_lists": "NONE", "xuser_lists": "NONE",
        "start_proc_args": "NONE", "stop_proc_args": "NONE", "allocation_rule": "$pe_slots",
        "control_slaves": "FALSE", "job_is_first_task": "TRUE", "urgency_slots": "min",
        "accounting_summary": "FALSE", "qsort_args": "NONE",
    }  # fmt: skip
    return _form(lines)


def queue(slots: int) -> str:
    """One queue on this machine, whatever its load."""
    lines = {
        "qname": QUEUE, "hostlist": "localhost", "seq_no": 0, "nsuspend": 1, "suspend_interval": "00:05:00",
        "priority": 0, "min_cpu_interval": "00:05:00", "processors": "UNDEFINED", "qtype": "BATCH",
        "pe_list": PARALLEL_ENVIRONMENT, "rerun": "FALSE", "slots": slots, "tmpdir": "/tmp",
        "shell": "/bin/sh", "shell_start_mode": "posix_compliant", "notify": f"00:00:{NOTIFY_S:02}",
        "initial_state": "default", **dict.fromkeys(_NONE, "NONE"),
        **{f"{kind}_{limit}": "INFINITY" for limit in _LIMITS for kind in "sh"},
    }  # fmt: skip
    return _form(lines)


def _form(lines: dict[str, object]) -> str:
    return "".join(f"{name} {value}\n" for name, value in lines.items())
