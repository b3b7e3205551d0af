"""qstat -B -f and qstat -Q -f: the server and its queues."""

from __future__ import annotations

from machine import client
from machine.state import Place

_LIMITS = {
    "short": ("    resources_max.walltime = 00:10:00",),
    "private": ("    acl_user_enable = True", "    acl_users = root"),
}


def show(place: Place, flavour: str, *, server: bool) -> int:
    """Prints one of the two in the form for people."""
    client.ask(str(place.folder), "jobs")  # it answers, or is away
    text = _server(place, flavour) if server else _queues(flavour)
    print(text)
    return 0


def _server(place: Place, flavour: str) -> str:
    settings, kept = place.settings, place.faults.get("history", True)
    lines = [f"Server: {settings['server']}", "    server_state = Active"]
    lines.append(f"    scheduling = {settings['scheduling']}")
    lines.append(f"    default_queue = {default_queue(flavour)}")
    if flavour == "torque":
        lines.append(f"    keep_completed = {settings['keep_ended_s']:.0f}")
    elif kept:
        lines.append("    job_history_enable = True")
    return "\n".join([*lines, ""])


def _queues(flavour: str) -> str:
    lines = []
    for name in (default_queue(flavour), "short", "closed", "stopped", "private"):
        lines += [f"Queue: {name}", "    queue_type = Execution", *_LIMITS.get(name, ())]
        lines += [f"    enabled = {name != 'closed'}", f"    started = {name != 'stopped'}", ""]
    return "\n".join(lines)


def default_queue(flavour: str) -> str:
    """As their own installations have it."""
    return "workq" if flavour == "openpbs" else "batch"
