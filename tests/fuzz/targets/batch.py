"""What batch commands print at a site that means us ill."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

from bosco.batch.inspections import condition_of, rehearsal_of
from bosco.batch.model import BatchRequest, CommandResult, InputFile, Listing
from bosco.batch.plausible import plausible_listing
from bosco.batch.protocol import BatchSystem, Dialogue
from bosco.batch.registry import SYSTEMS
from bosco.batch.stamps import STAMP
from bosco.errors import Failed, Interrupted
from tests.fuzz.target import RECORDED, SEPARATOR, Target, stored

MOST_COMMANDS = 20
CODES = (0, 0, 0, 1, 2, 127, 153, 255, -9)
IDS = [str(number) for number in range(1, 13)]
REQUEST = BatchRequest("h" * 15, "run", (InputFile("run", "0" * 64),), 3600)
RECORDS = {
    "slurm": "slurm-*", "pbs": "*pbs-*", "sge": "gridengine-*", "htcondor": "htcondor-*", "lsf": "lsf*",
}  # fmt: skip
T = TypeVar("T")


def _answers(data: bytes) -> list[CommandResult]:
    """Each: a byte that chooses the exit code and whether it is whole, then what was printed."""
    found = []
    for said in data.split(SEPARATOR)[: MOST_COMMANDS + 1]:
        choice, out, err = said[:1] or b"0", said[1:], b""
        if choice[0] & 0x40:
            out, err = b"", said[1:]
        found.append(CommandResult(CODES[choice[0] % len(CODES)], out, err, not choice[0] & 0x80))
    return (found * MOST_COMMANDS)[:MOST_COMMANDS]


def _heard(dialogue: Dialogue[T], answers: list[CommandResult]) -> T:
    try:
        command = next(dialogue)
        for answer in answers:
            assert command.argv
            assert all(isinstance(word, str) and "\0" not in word for word in command.argv)
            command = dialogue.send(answer)
    except StopIteration as end:
        made: T = end.value
        return made
    raise AssertionError(f"more than {MOST_COMMANDS} commands")


def _codec(system: BatchSystem, data: bytes) -> None:
    answers = _answers(data)
    for dialogue in (
        system.listing("osg01"),
        system.accounting("osg01", 1.7e9, stamps=["h" * 15], batch_ids=IDS),
    ):
        listing = _heard(dialogue, answers)
        assert isinstance(listing, Listing)
        assert listing.complete or listing.problem
        assert all(STAMP.match(job.stamp) and job.batch_id for job in listing.observations)
        for job in plausible_listing(listing).observations:
            stored(job.submitted_at, job.started_at, job.ended_at)
            json.dumps(asdict(job))
    with contextlib.suppress(Failed):
        _heard(system.cancel(IDS), answers)
    for answer in answers[:2]:
        with contextlib.suppress(Failed, Interrupted):
            assert system.submitted(answer)
    _heard(system.probe("osg01"), answers)
    _heard(condition_of(system, "osg01"), answers)
    _heard(rehearsal_of(system, REQUEST), answers)


def _recorded(pattern: str) -> Iterator[bytes]:
    """Real answers that are not too long: alone, and as the answers of one dialogue."""
    if pattern == RECORDS["pbs"]:
        yield from _of_pbs()
    for folder in sorted(RECORDED.glob(pattern)):
        files = [path for path in sorted(folder.rglob("*.stdout")) if 0 < path.stat().st_size < 8000]
        yield from (b"0" + path.read_bytes() for path in files)
        names = sorted({path.name.rsplit("-", 1)[0] for path in files if path.name.startswith("probe-")})
        for name in names:
            yield SEPARATOR.join(b"0" + path.read_bytes() for path in _of_one(files, name))
        errors = [path for path in sorted(folder.rglob("*.stderr")) if 0 < path.stat().st_size < 2000]
        yield from (b"C" + path.read_bytes() for path in islice(errors, 12))


def _of_pbs() -> Iterator[bytes]:
    """Sessions at real servers, whose answers stand behind marks."""
    for path in sorted([*RECORDED.glob("openpbs-*/*.txt"), *RECORDED.glob("torque-*/*.txt")]):
        for asked in path.read_bytes().split(b"\n$ "):
            lines = [line[6:] for line in asked.split(b"\n") if line.startswith(b"[out] ")]
            if 0 < sum(map(len, lines)) < 8000 and asked.startswith((b"q", b"pbs")):
                yield b"0" + b"\n".join(lines) + b"\n"


def _of_one(files: list[Path], name: str) -> list[Path]:
    return [path for path in files if path.name.rsplit("-", 1)[0] == name]


TARGETS = tuple(
    Target(f"batch-{name}", "batch outputs", partial(_codec, make()), tuple(_recorded(RECORDS[name])))
    for name, make in SYSTEMS.items()
)
