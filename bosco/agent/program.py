"""The program that bosco runs on the login node, for as long as the connection lasts.

Standard library only, Python 3.6 or later. It is sent over the channel, together with spool.py,
ledger.py and array.py as one program, and never written to the site's disks.

Standard input: the nonce on a line of its own, then frames (see frames.py); standard output: frames.
Requests run side by side in threads; each reply carries the request's id. At the end of input, commands
under way are waited for, so that the ledger is complete, and nothing new is begun.
"""

import hashlib
import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

from bosco.agent.array import submit_together
from bosco.agent.ledger import LEDGER, LEDGER_TEXT, keep, make_room, record_of
from bosco.agent.spool import FILE_NAME, Claim, Refused, Spool, folder_facts, in_time, now, sync_folder, text

PROTOCOL = 1
THREADS = 24
LARGEST = 64 * 1024 * 1024
READABLE = ("stdout", "stderr", "scheduler.log")
JOB_FILE = re.compile(r"job\.[a-z]{1,8}\Z")


class Channel:
    """Frames over two byte streams; writing is safe from several threads."""

    def __init__(self, source, sink, nonce):
        self.source, self.sink, self.mark = source, sink, b"\x1e" + nonce
        self.lock = threading.Lock()

    def read(self):
        """The next (header, body), or None at the end of input."""
        line = self.source.readline(256)
        if not line.endswith(b"\n"):
            return None
        mark, head, body, crc = line.split()
        if mark != self.mark:
            raise ValueError("a frame with another nonce")
        head, body = int(head), int(body)
        if not 0 <= head <= LARGEST or not 0 <= body <= LARGEST:
            raise ValueError("a frame of an impossible size")
        data = self.source.read(head + body + 1)
        if len(data) != head + body + 1:
            return None
        if zlib.crc32(data[:-1]) != int(crc, 16):
            raise ValueError("a damaged frame")
        header = json.loads(data[:head].decode("ascii"))
        if not isinstance(header, dict):
            raise ValueError("a frame that is no request")
        return header, data[head:-1]

    def write(self, header, body=b""):
        head = json.dumps(header, separators=(",", ":")).encode("ascii")
        crc = zlib.crc32(body, zlib.crc32(head))
        line = b"%s %d %d %08x\n" % (self.mark, len(head), len(body), crc)
        with self.lock:
            self.sink.write(line + head + body + b"\n")
            self.sink.flush()


def end(process):
    """Ends a command that took too long, with all its children; returns what it had printed."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # it ended by itself just now
    try:
        return process.communicate(timeout=2)
    except subprocess.TimeoutExpired:  # a child in another session keeps the pipes open
        process.stdout.close()
        process.stderr.close()
        return b"", b"(a child of the command keeps its output open)"


def environment_of(header, **own):
    """Ours for a command, without what is `personal`: a user's SQUEUE_FORMAT would change what is printed."""
    personal = header.get("personal", {"prefixes": [], "kept": []})
    prefixes, kept = tuple(personal["prefixes"]), personal["kept"]
    base = {k: v for k, v in os.environ.items() if k in kept or not k.startswith(prefixes)}
    base["PATH"] = ":".join([*header.get("path", ()), base.get("PATH", os.defpath)])
    return {**base, **own, **header.get("environment", {})}


