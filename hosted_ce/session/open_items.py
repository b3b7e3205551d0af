"""What is left open: what operators wrote down, and what failed or was skipped, each once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from hosted_ce.session.board import Line, OpenItem
from hosted_ce.session.found import ItemState
from hosted_ce.session.log import Entry, Said


def open_items(lines: Iterable[Line], entries: Iterable[Entry], *, ended: bool) -> tuple[OpenItem, ...]:
    """In order: of the checklist, then what operators wrote. At the end what was not done is open, too:
    of items that wait for others, the others are, and one more says which were not reached.
    """
    said = list(entries)
    carers: dict[str | None, Entry] = {
        entry.item: entry for entry in said if entry.said is Said.OPEN and entry.item
    }
    found: dict[str, OpenItem] = {}
    every = list(lines)
    for line in every:
        for one in _of_line(line, ended):
            known = next((fault.since for fault in line.faults if fault.name == one.name), None)
            found.setdefault(one.name, _with_carer(one, carers, known))
    return (*found.values(), *_not_reached(every if ended else ()), *_written(said))


def _of_line(line: Line, ended: bool) -> Iterator[OpenItem]:
    left_out = line.state is ItemState.SKIPPED and line.by is not None
    undone = ended and line.state in (ItemState.OPEN, ItemState.RUNNING) and not line.waits_for
    if not (line.state is ItemState.FAILED or left_out or undone):
        return
    severe = [fault for fault in line.faults if fault.severe]
    for fault in severe:
        yield OpenItem(
            fault.name, f"{fault.title}: {fault.seen}", line.move.words, todo=fault.todo, item=line.id,
            since=line.since,
        )  # fmt: skip
    if not severe:
        how = {ItemState.SKIPPED: "skipped", ItemState.FAILED: "failed"}.get(line.state, "not done")
        seen = f": {line.seen}" if line.seen else ""
        yield OpenItem(
            line.id, f"{line.title} ({how}{seen})", line.move.words, todo=line.todo, item=line.id,
            since=line.since,
        )  # fmt: skip


def _not_reached(lines: Iterable[Line]) -> Iterator[OpenItem]:
    titles = [line.title for line in lines if line.waits_for and line.state is ItemState.OPEN]
    if titles:
        yield OpenItem("not-reached", f"not reached: {'; '.join(titles)}", "OSG")


def _with_carer(one: OpenItem, carers: Mapping[str | None, Entry], known: float | None) -> OpenItem:
    """`known`: when it was found; who took care of the item before then did so of something else."""
    carer = carers.get(one.item)
    if carer is None or (known is not None and carer.at < known):
        return one
    what = f"{one.what}; {carer.text}" if carer.text else one.what
    return replace(one, what=what, owner=carer.owner or one.owner, due=carer.due)


def _written(entries: Iterable[Entry]) -> Iterator[OpenItem]:
    said = list(entries)
    settled = {entry.about for entry in said if entry.said is Said.SETTLE}
    for entry in said:
        if entry.said is Said.OPEN and not entry.item and entry.number not in settled:
            yield OpenItem(
                f"note-{entry.number}", entry.text or "", entry.owner or "nobody yet", entry.due,
                number=entry.number, since=entry.at,
            )  # fmt: skip
