"""One run: labs, each way with a login node's sshd of its own, and the order of the phases."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.bench.databases import NewDatabase, databases
from tests.bench.versus import by_schedd, machine, plain, rest
from tests.bench.versus.carrier import Carrier, incumbent, ours
from tests.bench.versus.gate import Gate, opened
from tests.bench.versus.incumbent import install_blahpd
from tests.bench.versus.model import Bench
from tests.bench.versus.pilots import EXACT
from tests.bench.versus.record import Record
from tests.bench.versus.watcher import Watch, watching
from tests.e2e.condor.factory import Factory, FactoryOptions, start_factory
from tests.e2e.condor.lab import CondorLab
from tests.e2e.lab.site import Lab

BY_REST = (*rest.RATES, "rest_first")
FACTORIES = 3
INSTALLED_PATIENCE_S = 900.0
"""A CE of today's takes five minutes for its first pilot, as it is installed."""


@dataclass(frozen=True)
class Labs:
    """What a run needs; it is started only when it is needed."""

    campus: Callable[[], AbstractContextManager[Lab]]
    condor: Callable[[], AbstractContextManager[CondorLab]]


def run(record: Record, labs: Labs) -> Bench:
    """All phases that the options ask for."""
    with ExitStack() as stack:
        lab = stack.enter_context(labs.campus())
        plain.close_partition(lab)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        watch = stack.enter_context(watching(folder / "facts"))
        new_database = stack.enter_context(databases(record.options.database))
        condor = stack.enter_context(labs.condor()) if _needs_condor(record) else None
        record.versions = machine.versions(lab, condor)
        tasks: list[Callable[[], None]] = [lambda: _by_rest(record, lab, watch, new_database)]
        if condor:
            ways = _Ways(record, lab, condor, watch, new_database)
            installed = ways.installed(stack)
            factories = ways.factories()
            tasks += [lambda: ways.ours(factories), lambda: ways.incumbent(factories[0]), installed]
        _carry_out(tasks, side_by_side=record.options.side_by_side)
    return record.bench()


def _needs_condor(record: Record) -> bool:
    return not record.options.skip_incumbent or bool(set(record.options.only) - set(BY_REST))


def _by_rest(record: Record, lab: Lab, watch: Watch, new_database: NewDatabase) -> None:
    options = record.options
    if options.wants(*BY_REST):
        with record.phase("REST and loops of sbatch"):
            record.found.rest = rest.measure(
                lab,
                watch,
                new_database,
                pilots=options.pilots,
                rounds=options.rounds,
                singles=options.singles if options.wants("rest_rate", "rest_first") else 0,
                wanted={name for name in rest.RATES if options.wants(name)},
                pause_s=options.clear_s,
            )


class _Ways:
    """The ways that begin at a factory's schedd."""

    def __init__(self, record: Record, lab: Lab, condor: CondorLab, watch: Watch, new_database: NewDatabase):
        self._record, self._lab, self._condor, self._watch = record, lab, condor, watch
        self._new_database = new_database

    def factories(self) -> list[Factory]:
        """As many as the rows need."""
        options = self._record.options
        count = FACTORIES if options.wants("door_rate_three") else 1
        asked = FactoryOptions(tuned=False, config_lines=options.factory_lines)
        return [start_factory(self._condor, asked, f"factory{n}.lab.test") for n in range(count)]

    def ours(self, factories: list[Factory]) -> None:
        """The product."""
        record = self._record
        if not set(record.options.only) - set(BY_REST):
            return
        with record.phase("ours"), self._gate("ours") as gate:
            way = ours(gate, self._condor, factories[0], record.options.listing, self._new_database())
            with way as carrier:
                by_schedd.measure_ours(record, self._lab, carrier, factories)
            plain.clear(self._lab, record.options.clear_s)

    def incumbent(self, factory: Factory) -> None:
        """Today's, with short clocks."""
        record = self._record
        if record.options.skip_incumbent:
            return
        if record.options.skip_default:
            install_blahpd(self._condor, self._lab.owner)
        lines = record.options.incumbent_lines
        with (
            record.phase("incumbent"),
            self._gate("incumbent") as gate,
            incumbent(gate, self._condor, factory, "short.lab.test", *lines, tuned=True) as carrier,
        ):
            by_schedd.measure_incumbent(record, carrier)

    def installed(self, stack: ExitStack) -> Callable[[], None]:
        """Today's, as it is installed: it mostly waits, so it does that beside all the rest.

        What is returned ends it: it waits for what is still missing.
        """
        record = self._record
        if record.options.skip_incumbent or record.options.skip_default:
            return lambda: None
        install_blahpd(self._condor, self._lab.owner)
        asked = FactoryOptions(tuned=False, config_lines=EXACT)
        factory = start_factory(self._condor, asked, "slow-factory.lab.test")
        gate = stack.enter_context(self._gate("installed"))
        way = incumbent(gate, self._condor, factory, "installed.lab.test", tuned=False)
        carrier = stack.enter_context(way)
        thread = threading.Thread(target=self._wait_for, args=(carrier,), daemon=True)
        thread.start()

        def finish() -> None:
            thread.join(INSTALLED_PATIENCE_S)
            record.found.incumbent_default.idle = by_schedd.measure_idle(record, carrier)

        return finish

    def _wait_for(self, carrier: Carrier) -> None:
        record = self._record
        count, found = record.options.default_singles, record.found.incumbent_default
        by_schedd.measure_singles(record, found, carrier, count, INSTALLED_PATIENCE_S)

    def _gate(self, label: str) -> AbstractContextManager[Gate]:
        return opened(label, self._lab, next(self._condor.ports), self._watch)


def _carry_out(tasks: list[Callable[[], None]], *, side_by_side: bool) -> None:
    if not side_by_side:
        for task in tasks:
            task()
        return
    threads = [threading.Thread(target=task, daemon=True) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
