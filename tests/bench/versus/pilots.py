"""The pilots that all ways carry: the same bytes, sent by the same factory's hands."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from tests.e2e.condor.factory import Factory
from tests.e2e.condor.pilot_script import glidein_startup
from tests.e2e.condor.submit_file import Entry
from tests.e2e.lab.process import wait_until

TIMED = "date +%s.%N; sleep {seconds}; date +%s.%N"
CREDENTIALS = {"frontend.tar": random.Random(1).randbytes(107_000)}
"""With the executable's 93 kB a sandbox of 200 kB; all pilots have the same."""
_EVENT = r"^{} \((\d+)\.(\d+)\.\d+\) (\S+[ T]\S+)"
_TERMINATED, _HELD = (re.compile(_EVENT.format(kind), re.MULTILINE) for kind in ("005", "012"))

POLLS_EVERY_5S = (
    "SCHEDD_INTERVAL = 10",
    "SCHEDD_MIN_INTERVAL = 1",
    "GRIDMANAGER_JOB_PROBE_INTERVAL = 5",
    "GRIDMANAGER_CONTACT_SCHEDD_DELAY = 1",
    "C_GAHP_CONTACT_SCHEDD_DELAY = 1",
)
"""A factory in a hurry. Without: HTCondor's and GlideinWMS's own settings, 60 s."""
EXACT = ("DEFAULT_USERLOG_FORMAT_OPTIONS = ISO_DATE, SUB_SECOND",)
"""Milliseconds in the factory's log of its jobs."""


@dataclass(frozen=True)
class Sender:
    """A factory together with what opens one CE's door to it."""

    factory: Factory
    entry: Entry
    scitoken: Path | None = None

    def named(self, name: str, **attributes: str) -> Sender:
        """The same with another entry, which has these attributes besides."""
        own = {f"+{word}": value for word, value in attributes.items()}
        return replace(
            self, entry=replace(self.entry, name=name, attributes={**self.entry.attributes, **own})
        )

    def send(self, count: int = 1, seconds: int = 1) -> list[str]:
        """Pilots that run for so long; their names at the factory."""
        executable = glidein_startup(TIMED.format(seconds=seconds))
        return self.factory.submit(
            self.entry, executable, count=count, inputs=CREDENTIALS, scitoken=self.scitoken
        )

    def completed(self, jobs: Sequence[str], seconds: float) -> dict[str, float]:
        """When the factory knew that each was completed; LabError when one is not within `seconds`."""
        wanted = set(jobs)

        def all_there() -> dict[str, float] | None:
            self._refuse_holds(wanted)
            found = {job: at for job, at in self._events(_TERMINATED).items() if job in wanted}
            return found if len(found) == len(wanted) else None

        return wait_until(all_there, f"the end of {len(jobs)} pilots", seconds, every=0.5)

    def _refuse_holds(self, jobs: set[str]) -> None:
        if held := jobs & set(self._events(_HELD)):
            [ad] = self.factory.queue("HoldReason", constraint=f"ClusterId == {min(held).split('.')[0]}")[:1]
            raise RuntimeError(f"{len(held)} pilots are held at the factory: {ad.get('HoldReason')}")

    def _events(self, kind: re.Pattern[str]) -> dict[str, float]:
        """Of the log of the factory's jobs, which costs next to nothing to read again and again."""
        text = self.factory.activity_log(self.entry).read_text()
        return {f"{int(c)}.{int(p)}": _epoch(at) for c, p, at in kind.findall(text)}

    def ran(self, job: str) -> tuple[float, float]:
        """When it began and ended at the site, by its own clock."""
        began, ended = self.factory.outputs(job, self.entry)[0].split()
        return float(began), float(ended)


def sandbox_bytes() -> int:
    """The least that a pilot's input files need on a connection: compressed, as ours is."""
    files = (glidein_startup(TIMED), *CREDENTIALS.values())
    return sum(len(zlib.compress(file)) for file in files)


def _epoch(text: str) -> float:
    return datetime.fromisoformat(text.rstrip("Z")).replace(tzinfo=UTC).timestamp()
