"""The files that the agent keeps at a site: the first part of the agent, which is sent as one program.

Standard library only, Python 3.6 or later.

    <spool>/files/<sha256>            input files, each content once
    <spool>/pilots/<stamp>/           one batch job: claimed by mkdir, never used twice
        in/<name>  job.*              what the job needs
        credentials/<name>            those of its input files that may be replaced, the newest of each
        refresh/<name>                a new one, for the pilot that runs; the job takes it away
        submit.room                   room for the ledger, which becomes it
        submit                        the ledger: what the submit command answered (JSON)
        start  exit  stdout  stderr   written by the job itself, on the worker node
        scheduler.log                 what the batch system writes about the job
"""

import base64
import contextlib
import errno
import gzip
import os
import re
import shutil
import stat
import threading
import time

STAMP = re.compile(r"[a-z][a-z0-9]{7,30}\Z")
SHA256 = re.compile(r"[0-9a-f]{64}\Z")
FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+=@,-]{0,199}\Z")
PACKED_ROOM = 8 * 1024 * 1024
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
ALIEN = (errno.ELOOP, errno.ENOTDIR)  # a link, or no folder on the way


class Refused(Exception):
    """Nothing was done; the text says why."""


def text(data):
    """Bytes as JSON can carry them, undamaged (surrogateescape)."""
    return data.decode("utf-8", "surrogateescape")


def sync_folder(path):
    """Makes a rename or mkdir in `path` survive a crash of the machine, where the file system can."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:
        pass  # some network file systems refuse fsync of a folder
    finally:
        os.close(handle)


class OtherSpool(Refused):
    """Nothing was done: the mark is not there, or nothing is."""


class TooLate(Refused):
    """Nothing was done: whoever asked has long given up waiting."""


def now():
    """Seconds on a clock that nobody sets, and that (where it can) goes on while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def in_time(before):
    """Raises TooLate after that time of our clock; None is no time."""
    if before is not None and now() > before:
        raise TooLate("it came too late: nobody waits for it any more")


def is_file(name, folder):
    """Whether a plain file of that name is in the folder of this handle; a link is none."""
    try:
        return stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return False


def folder_facts(path):
    """What can be done in a folder. Numbers are left out where its file system has none."""
    try:
        room = os.statvfs(path)
    except OSError as error:
        return {"path": path, "problem": str(error)}
    return {
        "path": path, "writable": os.access(path, os.W_OK | os.X_OK),
        "read_only": bool(room.f_flag & os.ST_RDONLY), "noexec": bool(room.f_flag & os.ST_NOEXEC),
        "free_bytes": room.f_bavail * room.f_frsize, "free_inodes": room.f_favail if room.f_files else None,
    }  # fmt: skip


