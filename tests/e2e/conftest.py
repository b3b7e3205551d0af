"""Fixtures that start real sites: Slurm, munge, MariaDB and sshd on loopback (see `tests/e2e/lab`)."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.e2e.gate import Gate, gate_in
from tests.e2e.lab import requirements
from tests.e2e.lab.gridengine import GridEngineLab, running_gridengine
from tests.e2e.lab.options import LabOptions
from tests.e2e.lab.site import Lab, running_lab


@pytest.fixture(scope="module", autouse=True)
def _leaves_nothing_open() -> Iterator[None]:
    """A socket that nobody closed is told of here: by chance it would be in another module's test."""
    yield
    gc.collect()


@pytest.fixture(scope="session")
def make_lab() -> Iterator[Callable[[LabOptions], Lab]]:
    """Gives the lab with the options asked for, started on first use, the same one for equal options.

    Whoever stops a daemon of a lab starts it again. All labs end with the test session.
    """
    if unmet := requirements.unmet():
        pytest.fail(unmet, pytrace=False)
    labs: dict[LabOptions, Lab] = {}
    with ExitStack() as running:

        def lab_with(options: LabOptions) -> Lab:
            if options not in labs:
                labs[options] = running.enter_context(running_lab(options))
            return labs[options]

        yield lab_with


@pytest.fixture(scope="session")
def lab(make_lab: Callable[[LabOptions], Lab]) -> Lab:
    """The ordinary site: accounting, 64 CPUs, ended jobs known for 300 s."""
    return make_lab(LabOptions())


@pytest.fixture
def gate(lab: Lab) -> Iterator[Gate]:
    """One at the ordinary site."""
    with gate_in(lab.folder) as gate:
        yield gate


@pytest.fixture(scope="module")
def gridengine() -> Iterator[GridEngineLab]:
    """A Grid Engine behind a login node, of this module's own."""
    with running_gridengine() as lab:
        yield lab
