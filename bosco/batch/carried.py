"""The script of a job whose worker node does not see the login node's folders: pure text.

The input files travel in it. The agent puts them in at the login node, where they are already, so that the
link to the site does not carry them once for each pilot. Around the wrapper runs a second script, the courier
(`courier.sh`): it unpacks, and hands over what the wrapper wrote, in the way of the batch system.
"""

from __future__ import annotations

import base64
import gzip
import re
import shlex
from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from typing import Any

from bosco.batch.model import BatchRequest
from bosco.batch.protocol import Enclosing
from bosco.batch.wrapper import WRAPPER_FAILED, wrapper

INPUTS = "# the input files of the job come here"
"""The line of the script in whose place the agent puts them."""
MOST = 16 * 1024 * 1024
"""Bytes of one output that are carried home: as many as the CE keeps by default."""
NODE_SCRATCH = "/tmp"  # noqa: S108 - a folder of this name below is made by mkdir, which fails if it is there
"""Where a job unpacks on a node, if the site file has no scratch."""
_TEMPLATE = resources.files("bosco.batch").joinpath("courier.sh").read_text()
_MARK = re.compile("@(SETTINGS|DELIVERY|WRAPPER|INPUTS)@")


def place_of(request: BatchRequest) -> str:
    """The folder on the node's own disk in which the job makes its own."""
    return request.scratch or NODE_SCRATCH


def carried_script(
    request: BatchRequest, *, delivery: str, job_id: str = "", cgroup: str = "", notice: str = "",
    settings: Mapping[str, str | int] | None = None,
) -> str:  # fmt: skip
    """The shell text that follows the directives.

    `delivery`: shell text with the functions `hce_begun` and `hce_deliver`, the batch system's own way of
    bringing home what is in `$hce_folder`. `settings`: further variables for it. The rest as for `wrapper`.
    """
    inside = replace(request, scratch=place_of(request))
    box = '"$HCE_FOLDER".box'
    around = wrapper(inside, None, job_id=job_id, cgroup=cgroup, notice=notice, inputs=box)
    own = {
        "HCE_PLACE": place_of(request), "HCE_STAMP": request.stamp, "HCE_NOTICE": notice,
        "HCE_CREDENTIALS": " ".join(request.credentials), "HCE_FAILED": WRAPPER_FAILED,
        "HCE_MOST": MOST, **(settings or {}),
    }  # fmt: skip
    lines = [f"{name}={shlex.quote(str(value))}" for name, value in own.items()]
    parts = {
        "SETTINGS": "\n".join([*lines, f'HCE_JOB_ID="{job_id}"']),
        "DELIVERY": delivery,
        "WRAPPER": _enclosed("wrapper", around.encode("utf-8", "surrogateescape")),
        "INPUTS": INPUTS,
    }
    return _MARK.sub(lambda mark: parts[mark[1]], _TEMPLATE)


def for_agent(enclosing: Enclosing | None) -> dict[str, Any]:
    """What a submission says to the agent about the files that are to carry the input files."""
    if enclosing is None:
        return {}
    return {"enclosing": enclosing.names, "largest": enclosing.largest, "inputs_line": INPUTS}


def too_large(size: int, largest: int) -> str:
    """Why such a pilot is refused, and what to do."""
    return (
        f"the input files make a batch script of {size} bytes, and the batch system takes {largest}: without "
        "a shared home they travel in it. Have the pilot bring less, or give the cluster a spool that "
        "its nodes see, and take shared_home: false out of the site file"
    )


def _enclosed(name: str, content: bytes) -> str:
    """As the agent does it with the input files (`bosco.agent.spool.enclosed`)."""
    packed = base64.encodebytes(gzip.compress(content, mtime=0)).decode("ascii")
    return f"hce_take {name} <<'HCE_END'\n{packed}HCE_END"
