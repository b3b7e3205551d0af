"""The columns of `hosted-ce ramp`."""

from __future__ import annotations

from hosted_ce.cli.columns import Column
from hosted_ce.cli.words import cell, to_the_second

RAMPS = (
    Column("ROUTE", lambda ramp: cell(ramp["route"])),
    Column("ADMITS", lambda ramp: f"{ramp['cap']}/{ramp['target']}"),
    Column("AT_SITE", lambda ramp: cell(ramp["evidence"]["at_site"])),
    Column("NEXT", lambda ramp: cell(ramp["next_cap"])),
    Column("SINCE", lambda ramp: to_the_second(ramp["since"])),
    Column("STANDING", lambda ramp: cell(ramp["standing"])),
    Column("WAITS_FOR", lambda ramp: cell(ramp["said"])),
)

GATES = (
    Column("GATE", lambda gate: cell(gate["name"])),
    Column("PASSED", lambda gate: "yes" if gate["passed"] else "no"),
    Column("NUMBERS", lambda gate: cell(gate["said"])),
)

STEPS = (
    Column("AT", lambda step: to_the_second(step["at"])),
    Column("FROM", lambda step: cell(step["before"])),
    Column("TO", lambda step: cell(step["after"])),
    Column("CAUSE", lambda step: cell(step["cause"])),
    Column("ACTOR", lambda step: cell(step["actor"])),
    Column("REASON", lambda step: cell(step["reason"])),
)
