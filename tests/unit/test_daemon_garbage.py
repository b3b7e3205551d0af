"""What stays for good is left alone by garbage collections, once the CE has started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
SITE = """\
site: Example-University
resource: Example-CE1
clusters:
  main:
    {{batch: slurm, login: [{{host: 127.0.0.1, port: 1}}], account: osg01, key: {0}/key,
     known_hosts: {0}/known}}
routes: [{{name: default}}]
"""
PROGRAM = """\
import asyncio, gc, os, signal, sys
from pathlib import Path
from hosted_ce.daemon import serve
from hosted_ce.settings import Settings

async def main():
    folder = Path(sys.argv[1])
    settings = Settings(site=folder / "site.yaml", state=folder / "state", port=0)
    serving = asyncio.create_task(serve(settings))
    while not gc.get_freeze_count():
        assert not serving.done(), await serving
        await asyncio.sleep(0.01)
    print((folder / "state" / "endpoint").exists(), gc.get_freeze_count())
    os.kill(os.getpid(), signal.SIGTERM)
    sys.exit(await serving)

asyncio.run(main())
"""


@pytest.mark.timeout(90)
def test_what_is_there_when_it_has_started_is_not_looked_at_again(tmp_path: Path) -> None:
    (tmp_path / "key").touch(mode=0o600)
    (tmp_path / "known").write_text(f"[127.0.0.1]:1 {HOST_KEY}\n")
    (tmp_path / "site.yaml").write_text(SITE.format(tmp_path))
    argv = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    environment = {**os.environ, "HOSTED_CE_ROOT": "true"}
    done = subprocess.run(argv, capture_output=True, text=True, timeout=80, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    started, frozen = done.stdout.split()
    assert (started, int(frozen) > 50_000) == ("True", True)