def run(argv, timeout, cwd, environment, limit):
    """Runs a command to its end, or ends it; returns how it went, and the last `limit` bytes it printed."""
    try:
        process = subprocess.Popen(
            argv, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
    except OSError as error:  # it did not start: a shell says 127 as well
        said = str(error).encode("utf-8", "surrogateescape")
        return {"rc": 127, "timed_out": False, "cut": False}, b"", said
    timed_out = False
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        timed_out = True
        out, err = end(process)
    cut = len(out) > limit or len(err) > limit
    return {"rc": process.returncode, "timed_out": timed_out, "cut": cut}, out[-limit:], err[-limit:]


class TooLarge(Exception):
    """The batch system would not take this script."""

    def __init__(self, size):
        self.size = size


class Agent:
    """One operation per public method whose name begins with `do_`: (header, body) -> (header, body)."""

    def __init__(self, guard=None):
        self.guard = guard  # says no to what an agent that a site has installed does not do
        self.closing = threading.Event()
        self.spool: Spool  # from hello on

    def do_hello(self, header, body):
        """Opens the spool and says who and where we are."""
        if header["protocol"] != PROTOCOL:
            raise Refused("this agent speaks protocol %d, not %s" % (PROTOCOL, header["protocol"]))
        try:
            self.spool = Spool(header["spool"])
        except OSError as error:
            raise Refused("cannot make or write the spool %s: %s" % (header["spool"], error)) from error
        return {
            "host": socket.gethostname(), "pid": os.getpid(), "user": pwd.getpwuid(os.getuid()).pw_name,
            "spool": self.spool.root, "python": "%d.%d.%d" % sys.version_info[:3], "time": time.time(),
            "clock": now(), "installed": getattr(self.guard, "about", None),
        }, b""  # fmt: skip

    def do_missing(self, header, body):
        """Which of these contents are not in the store. Those that are stay for another day."""
        return {"missing": [s for s in header["sha256"] if not self.spool.has(s, touch=True)]}, b""

    def do_put(self, header, body):
        """Stores a content under its checksum."""
        if hashlib.sha256(body).hexdigest() != header["sha256"]:
            raise Refused("the content does not have the checksum that was said")
        with self.spool.place("files") as store:
            self.spool.write(self.spool.checked(header["sha256"]), body, store)
        return {}, b""

    def do_submit(self, header, body):
        """Claims the stamp, then runs the submit command, once in the life of the stamp.

        Only beside the `mark`, and `before` that time of our clock. Nothing is done between that look and it.
        """
        stamp, inputs = header["stamp"], header["inputs"]
        missing = [s for s in inputs.values() if not self.spool.has(s)]
        if missing:
            return {"missing": missing}, b""
        with Claim(self.spool, stamp, header.get("mark")) as claim:
            if not claim.made:
                return {"claimed": False, "record": record_of(self.spool, stamp)}, b""
            try:
                self.prepare(claim.folder, header, body)
                make_room(self.spool, stamp)
                sync_folder(self.spool.pilots)
                claim.check()
                in_time(header.get("before"))
            except BaseException as error:
                claim.take_back()
                if isinstance(error, TooLarge):
                    return {"too_large": error.size}, b""
                if isinstance(error, OSError):
                    raise Refused("cannot write the job's folder: %s" % error) from error
                raise
            return {"claimed": True, "record": self.run_submit(claim.folder, header)}, b""

    do_submit_together = submit_together

    def run_submit(self, folder, header):
        result = self.command(folder, header)
        keep(self.spool, header["stamp"], result)
        if result["rc"] == 0 and header.get("enclosing"):
            with self.spool.inside(header["stamp"]) as handle:  # the batch system has taken a copy
                for name in header["enclosing"]:
                    os.unlink(name, dir_fd=handle)
        return result

    def command(self, folder, header):
        """The submit command's answer, as the ledger has it."""
        began = time.time()
        result, out, err = run(header["argv"], header["timeout"], folder, environment_of(header), LEDGER_TEXT)
        result.update(stdout=text(out), stderr=text(err), began=began, ended=time.time())
        return result

    def job_files(self, header, body):
        """Names and contents of the job's own files; in those that are to carry them, the input files."""
        files, credentials = [], header.get("credentials", ())
        if not set(header.get("enclosing", ())) <= {name for name, size in header["files"]}:
            raise Refused("what encloses the input files must be among the job's own files")
        for name, size in header["files"]:
            if not JOB_FILE.match(name):
                raise Refused("%r is not the name of a job's own file" % name)
            content, body = body[:size], body[size:]
            if name in header.get("enclosing", ()):
                line = b"\n" + header["inputs_line"].encode("ascii") + b"\n"  # a whole one
                before, mark, after = content.partition(line)
                if not mark:
                    raise Refused("%s has no place for the input files" % name)
                places = [("credentials/" if n in credentials else "in/") + n for n in header["inputs"]]
                packed = map(self.spool.enclosed, header["inputs"].values(), places)
                content = b"".join([before, b"\n", *packed, after])
                if len(content) > header["largest"]:
                    raise TooLarge(len(content))
            files.append((name, content))
        return files

    def prepare(self, folder, header, body):
        inputs, credentials = header["inputs"], header.get("credentials", ())
        secret = set(inputs).intersection(credentials)
        places = {"in": set(inputs) - secret, "credentials": secret}
        for place in ("in", "credentials", "refresh")[: 3 if credentials else 1]:
            os.mkdir(os.path.join(folder, place), 0o700)
            with self.spool.inside(header["stamp"], place) as handle:
                for name in sorted(places.get(place, ())):
                    if not FILE_NAME.match(name):
                        raise Refused("%r is not a file name that we take" % name)
                    self.spool.link(inputs[name], name, handle)
        for name, content in self.job_files(header, body):
            job = os.open(os.path.join(folder, name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(job, "wb") as sink:
                sink.write(content)

    def do_evidence(self, header, body):
        """What the spool knows of each stamp: claim, ledger, the job's own records, output sizes."""
        found = {}
        for stamp in header["stamps"]:
            found[stamp] = {
                "claimed": os.path.isdir(self.spool.folder(stamp)),
                "record": record_of(self.spool, stamp),
                "start": self.spool.read_small(stamp, "start"),
                "exit": self.spool.read_small(stamp, "exit"),
                "stdout": self.spool.size(stamp, "stdout"),
                "stderr": self.spool.size(stamp, "stderr"),
            }
        return {}, json.dumps(found).encode("ascii")

    def do_refresh(self, header, body):
        """Replaces credentials of a job: in its folder, for its start, and in the way to the pilot that runs.

        `known` tells whether the stamp has a folder here; `foreign`: names that are no credentials of it.
        """
        files, folder = header["files"], self.spool.folder(header["stamp"])
        missing = [s for s in files.values() if not self.spool.has(s, touch=True)]
        if missing:
            return {"missing": missing}, b""
        own = os.path.join(folder, "credentials")
        foreign = [n for n in files if not FILE_NAME.match(n) or not os.path.isfile(os.path.join(own, n))]
        if foreign or not os.path.isdir(folder):
            return {"known": os.path.isdir(folder), "foreign": foreign}, b""
        # In this order: the job empties refresh, then copies credentials, so that one of them is seen.
        for place in ("credentials", "refresh"):
            with self.spool.inside(header["stamp"], place) as handle:
                for name, sha256 in files.items():
                    self.spool.replace(sha256, name, handle)
            sync_folder(os.path.join(folder, place))
        return {"known": True, "foreign": []}, b""

    def do_revoke(self, header, body):
        """Claims the stamp ourselves, so that no late request can submit it. Says whether that worked."""
        with Claim(self.spool, header["stamp"], header.get("mark")) as claim:
            if not claim.made:
                return {"revoked": False, "record": record_of(self.spool, header["stamp"])}, b""
            record = {"revoked": True, "ended": time.time()}
            try:
                with self.spool.inside(header["stamp"]) as handle:
                    self.spool.write(LEDGER, json.dumps(record).encode("ascii"), handle)
                claim.check()
            except (OSError, Refused) as error:
                claim.take_back()
                if isinstance(error, Refused):
                    raise
                raise Refused("cannot write the revocation: %s" % error) from error
            sync_folder(self.spool.pilots)
            return {"revoked": True, "record": record}, b""

    def do_read(self, header, body):
        """A part of one of the job's outputs, and the file's whole size (None: no such file)."""
        if header["name"] not in READABLE:
            raise Refused("%r is not an output" % header["name"])
        try:
            with self.spool.reading(header["stamp"], header["name"]) as (source, facts):
                source.seek(header["offset"])
                return {"size": facts.st_size}, source.read(header["limit"])
        except FileNotFoundError:
            return {"size": None}, b""

    def do_run(self, header, body):
        """Runs a batch command (a query or a cancel) and returns its whole output."""
        where, environment = self.spool.root, environment_of(header, LC_ALL="C", TZ="UTC")
        result, out, err = run(header["argv"], header["timeout"], where, environment, header["limit"])
        result["stdout"] = len(out)
        return result, out + err

    def do_survey(self, header, body):
        """What the account finds on this node, and where `tools` are. Changes nothing."""
        began, path = time.time(), environment_of(header)["PATH"]
        if not all(FILE_NAME.match(tool) for tool in header["tools"]):
            raise Refused("a tool has a name, and no path")
        return {
            "tools": {tool: shutil.which(tool, path=path) for tool in header["tools"]},
            "python": sys.executable, "home": folder_facts(os.path.expanduser("~")),
            "spool": folder_facts(self.spool.root), "began": began,
            "locale": {k: os.environ[k] for k in ("LC_ALL", "LC_CTYPE", "LANG") if k in os.environ},
            "ended": time.time(),
        }, b""  # fmt: skip

    def do_remove(self, header, body):
        """Removes the folders of these stamps, and stored contents that no job has used for a day."""
        failed = {}
        for stamp in header["stamps"]:
            folder = self.spool.folder(stamp)
            try:
                if os.path.islink(folder):  # rmtree refuses it, too, not always with a reason
                    raise OSError("%s is a symbolic link, and not removed" % folder)
                shutil.rmtree(folder)
            except FileNotFoundError:
                pass
            except OSError as error:
                failed[stamp] = str(error)
        self.spool.forget(time.time() - 86400)
        return {"failed": failed}, b""


def answer(agent, channel, header, body):
    try:
        operation = getattr(agent, "do_" + header["op"], None)
        if operation is None:
            raise Refused("no operation %r" % header["op"])
        if agent.closing.is_set():
            raise Refused("the connection is closing")
        if agent.guard:
            agent.guard(header, body)
        reply, content = operation(header, body)
    except Refused as error:  # with our clock: it may be that the other side has a wrong idea of it
        reply, content = {"refused": str(error), "why": type(error).__name__, "clock": now()}, b""
    except Exception as error:  # whatever it was, the other side must hear of it
        reply, content = {"error": "%s: %s" % (type(error).__name__, error)}, b""
    reply["id"] = header.get("id")
    try:
        channel.write(reply, content)
    except OSError:
        agent.closing.set()  # nobody listens any more; the ledger has what matters


def main(guard=None):
    # Frames get the real standard output; anything else that prints must not.
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    source = sys.stdin.buffer
    nonce = source.readline(64).strip()
    channel, agent = Channel(source, sink, nonce), Agent(guard)
    pool = ThreadPoolExecutor(THREADS)
    try:
        for request in iter(channel.read, None):
            pool.submit(answer, agent, channel, *request)
    finally:
        agent.closing.set()
        pool.shutdown(wait=True)
