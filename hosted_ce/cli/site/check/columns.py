"""The columns of `hosted-ce site check history`."""

from __future__ import annotations

from hosted_ce.cli.columns import Column
from hosted_ce.cli.site.check.lines import summary
from hosted_ce.cli.words import cell, to_the_second

RUNS = (
    Column("RUN", lambda run: cell(run["id"])),
    Column("CLUSTER", lambda run: cell(run["cluster"])),
    Column("BEGUN", lambda run: to_the_second(run["begun_at"])),
    Column("STATE", lambda run: cell(run["state"])),
    Column("VERDICT", lambda run: cell(run["verdict"])),
    Column("WORSE", lambda run: cell(",".join(dict.fromkeys(each["check"] for each in run["worse"])))),
    Column("BY", lambda run: cell(run["actor"])),
    Column("RESULTS", lambda run: cell(summary(run))),
)
