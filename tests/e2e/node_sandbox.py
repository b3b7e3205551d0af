"""A worker node in a sandbox: this machine's programs, with CVMFS, Apptainer and faults as one wants them.

Root, a mount namespace of its own and an overlay over the root file system: nothing of it is left.
"""

from __future__ import annotations

import contextlib
import http.server
import shlex
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

from hosted_ce.checks.node.parse import parse
from hosted_ce.checks.node.report import NodeReport
from hosted_ce.checks.node.script import probe_arguments, probe_script
from hosted_ce.checks.node.targets import Targets

NONCE = "sandbox123"
REPOSITORIES = ("software.example.org", "images.example.org")
PUBLISHED = b"Csoftware\nNsoftware.example.org\n"
SCRATCH = "/scratch"
SHELLS = ("dash", "bash", "busybox sh")
_ROOT = """
set -e
mount -t tmpfs sandbox "$BOX"
mkdir "$BOX/upper" "$BOX/work" "$BOX/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$BOX/upper,workdir=$BOX/work" "$BOX/root"
cd "$BOX/root"
for folder in proc dev sys; do mount --rbind "/$folder" "$folder"; done
mount -t tmpfs -o size=64m tmp tmp
mkdir scratch cvmfs
mount -t tmpfs -o size=60g scratch scratch
for repository in $REPOSITORIES; do mkdir "cvmfs/$repository"; : >"cvmfs/$repository/there"; done
printf '#!/bin/sh\\necho apptainer version 1.3.4\\n' >usr/local/bin/apptainer
chmod 755 usr/local/bin/apptainer
cp "$HANG" hang.py
"""
_ENTER = """
mkdir old
pivot_root . old
cd /
umount -l old
set +e
"""
"""Not by chroot: in one, the kernel lets nobody make user namespaces."""
_HANG = """
import ctypes, os, sys, time
libc, fd = ctypes.CDLL(None, use_errno=True), os.open("/dev/fuse", os.O_RDWR)
options = f"fd={fd},rootmode=40000,user_id=0,group_id=0".encode()
assert libc.mount(b"hang", sys.argv[1].encode(), b"fuse.hang", 0, options) == 0, ctypes.get_errno()
print("mounted", flush=True)
time.sleep(120)
"""


@dataclass(frozen=True, slots=True)
class Node:
    """What is planted: shell text run in the node's root before, a command in front, and what it is told."""

    planted: str = ""
    command: str = ""
    targets: Targets | None = None
    environment: Mapping[str, str] | None = None
    longest_s: float = 3 * 86400.0


def look(node: Node, folder: Path, targets: Targets, shell: str = "dash") -> NodeReport:
    """The script's report of such a node."""
    (folder / "look.sh").write_bytes(probe_script())
    (folder / "hang.py").write_text(_HANG)
    box = folder / "box"
    box.mkdir()
    arguments = probe_arguments(NONCE, node.targets or targets, scratch=SCRATCH, longest_s=node.longest_s)
    run = f"{node.command} {shell} /look.sh {shlex.join(arguments)}"
    text = "\n".join(
        [_ROOT, 'cp "$LOOK" look.sh', node.planted, _ENTER, run, "kill $hang 2>/dev/null; exit 0"]
    )
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/tmp", "BOX": str(box),
        "LOOK": str(folder / "look.sh"), "HANG": str(folder / "hang.py"),
        "REPOSITORIES": " ".join(REPOSITORIES), **(node.environment or {}),
    }  # fmt: skip
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", text],
        env=environment,
        capture_output=True,
        timeout=100,
        check=False,
    )
    report = parse(done.stdout, NONCE)
    assert report, done.stderr.decode()
    return report


class Outside:
    """What a node reaches: a host with ports, a web proxy, and a web server whose clock may be wrong."""

    def __init__(self, closing: contextlib.ExitStack):
        self._closing = closing
        self.clock_off_s = 0.0
        ports = tuple(self.listening() for _ in range(2))
        squid, clock = self.web(200, PUBLISHED), self.web(200, b"hello")
        self.targets = Targets(
            host="127.0.0.1", ports=ports, names=("localhost",),
            squid_url="http://stratum.example.org:8000/.cvmfspublished",
            squid_expect="Nsoftware.example.org", proxy=f"127.0.0.1:{squid}",
            clock_url=f"http://127.0.0.1:{clock}/", repositories=REPOSITORIES,
        )  # fmt: skip

    def listening(self, backlog: int = 50) -> int:
        """A port that takes connections, and answers nothing."""
        listener = self._closing.enter_context(socket.create_server(("127.0.0.1", 0), backlog=backlog))
        port: int = listener.getsockname()[1]
        return port

    def full(self) -> int:
        """A port at which nothing arrives any more, as behind a firewall that drops."""
        port = self.listening(backlog=0)
        for _ in range(4):
            one = self._closing.enter_context(socket.socket())
            one.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                one.connect(("127.0.0.1", port))
        return port

    def closed(self) -> int:
        """A port at which nothing listens."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port: int = listener.getsockname()[1]
        return port

    def web(self, status: int, body: bytes) -> int:
        """A web server, or proxy, which always answers the same; its port."""
        outside = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def date_time_string(self, timestamp: float | None = None) -> str:
                return formatdate(time.time() + outside.clock_off_s, usegmt=True)

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self._closing.callback(thread.join)
        self._closing.callback(server.server_close)
        self._closing.callback(server.shutdown)
        return server.server_address[1]


@contextlib.contextmanager
def outside() -> Iterator[Outside]:
    """All of it on loopback, until the end."""
    with contextlib.ExitStack() as closing:
        yield Outside(closing)
