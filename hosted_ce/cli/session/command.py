"""The group of commands."""

from __future__ import annotations

from hosted_ce.cli.groups import examples, new_group
from hosted_ce.cli.session.begin import begin, end, link, show_all
from hosted_ce.cli.session.minutes import minutes
from hosted_ce.cli.session.run import run
from hosted_ce.cli.session.say import note, reopen, settle, skip, tick
from hosted_ce.cli.session.show import show

session = new_group(
    "The live integration session: a checklist that both sides look at, notes, and minutes.",
    epilog=examples(
        "hosted-ce session begin --with 'Example University'",
        "hosted-ce session run --next --wait",
        "hosted-ce session note '200 pilots at most' --decision",
        "hosted-ce session minutes --html --output minutes.html",
    ),
)
session.command(epilog=examples("hosted-ce session begin --with 'Example University' --expires 8h"))(begin)
session.command(epilog=examples("hosted-ce session show", "hosted-ce session show --watch"))(show)
session.command(epilog=examples("hosted-ce session run site-check --wait", "hosted-ce session run --next"))(
    run
)
session.command(
    epilog=examples(
        "hosted-ce session tick people --reason 'Ada (OSG), Ben (Example University)'",
        "hosted-ce session tick views",
    )
)(tick)
session.command(epilog=examples("hosted-ce session skip stress --reason 'the partition is full today'"))(skip)
session.command(epilog=examples("hosted-ce session reopen views"))(reopen)
session.command(
    epilog=examples(
        "hosted-ce session note 'scratch is local'",
        "hosted-ce session note '200 pilots at most' --decision",
        "hosted-ce session note 'quota of 50 GB' --open --owner Ben --due 2026-12-01",
        "hosted-ce session note 'asked the network team' --open --item site-check --owner Ben",
    )
)(note)
session.command(epilog=examples("hosted-ce session settle 7"))(settle)
session.command(epilog=examples("hosted-ce session link --expires 3d"))(link)
session.command(epilog=examples("hosted-ce session end"))(end)
session.command(
    epilog=examples(
        "hosted-ce session minutes",
        "hosted-ce session minutes --html --output minutes.html",
        "hosted-ce session minutes --session 3 --text",
    )
)(minutes)
session.command("list", epilog=examples("hosted-ce session list"))(show_all)
