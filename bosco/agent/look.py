"""Looks around at the login node for a check: what an account may do there, printed as one line of JSON.

Standard library only, Python 3.6 or later: it is sent as an argument of that Python and never written down.
It leaves nothing behind. argv: the spool.
"""

import grp
import json
import locale
import os
import platform
import resource
import stat
import subprocess
import sys
import tempfile

MOST_STAMPS = 20000


def os_release():
    """The distribution's own words."""
    for path in ("/etc/os-release", "/usr/lib/os-release"):
        try:
            with open(path, encoding="utf-8", errors="replace") as lines:
                pairs = [line.rstrip("\n").split("=", 1) for line in lines if "=" in line]
            return {name: value.strip("\"'") for name, value in pairs}
        except OSError:
            pass
    return {}


def runs(folder):
    """Whether a program in the folder can be run: tried with a small one. None: it cannot be tried."""
    try:
        handle, path = tempfile.mkstemp(prefix=".hce-runs-", dir=folder)
    except OSError:
        return None
    try:
        with os.fdopen(handle, "w") as script:
            script.write("#!/bin/sh\nexit 0\n")
        os.chmod(path, 0o700)
        return subprocess.call([path]) == 0
    except OSError:
        return False
    finally:
        os.unlink(path)


def open_to_others(path):
    """The folder and those above it in which others can put something else in its place."""
    found = []
    while True:
        mode = os.stat(path).st_mode
        if mode & (stat.S_IWGRP | stat.S_IWOTH) and not mode & stat.S_ISVTX:
            found.append("%s (%s)" % (path, stat.filemode(mode)))
        if path == os.path.dirname(path):
            return found
        path = os.path.dirname(path)


def soft(limit):
    """A limit of ours; None: there is none."""
    value = resource.getrlimit(limit)[0]
    return None if value == resource.RLIM_INFINITY else value


def cgroup_limit(name):
    """The smallest of these limits on the way up from our own control group (version 2)."""
    try:
        with open("/proc/self/cgroup") as lines:
            path = next((line.rstrip("\n")[3:] for line in lines if line.startswith("0::")), None)
    except OSError:
        return None
    found = []
    while path:
        try:
            with open("/sys/fs/cgroup" + path.rstrip("/") + "/" + name) as limit:
                found.append(int(limit.read()))
        except (OSError, ValueError):
            pass  # "max", or there is no such file
        path = os.path.dirname(path) if path != "/" else None
    return min(found) if found else None


def locale_problem():
    """What is wrong with the locale that the login set."""
    try:
        locale.setlocale(locale.LC_ALL, "")
    except locale.Error as error:
        return str(error)
    return None


def stamps(spool):
    """The names of the pilots' folders."""
    try:
        return sorted(os.listdir(os.path.join(spool, "pilots")))[:MOST_STAMPS]
    except OSError:
        return None


def group_names():
    """Of the groups that we are in, those that have a name."""
    found = []
    for gid in os.getgroups():
        try:
            found.append(grp.getgrgid(gid).gr_name)
        except KeyError:
            pass
    return sorted(found)


def look(spool):
    """All of it."""
    umask = os.umask(0o077)
    home = os.path.expanduser("~")
    return {
        "os": os_release(),
        "kernel": os.uname().release,
        "machine": os.uname().machine,
        "libc": " ".join(platform.libc_ver()),
        "uid": os.getuid(),
        "groups": group_names(),
        "umask": umask,
        "open_files": soft(resource.RLIMIT_NOFILE),
        "processes": soft(resource.RLIMIT_NPROC),
        "tasks": cgroup_limit("pids.max"),
        "memory": cgroup_limit("memory.max"),
        "load": os.getloadavg()[0],
        "cpus": os.cpu_count(),
        "home_runs": runs(home),
        "spool_runs": runs(spool),
        "open_to_others": open_to_others(spool),
        "locale_problem": locale_problem(),
        "stamps": stamps(spool),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(look(sys.argv[1])) + "\n")
