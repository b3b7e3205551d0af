"""What the commands of `hosted-ce front-door` do, and how they tell it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hosted_ce.cli.errors import CliError, Misuse, SiteFileRefused
from hosted_ce.cli.process import settings_with
from hosted_ce.cli.site.problems import problem_line
from hosted_ce.front_door import master
from hosted_ce.front_door.account import refuse_root
from hosted_ce.front_door.door import Door, door_of
from hosted_ce.front_door.errors import FrontDoorError
from hosted_ce.front_door.layout import Layout, layout_of
from hosted_ce.front_door.programs import find_programs
from hosted_ce.settings import Settings
from hosted_ce.site import SiteFile, SiteFileError, load_site


@contextmanager
def opened_door(
    site: Path | None, state: Path | None, condor_bin: Path | None, *, to_write: bool = True
) -> Iterator[Door]:
    """The front door that the command is about. Raises CliError for whatever is wrong with it."""
    settings = settings_with(site=site, state=state, condor_bin=condor_bin)
    with told():
        wanted = read_site(settings)
        if to_write:
            refuse_root()
        yield door_of(wanted, layout_of(settings.state), find_programs(settings.condor_bin))


@contextmanager
def told() -> Iterator[None]:
    """Turns what the front door's own code raises into errors of the command line."""
    try:
        yield
    except FrontDoorError as error:
        raise CliError(str(error), *getattr(error, "__notes__", ())) from error


def read_site(settings: Settings) -> SiteFile:
    """The site file. Raises Misuse without one, SiteFileRefused for one with errors."""
    if settings.site is None:
        raise Misuse("which site? Name its file with --site routes/my-site.yaml")
    try:
        return load_site(settings.site)
    except SiteFileError as error:
        raise SiteFileRefused([problem_line(error.file, problem) for problem in error.problems]) from error


def printed_texts(door: Door) -> str:
    """The files as they would be written."""
    return "\n".join(f"# ==== {path}\n{text}" for path, text in door.texts().items())


def written(door: Door) -> str:
    """Writes the files; says which were not so yet, and what becomes of it."""
    changed = door.write()
    if not changed:
        return "nothing to change"
    lines = [f"wrote {path}" for path in changed]
    if master.reconfigure(door.layout):
        lines.append("the front door reads them now; another host, port, bind or program needs a restart")
    return "\n".join(lines)


def started(door: Door, *, foreground: bool, timeout_s: float) -> str:
    """Starts the front door, if it does not run; says where it is. With `foreground` it does not return."""
    if (pid := master.running(door.layout)) is not None:
        return f"it runs already (process {pid})"
    door.write()
    if foreground:
        master.become(door)
    pid = master.start(door, timeout_s)
    return f"the front door is open at {door.wanted.host}:{door.wanted.port} (process {pid})"


def stopped(state: Path | None, *, timeout_s: float) -> str:
    """Stops the front door; says so."""
    layout: Layout = layout_of(settings_with(state=state).state)
    with told():
        return "the front door is closed" if master.stop(layout, timeout_s) else "it did not run"
