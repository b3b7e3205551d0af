"""Input files that travel in the batch script: the agent puts them in, at the site."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from raw_agent import RawAgent
from tools import Tools

STAMP = "haaaaaaaaaaaaaa"
LINE = "# here"
SCRIPT = b"""\
#!/bin/sh
#DIRECTIVE
hce_take() { base64 -d | gzip -d >"$1"; }
mkdir in credentials
# here
echo done
"""
CARRIED: dict[str, Any] = {"enclosing": ["job.sh"], "inputs_line": LINE, "largest": 2**20}


def test_the_script_unpacks_every_byte_in_its_place(agent: RawAgent, tools: Tools, tmp_path: Path) -> None:
    contents = {"pilot+1=a,b@c.sh": bytes(range(256)) * 50, "token": b"secret", "empty": b""}
    submit = tools.add("submit", f"cp job.sh {tmp_path}/copy; cat job.sub >>{tmp_path}/copy; echo 7")
    reply = agent.submit(
        STAMP, submit, inputs={name: agent.put(data) for name, data in contents.items()},
        credentials=["token"], files={"job.sh": SCRIPT, "job.sub": b"# unchanged\n"}, **CARRIED,
    )  # fmt: skip
    assert reply["record"]["stdout"] == "7\n"
    script = (tmp_path / "copy").read_bytes()
    assert script.startswith(SCRIPT.partition(b"# here")[0])
    assert script.endswith(b"echo done\n# unchanged\n")
    node = tmp_path / "node"
    node.mkdir()
    done = subprocess.run(["sh", "../copy"], cwd=node, capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"done\n", b"")
    found = {str(path.relative_to(node)): path.read_bytes() for path in node.rglob("*") if path.is_file()}
    assert found == {("credentials/" if n == "token" else "in/") + n: data for n, data in contents.items()}


@pytest.mark.parametrize(("code", "stays"), [(0, False), (1, True)])
def test_a_script_that_was_taken_is_not_kept(
    agent: RawAgent, spool: Path, tools: Tools, code: int, stays: bool
) -> None:
    """They are large, and there may be thousands."""
    submit = tools.add("submit", f"exit {code}")
    agent.submit(STAMP, submit, files={"job.sh": SCRIPT, "job.submit": b""}, **CARRIED)
    assert (spool / "pilots" / STAMP / "job.sh").exists() is stays
    assert (spool / "pilots" / STAMP / "job.submit").exists()


def test_a_script_that_would_be_too_large_is_told_by_its_size_and_claims_nothing(
    agent: RawAgent, spool: Path, tools: Tools
) -> None:
    submit = tools.add("submit", "echo 7")
    asked = {"inputs": {"large": agent.put(b"x" * 5000)}, "files": {"job.sh": SCRIPT}}
    reply = agent.submit(STAMP, submit, **asked, **{**CARRIED, "largest": len(SCRIPT)})
    assert reply["too_large"] > len(SCRIPT)
    assert (tools.calls("submit"), list((spool / "pilots").iterdir())) == ([], [])
    exactly = {**CARRIED, "largest": reply["too_large"]}
    assert agent.submit(STAMP, submit, **asked, **exactly)["claimed"]


def test_a_script_without_a_place_for_them_is_refused(agent: RawAgent, spool: Path, tools: Tools) -> None:
    submit = tools.add("submit", "echo 7")
    reply = agent.submit(STAMP, submit, files={"job.sh": b"#!/bin/sh\n"}, **CARRIED)
    assert "job.sh has no place for the input files" in reply["refused"]
    assert (tools.calls("submit"), list((spool / "pilots").iterdir())) == ([], [])


def test_contents_that_do_not_fit_into_memory_together_are_packed_again(
    agent: RawAgent, tools: Tools
) -> None:
    submit = tools.add("submit", "echo 7")
    large = [agent.put(os.urandom(5 * 2**20)) for _ in range(2)]
    for number, sha256 in enumerate([*large, large[0]]):
        stamp = f"haaaaaaaaaaaaa{'abc'[number]}"
        limits = {**CARRIED, "largest": 2**24}
        reply = agent.submit(stamp, submit, inputs={"in": sha256}, files={"job.sh": SCRIPT}, **limits)
        assert reply["record"]["stdout"] == "7\n"
