"""What the CE does by itself with pilots of the front door that nobody looks after."""

from __future__ import annotations

from hosted_ce.site.fields import Grace, SiteModel, duration_field


class Policy(SiteModel):
    """Times after which the CE holds, removes or forgets a pilot. It writes the reason in words each time."""

    no_route_hold: Grace = duration_field(
        "30m", "A pilot that no route takes, whatever room there is, is held after this long."
    )
    held_remove: Grace = duration_field("24h", "A held pilot is removed after this long.")
    overrun_remove: Grace = duration_field(
        "12h", "A pilot that still runs this long after its walltime is over is removed."
    )
    idle_remove: Grace = duration_field("10d", "A pilot that has not started after this long is removed.")
    completed_expire: Grace = duration_field(
        "7d", "A completed pilot whose outputs nobody fetched leaves the queue after this long."
    )
    stage_in_remove: Grace = duration_field(
        "30m",
        "A pilot whose files have not all arrived after this long is removed: its transfer was cut off, and "
        "the factory would wait for ever.",
    )
    vanished_grace: Grace = duration_field(
        "5m", "A pilot that has been gone from the queue for this long has its batch job ended."
    )
