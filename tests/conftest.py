"""What holds for all tests, and which database they are on."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator, Iterator
from contextlib import nullcontext

import pytest
from hypothesis import settings

from tests.fakes.database import fresh_database
from tests.fakes.hunting import without_our_constants
from tests.fakes.postgresql import Server, running_server
from tests.lanes import pytest_configure, pytest_xdist_make_scheduler  # noqa: F401  # as the next
from tests.witnesses import pytest_runtest_makereport  # noqa: F401  # a hook is found by its name

# A busy machine is no failure: what a test may take is pytest's timeout to say. A law is tried with the same
# examples each time, so that what passed here passes in CI; `make laws` tries others.
settings.register_profile("unhurried", deadline=None, derandomize=True)
settings.register_profile("other-examples", deadline=None, print_blob=True)
settings.load_profile("unhurried")

# A shell that starts the tests in the background lets them ignore these, and all that they start as well.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, object, object]:
    """What a test runs here may set the process's umask, as the service does; labs come after it."""
    before = os.umask(0o022)
    os.umask(before)
    try:
        return (yield)
    finally:
        os.umask(before)


@pytest.fixture(scope="session", autouse=True)
def the_same_examples_each_time() -> Iterator[None]:
    """Whatever modules are loaded: which ones are depends on the tests that ran before."""
    random = settings.get_current_profile_name() == "other-examples"
    with nullcontext() if random else without_our_constants():
        yield


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--database postgresql`: on that are the tests which would be on SQLite alone."""
    kinds = ("sqlite", "postgresql")
    parser.addoption(
        "--database", choices=kinds, default="sqlite", help="what tests are on that do not say it"
    )


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL for all tests of the session."""
    with running_server() as server:
        yield server


@pytest.fixture
def database_server(request: pytest.FixtureRequest) -> Server | None:
    """Where the test's databases are; None: on SQLite. Its parameters are kinds (`BOTH`)."""
    kind = getattr(request, "param", request.config.getoption("--database"))
    made: Server | None = request.getfixturevalue("postgresql") if kind == "postgresql" else None
    return made


@pytest.fixture
def url(database_server: Server | None) -> Iterator[str]:
    """A new database."""
    with fresh_database(database_server) as made:
        yield made
