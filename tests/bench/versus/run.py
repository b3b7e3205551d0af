"""The phases of one run, on one campus, each way with a login node's sshd of its own."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from hosted_ce.site import parse_duration
from tests.bench.versus import idle, life, machine, plain, rest, singles
from tests.bench.versus.carrier import Carrier, incumbent, ours
from tests.bench.versus.findings import Findings, OfWay
from tests.bench.versus.gate import Gate, opened
from tests.bench.versus.incumbent import install_blahpd
from tests.bench.versus.model import Bench
from tests.bench.versus.options import Options
from tests.bench.versus.pilots import EXACT, POLLS_EVERY_5S, sandbox_bytes
from tests.bench.versus.rows import rows
from tests.bench.versus.watcher import Watch, watching
from tests.e2e.condor.factory import Factory, FactoryOptions, start_factory
from tests.e2e.condor.lab import CondorLab, running_condor_lab
from tests.e2e.lab.options import LabOptions
from tests.e2e.lab.process import wait_until
from tests.e2e.lab.site import Lab, running_lab

SINGLES = ("door_first", "submit_first", "submit_cold", "end_factory", "rest_first")
LIFE = ("door_rate", "rest_rate", "door_rate_three", "end_api", "sbatch_calls", "listings", "programs",
        "processes", "login_cpu", "ssh_bytes")  # fmt: skip
IDLE = ("idle_cpu", "idle_memory")
OURS_BY_REST = ("rest_rate", "rest_first")
SETTLES_S = 10.0
COLD_PATIENCE_S = 900.0
"""The incumbent as installed takes five minutes for a new CE's first pilot."""


