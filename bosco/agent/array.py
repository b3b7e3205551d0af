"""What the agent does with jobs that are submitted as one array: a part of it, which is sent as one program.

Standard library only, Python 3.6 or later.
"""

import contextlib
import os

from bosco.agent.ledger import SharedLedger, record_of
from bosco.agent.spool import Claim, Refused, in_time, is_file, sync_folder

LOOKS = b"# hosted_ce: whole"  # as in bosco/batch/slurm/array.py; a test compares them


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
    # The ledger is closed before a claim is taken back: a network file system keeps what is open.
    with contextlib.ExitStack() as handles, contextlib.ExitStack() as undo, contextlib.ExitStack() as opened:
        claims, known = [], {}
        for task in tasks:
            claim = handles.enter_context(Claim(spool, task["stamp"], header.get("mark")))
            if claim.made:
                claims.append(claim)
                undo.callback(claim.take_back)  # unless all goes well
            else:
                known[claim.stamp] = record_of(spool, claim.stamp)
        if known:
            return {"claimed": known}, b""
        try:
            prepare(agent, claims, header, body)
            ledger = opened.enter_context(SharedLedger(spool, tasks))
            sync_folder(spool.pilots)
        except OSError as error:
            raise Refused("cannot write the jobs' folders: %s" % error) from error
        for claim in claims:
            claim.check()
        in_time(header.get("before"))
        undo.pop_all()
        result = agent.command(claims[0].folder, header)
        ledger.keep(result)
    return {"record": result}, b""


def prepare(agent, claims, header, body):
    """Each one's own files; and the script of the array, beside those of the first.

    A task's own are on the disk only if the array's script does not look whether they are whole: a CE of
    before may have made it.
    """
    at = 0
    for claim, task in zip(claims, header["tasks"]):
        size = sum(size for _, size in task["files"])
        agent.prepare(claim.folder, task, body[at : at + size])
        at += size
    files = agent.job_files(header, body[at:])
    for name, content in files:
        with open(os.path.join(claims[0].folder, name), "xb") as sink:
            sink.write(content)
    if not any(LOOKS in content for _, content in files):
        for claim in claims:
            sync_files(agent.spool, claim.stamp)


def sync_files(spool, stamp):
    with spool.inside(stamp) as place:
        for name in os.listdir(place):
            if is_file(name, place):
                handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=place)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)
