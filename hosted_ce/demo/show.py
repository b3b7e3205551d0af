"""Shows the demo's pilots as they go: a live table on a terminal, a line for each change elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.live import Live
from rich.table import Table

COLOURS = {"idle": "yellow", "running": "cyan", "completed": "green", "unknown": "magenta"}


class Progress:
    """A context in which `update` shows the pilots as the API tells them."""

    def __init__(self, console: Console):
        self._console = console
        self._live = Live(console=console, refresh_per_second=8) if console.is_terminal else None
        self._shown: dict[int, tuple[str, str | None]] = {}

    def __enter__(self) -> Self:
        if self._live:
            self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.__exit__(kind, error, trace)

    def update(self, pilots: Sequence[dict[str, Any]]) -> None:
        """Shows the pilots' states now."""
        if self._live:
            self._live.update(_table(pilots))
        else:
            self._print_changes(pilots)

    def _print_changes(self, pilots: Sequence[dict[str, Any]]) -> None:
        for pilot in pilots:
            now = (pilot["state"], pilot["batch_id"])
            if self._shown.get(pilot["id"]) != now:
                self._shown[pilot["id"]] = now
                job = f"site's job {pilot['batch_id']}" if pilot["batch_id"] else "no job at the site yet"
                line = f"pilot {pilot['id']:>3}  {pilot['state']:<9}  {job}  {pilot['reason'] or ''}"
                self._console.print(line.rstrip(), markup=False, highlight=False, soft_wrap=True)


def _table(pilots: Sequence[dict[str, Any]]) -> Table:
    states = [pilot["state"] for pilot in pilots]
    counts = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    table = Table(title=f"{len(pilots)} pilots: {counts}", title_justify="left")
    for name in ("pilot", "state", "site's job", "exit code", "reason"):
        table.add_column(name, no_wrap=name != "reason")
    for pilot in pilots:
        code = "" if pilot["exit_code"] is None else str(pilot["exit_code"])
        state = f"[{COLOURS.get(pilot['state'], 'red')}]{pilot['state']}[/]"
        table.add_row(str(pilot["id"]), state, pilot["batch_id"] or "", code, pilot["reason"] or "")
    return table