class Run:
    """One run; `bench()` is what it has found so far."""

    def __init__(self, options: Options):
        self._options, self._found = options, Findings()
        self._began, self._load = time.time(), os.getloadavg()[0]
        self._versions: dict[str, str] = {}

    def go(self) -> Bench:
        """All phases that the options ask for. A phase that fails is a problem of the result; others go on."""
        with ExitStack() as stack:
            lab = stack.enter_context(running_lab(LabOptions(cpus=1024)))
            plain.close_partition(lab)
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            watch = stack.enter_context(watching(folder / "facts"))
            condor = stack.enter_context(running_condor_lab()) if self._needs_condor() else None
            self._versions = machine.versions(condor)
            waiting = self._in_background(stack, lab, condor, watch) if condor else None
            if self._options.wants(*OURS_BY_REST):
                self._rest(lab, watch)
            if condor:
                self._schedds(lab, condor, watch, waiting)
        return self.bench()

    def bench(self) -> Bench:
        """The result with what is there by now."""
        options, found = self._options, self._found
        listing = parse_duration(options.listing)
        all_rows = rows(
            found,
            sandbox=sandbox_bytes(),
            listing_s=listing,
            pilots=options.pilots,
            three_pilots=options.pilots,
        )
        return Bench(
            at=datetime.fromtimestamp(self._began, UTC).isoformat(timespec="seconds"),
            seconds=round(time.time() - self._began, 1),
            machine=machine.machine(),
            versions=self._versions,
            load_before=self._load,
            load_after=os.getloadavg()[0],
            options={name: _plain(value) for name, value in vars(options).items()},
            rows=[row for row in all_rows if row.name in options.only],
            problems=found.problems,
        )

    def _needs_condor(self) -> bool:
        by_rest_alone = self._options.skip_incumbent and not set(self._options.only) - set(OURS_BY_REST)
        return not by_rest_alone

    def _rest(self, lab: Lab, watch: Watch) -> None:
        options = self._options
        with self._phase("REST and loops of sbatch"):
            rounds = options.rounds if options.wants("rest_rate") else 0
            self._found.rest = rest.measure(lab, watch, options.pilots, rounds, options.singles)

    def _in_background(
        self, stack: ExitStack, lab: Lab, condor: CondorLab, watch: Watch
    ) -> Callable[[], None] | None:
        """The incumbent as installed waits for minutes and does nothing: beside everything else."""
        if self._options.skip_incumbent:
            return None
        install_blahpd(condor, lab.owner)
        if self._options.skip_default or not self._options.wants(*SINGLES, *IDLE):
            return None
        factory = start_factory(
            condor, FactoryOptions(tuned=False, config_lines=EXACT), "slow-factory.lab.test"
        )
        gate = stack.enter_context(opened("installed", lab, next(condor.ports), watch))
        carrier = stack.enter_context(incumbent(gate, condor, factory, "installed.lab.test", tuned=False))
        thread = threading.Thread(target=self._installed, args=(carrier,), daemon=True)
        thread.start()

        def finish() -> None:
            with self._phase("incumbent as installed, what is left"):
                thread.join(COLD_PATIENCE_S)
                self._watch_idle(self._found.incumbent_default, carrier)

        return finish

    def _installed(self, carrier: Carrier) -> None:
        found, options = self._found.incumbent_default, self._options
        with self._phase("incumbent as installed, in the background"):
            if options.wants(*SINGLES):
                found.cold = singles.measure(carrier, 1, COLD_PATIENCE_S, "Cold")
                found.singles = singles.measure(carrier, options.default_singles, 400)

    def _schedds(self, lab: Lab, condor: CondorLab, watch: Watch, finish: Callable[[], None] | None) -> None:
        options, lines = self._options, (*POLLS_EVERY_5S, *EXACT)
        factories = [
            start_factory(condor, FactoryOptions(tuned=False, config_lines=lines), f"factory{n}.lab.test")
            for n in range(3 if options.wants("door_rate_three") else 1)
        ]
        with self._phase("ours by schedds"), _gate("ours", lab, condor, watch) as gate:
            with ours(gate, condor, factories[0], options.listing) as carrier:
                self._ours(lab, carrier, factories)
            plain.clear(lab)
        if not options.skip_incumbent:
            with self._phase("incumbent with short clocks"), _gate("short", lab, condor, watch) as gate:
                with incumbent(gate, condor, factories[0], "short.lab.test", tuned=True) as carrier:
                    self._incumbent(carrier)
        if finish:
            finish()

    def _ours(self, lab: Lab, carrier: Carrier, factories: list[Factory]) -> None:
        found, options = self._found.ours, self._options
        self._singles(found, carrier, options.singles)
        if options.wants(*LIFE):
            _, self._found.sbatch_cpu_s = plain.loop(lab, max(20, options.pilots // 10), 1)
            plain.clear(lab)
            few = max(5, options.pilots // 10)
            with self._phase("ours, a few pilots at once"):
                found.small_life = life.measure(carrier, few, options.runs_s, 300, "Few")
            with self._phase("ours, all pilots at once"):
                found.life = life.measure(carrier, options.pilots, options.runs_s, 180 + options.pilots / 2)
        self._watch_idle(found, carrier)
        if len(factories) > 1:
            with self._phase("ours, three factories at once"):
                self._found.three = _three(carrier, factories, options.pilots)

    def _incumbent(self, carrier: Carrier) -> None:
        found, options = self._found.incumbent, self._options
        self._singles(found, carrier, options.incumbent_singles)
        if options.wants(*LIFE):
            pilots = min(options.incumbent_pilots, options.pilots)
            with self._phase("incumbent, many pilots at once"):
                found.life = life.measure(carrier, pilots, options.runs_s, 300 + 2 * pilots)
        self._watch_idle(found, carrier)

    def _singles(self, found: OfWay, carrier: Carrier, count: int) -> None:
        if self._options.wants(*SINGLES):
            with self._phase(f"{carrier.gate.label}, one pilot after the other"):
                found.cold = singles.measure(carrier, 1, 300, "Cold")
                found.singles = singles.measure(carrier, count, 300)

    def _watch_idle(self, found: OfWay, carrier: Carrier) -> None:
        if self._options.wants(*IDLE):
            with self._phase(f"{carrier.gate.label}, nothing to do"):
                time.sleep(min(SETTLES_S, self._options.idle_s))
                found.idle = idle.measure(carrier.daemons, self._options.idle_s)

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        """Says how long it took, and keeps what went wrong in it."""
        began = time.time()
        try:
            yield
        except Exception as error:  # whatever it is, other phases can still be measured
            self._found.problems.append(f"{name}: {type(error).__name__}: {error}")
            print(f"{name} FAILED: {error}", flush=True)
        print(f"{name}: {time.time() - began:.0f} s", flush=True)
        self._write()

    def _write(self) -> None:
        """What there is, also if the run is ended now."""
        self._options.output.parent.mkdir(parents=True, exist_ok=True)
        self._options.output.write_text(self.bench().model_dump_json(indent=2) + "\n")


def _gate(label: str, lab: Lab, condor: CondorLab, watch: Watch) -> AbstractContextManager[Gate]:
    return opened(label, lab, next(condor.ports), watch)


def _three(carrier: Carrier, factories: list[Factory], pilots: int) -> float:
    """Submissions a second when all factories send their share at the same time."""
    share, began = max(2, pilots // len(factories)), time.time()
    senders = [
        replace(carrier.sender, factory=factory).named("Three", queue=plain.PARTITION)
        for factory in factories
    ]
    with ThreadPoolExecutor(len(senders)) as threads:
        list(threads.map(lambda sender: sender.send(share), senders))
    wanted = share * len(factories)
    accepted = wait_until(
        lambda: times if len(times := carrier.gate.accepted(began)) >= wanted else None,
        f"{wanted} pilots of {len(factories)} factories at the site",
        120 + pilots / 4,
        every=0.5,
    )
    return life.rate(accepted)


def _plain(value: object) -> str | int | float | bool | list[str]:
    if isinstance(value, tuple):
        return list(value)
    return value if isinstance(value, str | int | float | bool) else str(value)
