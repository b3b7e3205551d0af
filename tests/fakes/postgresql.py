"""A real PostgreSQL of the tests' own: one server for a session, a new database for each test."""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from hosted_ce.store.migrate import alembic_config

ACCOUNT = "postgres"
"""Of Debian's package: PostgreSQL refuses to be run by root."""
OWNER = "ce"
TEMPLATE = "migrated"
STARTS_WITHIN_S = 60.0
OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",  # the tests' machine does not lose its power; a kill of the server loses nothing so
    "max_connections": "60",
    "shared_buffers": "32MB",
    "autovacuum": "off",
    "timezone": "Asia/Kathmandu",  # no answer may depend on it
    "logging_collector": "off",
}


@cache
def programs() -> Path | None:
    """The folder of PostgreSQL's programs, the newest one; None: it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if found:
        return found[-1].parent
    elsewhere = shutil.which("initdb")
    return Path(elsewhere).resolve().parent if elsewhere else None


needs_postgresql = pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed")
BOTH = [pytest.param("sqlite"), pytest.param("postgresql", marks=needs_postgresql)]
"""The kinds of databases, as parameters of a fixture `url`."""
ON_SQLITE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
"""For a test of what only this one has."""


@dataclass(slots=True)
class Server:
    """A server with its own data, reached by a socket in its folder."""

    folder: Path
    options: dict[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = None
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def prepare(self) -> None:
        """Makes its data, as an account that is not root."""
        self.folder.chmod(0o755)
        data = self.folder / "data"
        data.mkdir(mode=0o700)
        if os.getuid() == 0:
            found = pwd.getpwnam(ACCOUNT)
            os.chown(data, found.pw_uid, found.pw_gid)
            os.chown(self.folder, found.pw_uid, found.pw_gid)
        # It sorts as nothing of ours does, so that no answer relies on how a database sorts.
        locale = ["--encoding=UTF8", "--locale-provider=icu", "--icu-locale=en-US", "--locale=C.UTF-8"]
        argv = ["initdb", f"--pgdata={data}", "--auth=trust", f"--username={OWNER}", "--no-sync", *locale]
        subprocess.run(self._as_account(argv), check=True, stdout=subprocess.DEVNULL, timeout=60)

    def start(self) -> None:
        """Starts it, and returns when it answers. It ends with the thread that calls this: the main one."""
        options = [f"-c{name}={value}" for name, value in (OPTIONS | self.options).items()]
        argv = ["postgres", "-D", str(self.folder / "data"), "-k", str(self.folder), *options]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(self._as_account(argv), stdout=log, stderr=log)
        until = time.monotonic() + STARTS_WITHIN_S
        engine = sa.create_engine(self.url("postgres"), poolclass=sa.NullPool)
        while True:
            try:
                with engine.connect():
                    return
            except sa.exc.OperationalError as error:
                if time.monotonic() > until or self._process.poll() is not None:
                    raise RuntimeError((self.folder / "log").read_text()[-2000:]) from error
                time.sleep(0.02)

    def stop(self, *, kill: bool = False) -> None:
        """Stops it: at once with its connections cut, or as a machine does that loses its power."""
        if self._process:
            number = "-QUIT" if kill else "-INT"
            subprocess.run(["kill", number, str(self._process.pid)], check=False)
            self._process.wait(60)
            self._process = None

    def keep(self) -> None:
        """Copies its data, while it is stopped."""
        subprocess.run(["cp", "-a", self.folder / "data", self.folder / "kept"], check=True)

    def go_back(self) -> None:
        """Has the data of the copy again, while it is stopped."""
        shutil.rmtree(self.folder / "data")
        (self.folder / "kept").rename(self.folder / "data")

    def be_standby(self, *, standby: bool) -> None:
        """Whether it starts as a standby of nobody, which can be read; while it is stopped."""
        mark = self.folder / "data" / "standby.signal"
        mark.touch() if standby else mark.unlink()

    def url(self, database: str) -> str:
        """The URL of one of its databases."""
        return f"postgresql+psycopg://{OWNER}@/{database}?host={self.folder}&port={self.port}"

    @property
    def port(self) -> str:
        """Names its socket; where it listens on an address, there as well."""
        return self.options.get("port", "5432")

    def new_database(self, template: str | None = TEMPLATE) -> str:
        """The URL of a new database: migrated, or empty if `template` is None."""
        name = f"test{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template or 'template0'}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Removes a database, whoever is connected."""
        self.run(f"DROP DATABASE IF EXISTS {sa.make_url(url).database} WITH (FORCE)")

    def run(self, statement: str) -> None:
        """Runs a statement of the server's owner."""
        engine = sa.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)

    def _as_account(self, argv: list[str]) -> list[str]:
        folder = programs()
        assert folder is not None
        ends_with_us = ["setpriv", "--pdeathsig", "INT"]
        if os.getuid() == 0:
            ends_with_us += [f"--reuid={ACCOUNT}", f"--regid={ACCOUNT}", "--init-groups"]
        return [*ends_with_us, str(folder / argv[0]), *argv[1:]]


@contextlib.contextmanager
def running_server(where: Path | None = None, **options: str) -> Iterator[Server]:
    """A server with a migrated database as template, while the block runs; its data in memory, or there."""
    memory = Path("/dev/shm")
    where = where or (memory if memory.is_dir() else None)
    with tempfile.TemporaryDirectory(dir=where, prefix="pg") as folder:
        server = Server(Path(folder), options)
        server.prepare()
        server.start()
        try:
            server.run(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
            command.upgrade(alembic_config(server.url(TEMPLATE)), "head")
            yield server
        finally:
            server.stop()
