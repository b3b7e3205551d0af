"""What a run has found so far, written down after each phase."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hosted_ce.site import parse_duration
from tests.bench.versus import machine
from tests.bench.versus.findings import Findings
from tests.bench.versus.model import Bench
from tests.bench.versus.options import Options
from tests.bench.versus.pilots import sandbox_bytes
from tests.bench.versus.rows import NAMES, rows


@dataclass
class Record:
    """One run; `bench()` is its result with what is there by now."""

    options: Options
    found: Findings = field(default_factory=Findings)
    versions: dict[str, str] = field(default_factory=dict)
    began: float = field(default_factory=time.time)
    load: float = field(default_factory=lambda: os.getloadavg()[0])
    _writing: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Says how long it took; a phase that fails is a problem of the result, and others go on."""
        began = time.time()
        try:
            yield
        except Exception as error:  # whatever it is: what the other phases find is worth having
            self.found.problems.append(f"{name}: {type(error).__name__}: {error}")
            print(f"{name} FAILED: {error}", flush=True)
        print(f"{name}: {time.time() - began:.0f} s", flush=True)
        self.write()

    def bench(self) -> Bench:
        """The rows that were asked for, and on what they were measured."""
        options, listing_s = self.options, parse_duration(self.options.listing)
        found = rows(self.found, sandbox=sandbox_bytes(), listing_s=listing_s, pilots=options.pilots)
        return Bench(
            at=datetime.fromtimestamp(self.began, UTC).isoformat(timespec="seconds"),
            seconds=round(time.time() - self.began, 1),
            machine=machine.machine(),
            versions=self.versions,
            load_before=self.load,
            load_after=os.getloadavg()[0],
            options={name: _plain(value) for name, value in vars(options).items()},
            rows=sorted(
                (row for row in found if row.name in options.only), key=lambda row: NAMES.index(row.name)
            ),
            problems=self.found.problems,
        )

    def write(self) -> None:
        """The result as JSON, complete at any time, also when phases side by side end at once."""
        output = self.options.output
        with self._writing:
            output.parent.mkdir(parents=True, exist_ok=True)
            new = output.with_suffix(".new")
            new.write_text(self.bench().model_dump_json(indent=2) + "\n")
            new.replace(output)


def _plain(value: object) -> str | int | float | bool | list[str]:
    if isinstance(value, tuple):
        return list(value)
    return value if isinstance(value, str | int | float | bool) else str(value)
