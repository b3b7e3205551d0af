"""What holds for all tests."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.fakes.postgresql import Server, running_server

# A busy machine is no failure: what a test may take is pytest's timeout to say.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

# A shell that starts the tests in the background lets them ignore these, and all that they start as well.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL for all tests of the session."""
    with running_server() as server:
        yield server
