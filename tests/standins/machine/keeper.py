"""Runs one job, in a session of its own: `python keeper.py FOLDER NUMBER`. It needs no server."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time


def main(folder: str, number: int) -> None:
    """Starts the job's top process, waits for it, ends what it left, and tells both."""
    from machine import processes
    from machine.state import Place

    place = Place(folder)
    job = place.read_jobs()[number]
    settings = place.settings
    with open(place.jobs / f"{number}.out", "wb") as output:
        top = subprocess.Popen(
            job["argv"], cwd=job["folder"], env=job["environment"], start_new_session=True,
            stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
        place.note(number, "run", {"session": top.pid, "started": time.time()})
        assert top.stdin
        try:
            top.stdin.write(job["stdin"].encode())
            top.stdin.close()
        except BrokenPipeError:
            pass  # it has ended without reading
        _, wait_status, usage = os.wait4(top.pid, 0)
    deadline = time.monotonic() + settings["grace_s"]
    while processes.of_session(top.pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    processes.send(top.pid, signal.SIGKILL)
    if job["output"]:
        try:
            with open(place.jobs / f"{number}.out", "rb") as spooled, open(job["output"], "wb") as kept:
                kept.write(spooled.read())
        except OSError:
            pass  # as real ones do: the output is lost, the job is not
    if job.get("stageout"):  # as the node's daemon: one copy of the whole, and what was copied is removed
        path, _, there = job["stageout"]
        if subprocess.run(["cp", "-rp", path, there], stderr=subprocess.DEVNULL, check=False).returncode == 0:
            shutil.rmtree(path)
    used = {"cpu_s": usage.ru_utime + usage.ru_stime, "memory_kb": usage.ru_maxrss}
    place.note(number, "end", {"wait_status": wait_status, "ended": time.time(), "used": used})


if __name__ == "__main__":
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    main(sys.argv[1], int(sys.argv[2]))
