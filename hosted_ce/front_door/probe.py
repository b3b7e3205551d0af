"""What the running front door says of itself (a program: `python -m hosted_ce.front_door.probe`).

It has a process of its own, since HTCondor's library holds the interpreter for as long as a daemon hangs.
It finds the front door by CONDOR_CONFIG and prints one JSON object; what failed has its reason in `errors`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

import htcondor2  # isort: skip - before classad2: it switches the library to HTCondor's semantics
import classad2  # isort: skip

SCHEDD_ATTRIBUTES = [
    "Name", "MyAddress", "CondorVersion", "OSG_Resource", "OSG_ResourceGroup", "OSG_BatchSystems",
    "OSG_ResourceCatalog", "grid_resource", "TotalJobAds",
]  # fmt: skip


def schedds() -> list[dict[str, Any]]:
    """The schedds that the collector knows."""
    ads = htcondor2.Collector().query(htcondor2.AdType.Schedd, projection=SCHEDD_ATTRIBUTES)
    return [{name: _plain(ad[name]) for name in SCHEDD_ATTRIBUTES if name in ad} for ad in ads]


def identity() -> str:
    """As whom the schedd takes us."""
    return str(htcondor2.ping(_schedd(), "WRITE").get("MyRemoteUserName", ""))


def jobs() -> int:
    """How many jobs are in the queue."""
    return len(htcondor2.Schedd(_schedd()).query(projection=["ClusterId"]))


def users() -> list[str]:
    """Whom the schedd has a record of: it takes edits of jobs from nobody else."""
    return [str(ad["User"]) for ad in htcondor2.Schedd(_schedd()).queryUserAds()]


def settings() -> dict[str, str]:
    """What the running schedd has as its settings, which may be older than the file."""
    known = htcondor2.RemoteParam(_schedd())
    names = ("QUEUE_SUPER_USERS", "PROTECTED_JOB_ATTRS", "SPOOL", "CERTIFICATE_MAPFILE")
    return {name: str(known.get(name, "")) for name in names}


QUESTIONS: dict[str, Callable[[], Any]] = {
    "schedds": schedds, "identity": identity, "jobs": jobs, "users": users, "settings": settings,
}  # fmt: skip


def _schedd() -> Any:
    return htcondor2.Collector().locate(htcondor2.DaemonType.Schedd)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, classad2.ExprTree) else value if _is_plain(value) else repr(value)


def _is_plain(value: Any) -> bool:
    return isinstance(value, bool | int | float | str) and not isinstance(value, classad2.Value)


def main() -> None:
    """Asks what the command line names, or everything."""
    sink = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the library prints must not get into the answer
    answers: dict[str, Any] = {"errors": {}}
    for name in sys.argv[1:] or QUESTIONS:
        try:
            answers[name] = QUESTIONS[name]()
        except Exception as error:  # whatever it is, the parent must hear of it
            answers["errors"][name] = f"{error}" or type(error).__name__
    json.dump(answers, sink)
    sink.flush()


if __name__ == "__main__":
    main()
