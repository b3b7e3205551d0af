"""What the agent does with jobs that are submitted as one array: a part of it, which is sent as one program.

Standard library only, Python 3.6 or later.
"""

import contextlib
import os

from bosco.agent_spool import Claim, Refused, in_time, sync_folder


def submit_together(agent, header, body):
    """Claims these stamps, all or none, then runs one submit command for all, in the folder of the first.

    What is true of the operation `submit` is true of each of them. If some were claimed before, nothing is
    done, and the reply is about those.
    """
    tasks, spool = header["tasks"], agent.spool
    wanted = {sha256 for task in tasks for sha256 in task["inputs"].values()}
    missing = [sha256 for sha256 in sorted(wanted) if not spool.has(sha256)]
    if missing:
        return {"missing": missing}, b""
    with contextlib.ExitStack() as handles, contextlib.ExitStack() as undo:
        claims, known = [], {}
        for task in tasks:
            claim = handles.enter_context(Claim(spool, task["stamp"], header.get("mark")))
            if claim.made:
                claims.append(claim)
                undo.callback(claim.take_back)  # unless all goes well
            else:
                known[claim.stamp] = agent.record(claim.stamp)
        if known:
            return {"claimed": known}, b""
        try:
            prepare(agent, claims, header, body)
        except OSError as error:
            raise Refused("cannot write the jobs' folders: %s" % error) from error
        for claim in claims:
            claim.check()
        in_time(header.get("before"))
        undo.pop_all()
        result = agent.command(claims[0].folder, header)
        for claim, task in zip(claims, tasks):
            agent.keep(claim.stamp, claim.folder, dict(result, task=task["suffix"]))
    return {"record": result}, b""


def prepare(agent, claims, header, body):
    """Each one's own files; and the script of the array, beside those of the first."""
    for claim, task in zip(claims, header["tasks"]):
        size = sum(size for _, size in task["files"])
        agent.prepare(claim.folder, task, body[:size])
        body = body[size:]
    write_files(claims[0].folder, agent.job_files(header, body))
    sync_folder(agent.spool.pilots)


def write_files(folder, files, read_later=False):
    """A job's own files; `read_later`: by the job itself, while of others the batch system takes a copy."""
    for name, content in files:
        job = os.open(os.path.join(folder, name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(job, "wb") as sink:
            sink.write(content)
            if read_later:
                sink.flush()
                os.fsync(job)
