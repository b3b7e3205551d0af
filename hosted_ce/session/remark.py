"""What a person may say in a session. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hosted_ce.session.board import Board
from hosted_ce.session.checklist import ITEMS, item_of
from hosted_ce.session.errors import CannotSay
from hosted_ce.session.item import ItemKind
from hosted_ce.session.log import Entry, Said


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be said; the fields are those of an entry. Nobody says RUN: the session does."""

    said: Said
    text: str | None = None
    item: str | None = None
    owner: str | None = None
    due: str | None = None
    about: int | None = None


def check_remark(remark: Remark, entries: Sequence[Entry]) -> None:
    """Raises CannotSay, UnknownItem."""
    if remark.item is not None:
        item_of(remark.item)
    match remark.said:
        case Said.TICK:
            _check_tick(remark)
        case Said.SKIP:
            _check(remark.item and remark.text, "say which item is skipped, and why")
        case Said.REOPEN:
            _check(remark.item, "say which item is open again")
        case Said.NOTE | Said.DECISION:
            _check(remark.text, "say what is to be noted")
        case Said.OPEN:
            _check(remark.text or remark.item, "say what is open")
        case Said.SETTLE:
            _check_settle(remark, entries)
        case Said.RUN:
            raise CannotSay("only the session itself writes down what was run")


def check_run(board: Board, item: str) -> None:
    """Raises CannotSay when there is nothing to start, or what it needs is not settled."""
    line = next(line for line in board.lines if line.id == item_of(item).id)
    if line.kind is not ItemKind.RUN:
        runs = ", ".join(one.id for one in board.lines if one.kind is ItemKind.RUN)
        raise CannotSay(f"{line.id} is not run by us; what is run: {runs}")
    if line.waits_for:
        first = line.waits_for[0]
        raise CannotSay(
            f"{line.id} waits for {', '.join(line.waits_for)}: settle that first, "
            f"or skip it with a reason: hosted-ce session skip {first} --reason ..."
        )


def _check_tick(remark: Remark) -> None:
    _check(remark.item, "say which item is done")
    item = ITEMS[item_of(remark.item or "").id]
    if item.kind is not ItemKind.TICK:
        raise CannotSay(
            f"{item.id} is done when it is seen, and not by saying so; "
            f"skip it with a reason: hosted-ce session skip {item.id} --reason ..."
        )


def _check_settle(remark: Remark, entries: Sequence[Entry]) -> None:
    opened = {entry.number for entry in entries if entry.said is Said.OPEN and not entry.item}
    if remark.about not in opened:
        numbers = ", ".join(map(str, sorted(opened))) or "none"
        raise CannotSay(f"there is no open item of this number that somebody wrote; there are: {numbers}")


def _check(given: object, complaint: str) -> None:
    if not given:
        raise CannotSay(complaint)