class Spool:
    """The files that this agent keeps at the site. Every name from outside is checked here."""

    def __init__(self, path):
        self.root = os.path.abspath(os.path.expanduser(path))
        self.files = os.path.join(self.root, "files")
        self.pilots = os.path.join(self.root, "pilots")
        self.packed = {}  # by checksum; whoever is second does it again, or sees it
        for folder in (self.root, self.files, self.pilots):
            os.makedirs(folder, mode=0o700, exist_ok=True)
        probe = os.path.join(self.root, ".writable.%d" % os.getpid())
        with open(probe, "wb") as handle:
            handle.write(b"x" * 4096)
        os.unlink(probe)

    def folder(self, stamp):
        if not STAMP.match(stamp):
            raise Refused("%r is not a stamp" % stamp)
        return os.path.join(self.pilots, stamp)

    def inside(self, stamp, *places):
        """A handle of the job's folder, or of one in it. A link that a job has made does not lead us out."""
        self.folder(stamp)  # checks the name
        return self.place("pilots", stamp, *places)

    @contextlib.contextmanager
    def place(self, *places):
        """A handle of a folder below the root, which itself may be a link of the site's."""
        handle = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            for name in places:
                outer, handle = handle, os.open(name, FOLDER, dir_fd=handle)
                os.close(outer)
            yield handle
        finally:
            os.close(handle)

    @contextlib.contextmanager
    def reading(self, stamp, name):
        """One of the job's files, and its facts. Raises FileNotFoundError also for what is no plain file."""
        try:
            with self.inside(stamp) as folder:  # a pipe that nobody writes to would hold us up
                handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        except OSError as error:
            if error.errno in ALIEN:
                raise FileNotFoundError(error.errno, error.strerror, name) from error
            raise
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):
            os.close(handle)
            raise FileNotFoundError(errno.ENOENT, "it is no file", name)
        with os.fdopen(handle, "rb") as source:
            yield source, facts

    def checked(self, sha256):
        if not SHA256.match(sha256):
            raise Refused("%r is not a SHA-256" % sha256)
        return sha256

    def forget(self, before):
        """Removes stored contents that no job has, and that nobody has used since."""
        with self.place("files") as store:
            for name in os.listdir(store):
                if not SHA256.match(name.partition(".new.")[0]):
                    continue
                try:
                    facts = os.stat(name, dir_fd=store, follow_symlinks=False)
                    if facts.st_nlink == 1 and max(facts.st_mtime, facts.st_ctime) < before:
                        os.unlink(name, dir_fd=store)
                except FileNotFoundError:
                    pass  # another request was faster

    def has(self, sha256, touch=False):
        """Whether the content is there; if so and with `touch`, it counts as used now."""
        self.checked(sha256)
        with self.place("files") as store:
            if not is_file(sha256, store):
                return False
            if touch:
                with contextlib.suppress(FileNotFoundError):
                    os.utime(sha256, dir_fd=store, follow_symlinks=False)
        return True

    def write(self, name, data, folder):
        """Writes a file in the folder of this handle so that it is there whole or not at all."""
        new = "%s.new.%d.%d" % (name, os.getpid(), threading.get_ident())
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=folder)
        try:
            with os.fdopen(handle, "wb") as sink:
                sink.write(data)
                sink.flush()
                os.fsync(sink.fileno())
            os.rename(new, name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(new, dir_fd=folder)
            raise

    def link(self, sha256, name, folder=None):
        """A stored content as the file `name`, in the folder of this handle."""
        with self.place("files") as store:
            try:
                os.link(sha256, name, src_dir_fd=store, dst_dir_fd=folder, follow_symlinks=False)
            except OSError:  # a file system without hard links
                new = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=folder)
                source = os.open(sha256, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=store)
                with os.fdopen(new, "wb") as sink, os.fdopen(source, "rb") as content:
                    shutil.copyfileobj(content, sink)
        if not is_file(name, folder):  # what a job has put into the store in its place
            os.unlink(name, dir_fd=folder)
            raise Refused("the content %s is no file in the spool" % sha256)

    def replace(self, sha256, name, folder):
        """Puts a stored content in the place of a file of this folder, at once, or where there is none."""
        new = os.path.join(self.root, "replace.%d.%d" % (os.getpid(), threading.get_ident()))
        try:
            self.link(sha256, new)
            os.rename(new, name, dst_dir_fd=folder)
        finally:
            if os.path.exists(new):  # also where both were the same file already: rename does nothing then
                os.unlink(new)

    def enclosed(self, sha256, name):
        """A stored content as text of a shell script, which unpacks it as `name`: the same for many jobs."""
        packed = self.packed.get(sha256)
        if packed is None:
            with self.place("files") as store:
                handle = os.open(self.checked(sha256), os.O_RDONLY | os.O_NOFOLLOW, dir_fd=store)
            with os.fdopen(handle, "rb") as source:
                packed = base64.encodebytes(gzip.compress(source.read(), 6))
            if sum(map(len, self.packed.values())) + len(packed) > PACKED_ROOM:
                self.packed = {}
            self.packed[sha256] = packed
        return b"hce_take %s <<'HCE_END'\n%sHCE_END\n" % (name.encode("ascii"), packed)

    def read_small(self, stamp, name):
        try:
            with self.reading(stamp, name) as (source, _):
                return text(source.read(65536))
        except FileNotFoundError:
            return None

    def size(self, stamp, name):
        try:
            with self.reading(stamp, name) as (_, facts):
                return facts.st_size
        except FileNotFoundError:
            return None


class Claim:
    """A stamp's folder, if we were the first to make it (`made`).

    The claim and the mark are looked for through one handle of one folder, whatever is put in its place
    meanwhile, and in this order: a network file system asks its server again after a mkdir, and at an open.
    """

    def __init__(self, spool, stamp, mark):
        self.stamp, self.folder, self.mark = stamp, spool.folder(stamp), mark
        if mark:
            spool.folder(mark)  # checks the name
        try:
            self.pilots = os.open(spool.pilots, os.O_RDONLY)
        except FileNotFoundError as error:
            raise OtherSpool("there is no spool any more: %s" % error) from error

    def __enter__(self):
        try:
            os.mkdir(self.stamp, 0o700, dir_fd=self.pilots)
            self.made = True
        except FileExistsError:
            self.made = False
        except BaseException:
            os.close(self.pilots)
            raise
        return self

    def __exit__(self, *error):
        os.close(self.pilots)

    def check(self):
        """Raises OtherSpool unless the claim is still there, and the mark beside it."""
        if not self.mark:
            return
        try:
            os.stat(self.stamp, dir_fd=self.pilots)
            mark = os.open(self.mark, FOLDER, dir_fd=self.pilots)
            try:
                os.close(os.open("submit", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=mark))
            finally:
                os.close(mark)
        except OSError as error:
            raise OtherSpool("the spool was emptied, or is another one: %s" % error) from error

    def take_back(self):
        shutil.rmtree(self.folder, ignore_errors=True)
