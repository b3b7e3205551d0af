"""The ledger, what the submit command answered: a part of the agent, which is sent as one program.

Standard library only, Python 3.6 or later. Its room is taken before anything is submitted, since a full disk
must not lose the answer. The answer is written into it and synced, and then the room gets the ledger's name.
Should a crash of the machine undo that name, the room has the answer still, and is read like a ledger.
"""

import contextlib
import json
import os

LEDGER = "submit"
ROOM = "submit.room"
LEDGER_ROOM = 16384
LEDGER_TEXT = 1300  # twice this fits the room, even if JSON makes six bytes of each


def make_room(spool, stamp):
    with spool.inside(stamp) as place:
        spool.write(ROOM, b" " * LEDGER_ROOM, place)


def keep(spool, stamp, result):
    """Writes the answer down. That it cannot be is told with it: it gets through while somebody listens."""
    try:
        enter(spool, stamp, result)
    except OSError as error:
        result["ledger"] = str(error)


def enter(spool, stamp, result):
    with spool.inside(stamp) as place:
        room = os.open(ROOM, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=place)
        with os.fdopen(room, "r+b") as handle:
            if os.fstat(room).st_nlink != 1:  # a job has put another file in its place
                raise OSError("the ledger's room is not ours any more")
            fill(handle, result, LEDGER_ROOM)
        os.rename(ROOM, LEDGER, src_dir_fd=place, dst_dir_fd=place)


def fill(handle, record, size):
    handle.write(json.dumps(record).encode("ascii").ljust(size))
    handle.flush()
    os.fsync(handle.fileno())


def record_of(spool, stamp):
    """What the ledger says; None: no answer, or one that a crash or a job has damaged."""
    for name in (LEDGER, ROOM):
        try:
            record = json.loads(spool.read_small(stamp, name) or "null")
        except (ValueError, RecursionError):
            continue
        if isinstance(record, dict):
            return of_task(record, stamp)
    return None


def of_task(record, stamp):
    """What a ledger says of the stamp: one of many tasks has their answer, and a suffix of its own."""
    tasks = record.pop("tasks", None)
    if tasks is not None:
        record["task"] = tasks.get(stamp) if isinstance(tasks, dict) else None
    return record


class SharedLedger:
    """One for all of these tasks, which have the same answer: a file with a name in each one's folder.

    It is synced once, since to do that for each takes longer than the submit command. The file stays open:
    what a job puts in the place of its name is not written to.
    """

    def __init__(self, spool, tasks):
        self.spool = spool
        self.tasks = {task["stamp"]: task["suffix"] for task in tasks}
        self.size = LEDGER_ROOM + len(json.dumps(self.tasks))
        self.apart = set()  # those that have one of their own: there are file systems without hard links

    def __enter__(self):
        first, *others = self.tasks
        with self.spool.inside(first) as place:
            self.spool.write(ROOM, b" " * self.size, place)
            for stamp in others:
                self.share_room(place, stamp)
            self.file = os.fdopen(os.open(ROOM, os.O_RDWR | os.O_NOFOLLOW, dir_fd=place), "r+b")
        return self

    def __exit__(self, *error):
        with contextlib.suppress(OSError):  # what it could not write is told already
            self.file.close()

    def share_room(self, place, stamp):
        try:
            with self.spool.inside(stamp) as own:
                os.link(ROOM, ROOM, src_dir_fd=place, dst_dir_fd=own, follow_symlinks=False)
        except OSError:
            make_room(self.spool, stamp)
            self.apart.add(stamp)

    def keep(self, result):
        """Writes the answer down, as for one. Whoever can have it does, whatever becomes of the others'."""
        answer, shared = dict(result), True
        try:
            # Without `tasks` it tells no batch id.
            fill(self.file, dict(answer, task=None, tasks=self.tasks), self.size)
        except OSError as error:
            result["ledger"], shared = str(error), False
        for stamp, suffix in self.tasks.items():
            try:
                if stamp in self.apart:
                    enter(self.spool, stamp, dict(answer, task=suffix))
                elif shared:
                    self.name(stamp)
            except OSError as error:
                result["ledger"] = str(error)

    def name(self, stamp):
        with self.spool.inside(stamp) as place:
            os.rename(ROOM, LEDGER, src_dir_fd=place, dst_dir_fd=place)
