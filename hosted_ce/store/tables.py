"""The tables. Times are seconds since the epoch (UTC)."""

from __future__ import annotations

import sqlalchemy as sa

from hosted_ce.store import lengths
from hosted_ce.store.words import Words

lengths.register()

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

pilots = sa.Table(
    "pilots",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("stage", sa.String(16), nullable=False),
    sa.Column("goal", sa.String(16), nullable=False),
    sa.Column("reason", Words),
    sa.Column("spec", sa.JSON, nullable=False),
    sa.Column("door", sa.String(32), nullable=False),
    sa.Column("owner", sa.String(256), nullable=False),
    sa.Column("idempotency_key", sa.String(200)),
    sa.Column("request_digest", sa.String(64), nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),  # number of the latest; 0: none yet
    sa.Column("route", sa.String(64)),
    sa.Column("cluster", sa.String(64)),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("changed_at", sa.Float, nullable=False),
    sa.Column("finished_at", sa.Float),
    sa.Column("next_attempt_at", sa.Float, nullable=False),
    sa.Column("account", sa.String(64)),
    sa.Column("factory_job", sa.String(256)),
    sa.Column("door_open", sa.Boolean, nullable=False, server_default="0"),
    sa.Column("goal_reason", Words),
    sa.Column("door_holds", sa.Integer, nullable=False, server_default="0"),
    sa.Column("hold_cause", sa.String(16)),
    sa.Column("unroutable_since", sa.Float),
    sa.Column("vo", sa.String(128)),  # of its latest attempt, as are the cores
    sa.Column("cores", sa.Integer),
    sa.Column("entry", sa.String(128)),
    sa.Column("factory", sa.String(128)),
    sa.Column("outcome_class", sa.String(32)),  # of its latest attempt
    sa.Column("purpose", sa.String(16), nullable=False, server_default="pilot"),
    sa.UniqueConstraint("owner", "idempotency_key"),
    sa.Index(None, "door", "door_open"),
    sa.Index(None, "factory_job"),
    sa.Index(None, "stage", "cluster"),
    sa.Index(None, "state", "id"),
    sa.Index(None, "route", "stage"),
    sa.Index("ix_pilots_occupancy", "stage", "route", "cluster", "vo", "purpose", "cores"),
    sa.Index(None, "entry", "id"),
    sa.Index(None, "factory", "id"),
    sa.Index(None, "route", "id"),
    sa.Index(None, "cluster", "id"),
    sa.Index(None, "vo", "id"),
    sa.Index(None, "account", "id"),
    sa.Index(None, "outcome_class", "id"),
    # Of those that are few: else questions about all others at one stage are answered by it, one by one.
    # On PostgreSQL too, by its migration; said here, it would have every CE load that dialect, which is 2 MB.
    sa.Index(None, "purpose", "id", sqlite_where=sa.text("purpose <> 'pilot'")),
    sa.Index(None, "idempotency_key"),
    sa.Index(None, "created_at", "id"),
    sa.Index(None, "finished_at", "id"),
    sqlite_autoincrement=True,  # an id is never given again
)

attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("pilot_id", sa.ForeignKey("pilots.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("stamp", sa.String(32), nullable=False, unique=True),
    sa.Column("route", sa.String(64), nullable=False),
    sa.Column("cluster", sa.String(64), nullable=False),
    sa.Column("request", sa.JSON, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("batch_id", sa.String(128)),
    sa.Column("submitted_at", sa.Float),
    sa.Column("started_at", sa.Float),
    sa.Column("ended_at", sa.Float),
    sa.Column("node", Words),
    sa.Column("site_state", Words),
    sa.Column("site_reason", Words),
    sa.Column("outcome", sa.String(16)),
    sa.Column("exit_code", sa.Integer),
    sa.Column("exit_signal", sa.Integer),
    sa.Column("absences", sa.Integer, nullable=False, server_default="0"),
    sa.Column("absent_since", sa.Float),
    sa.Column("doubt_since", sa.Float),
    sa.Column("overdue_since", sa.Float),
    sa.Column("cancel_asked_at", sa.Float),
    sa.Column("cancels", sa.Integer, nullable=False, server_default="0"),
    sa.Column("stdout_bytes", sa.BigInteger),
    sa.Column("stderr_bytes", sa.BigInteger),
    sa.Column("user_cpu_s", sa.Float),
    sa.Column("system_cpu_s", sa.Float),
    sa.Column("peak_memory_mb", sa.Integer),
    sa.Column("granted", sa.JSON(none_as_null=True)),
    sa.Column("failed", sa.Boolean, nullable=False, server_default="0"),
    sa.Column("outcome_class", sa.String(32)),
    sa.Column("outcome_evidence", Words),
    sa.Column("closed_at", sa.Float),
    sa.Column("swept_at", sa.Float),
    sa.UniqueConstraint("pilot_id", "number"),
    sa.Index(None, "cluster", "swept_at", "closed_at"),
    sa.Index(None, "batch_id"),
    sa.Index(None, "created_at", "route"),
    sa.Index(None, "closed_at", "route"),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("pilot_id", sa.ForeignKey("pilots.id"), nullable=False, index=True),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("what", sa.String(32), nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # of the pilot, after the event
    sa.Column("reason", Words),
    sa.Column("data", sa.JSON, nullable=False),
)

clusters = sa.Table(
    "clusters",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("paused_at", sa.Float),
    sa.Column("paused_by", sa.String(64)),
    sa.Column("pause_reason", Words),
    sa.Column("spool_mark", sa.String(32)),  # the stamp by which we know the spool
    sa.Column("spool_since", sa.Float),  # attempts that are older may have been claimed in another one
)

avoidances = sa.Table(
    "avoidances",  # nodes that get no pilots for a while, and those of before
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("cluster", sa.String(64), nullable=False),
    sa.Column("node", sa.String(256), nullable=False),
    sa.Column("since", sa.Float, nullable=False),
    sa.Column("until", sa.Float, nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("reason", Words),
    sa.Column("ended_at", sa.Float),  # before its time
    sa.Column("ended_by", sa.String(64)),
    sa.Index(None, "until"),
)

ramps = sa.Table(
    "ramps",  # where the ramps of routes stand; hosted_ce.ramp.state says what the columns are
    metadata,
    sa.Column("route", sa.String(64), primary_key=True),
    sa.Column("cap", sa.Integer, nullable=False),
    sa.Column("since", sa.Float, nullable=False),
    sa.Column("after_attempt", sa.Integer, nullable=False),
    sa.Column("carried", sa.Integer, nullable=False),
    sa.Column("mode", sa.String(16), nullable=False),
    sa.Column("word_by", sa.String(64)),
    sa.Column("word_at", sa.Float),
    sa.Column("word_reason", Words),
    sa.Column("falls", sa.Integer, nullable=False),
    sa.Column("fell_at", sa.Float),
    sa.Column("rests_until", sa.Float, nullable=False),
    sa.Column("held_since", sa.Float),
)

ramp_steps = sa.Table(
    "ramp_steps",  # what was done to their caps, the latest of each route
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("route", sa.String(64), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("direction", sa.String(8), nullable=False),
    sa.Column("cause", sa.String(16), nullable=False),
    sa.Column("cap_before", sa.Integer, nullable=False),
    sa.Column("cap_after", sa.Integer, nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("reason", Words),
    sa.Column("evidence", sa.JSON, nullable=False),
    sa.Index(None, "route", "id"),
)

tokens = sa.Table(
    "tokens",  # of the API, without their secrets
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),  # SHA-256, in hex
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("created_by", sa.String(64), nullable=False),
    sa.Column("expires_at", sa.Float),
    sa.Column("last_used_at", sa.Float),
    sa.Column("revoked_at", sa.Float),
    sa.Column("revoked_by", sa.String(64)),
    sa.Column("link_digest", sa.String(64)),  # of the secret of a link that works once
    sa.Column("link_used_at", sa.Float),
    sa.Index(None, "link_digest", unique=True),
    sqlite_autoincrement=True,  # an id is never given again
)

incidents = sa.Table(
    "incidents",  # outages; hosted_ce.incidents.incident says what the columns are
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("revision", sa.Integer, nullable=False, unique=True),  # higher with each change of any of them
    sa.Column("place", sa.String(64), nullable=False),
    sa.Column("cause", sa.String(32), nullable=False),
    sa.Column("began_at", sa.Float, nullable=False),
    sa.Column("told_at", sa.Float, nullable=False),
    sa.Column("ended_at", sa.Float),
    sa.Column("said", Words, nullable=False),
    sa.Column("pilots", sa.Integer, nullable=False),
    sa.Index(None, "began_at"),
    sqlite_autoincrement=True,
)

capabilities = sa.Table(
    "capabilities",  # what the last probe of each cluster found
    metadata,
    sa.Column("cluster", sa.String(64), primary_key=True),
    sa.Column("taken_at", sa.Float, nullable=False),
    sa.Column("format", sa.Integer, nullable=False),  # of `found`, as hosted_ce.capabilities.record has it
    sa.Column("found", sa.JSON, nullable=False),
)

check_runs = sa.Table(
    "check_runs",  # runs of checks over a cluster
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("cluster", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("asked", sa.JSON, nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("begun_at", sa.Float, nullable=False),
    sa.Column("ended_at", sa.Float),
    sa.Column("problem", Words),
    sa.Column("worse", sa.JSON, nullable=False),  # what is worse than it was
    sa.Index(None, "cluster", "id"),
    sqlite_autoincrement=True,
)

check_results = sa.Table(
    "check_results",  # what each check of a run found, place by place
    metadata,
    sa.Column("run_id", sa.ForeignKey("check_runs.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),  # its place in the run's report
    sa.Column("check_id", sa.String(16), nullable=False),
    sa.Column("place", Words),
    sa.Column("verdict", sa.String(16), nullable=False),
    sa.Column("seen", Words, nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Index(None, "check_id", "run_id"),
)

sessions = sa.Table(
    "sessions",  # live integration sessions
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("partner", sa.String(128), nullable=False),
    sa.Column("site", sa.String(256), nullable=False),
    sa.Column("resource", sa.String(256), nullable=False),
    sa.Column("began_at", sa.Float, nullable=False),
    sa.Column("began_by", sa.String(64), nullable=False),
    sa.Column("ended_at", sa.Float),
    sa.Column("ended_by", sa.String(64)),
    sa.Column("idempotency_key", sa.String(200), unique=True),
    sa.Column("record", sa.JSON(none_as_null=True)),  # how it stood at its end
    sqlite_autoincrement=True,
)

session_entries = sa.Table(
    "session_entries",  # what was said and done in them; hosted_ce.session.log says what the columns are
    metadata,
    sa.Column("session_id", sa.ForeignKey("sessions.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("said", sa.String(16), nullable=False),
    sa.Column("text", Words),
    sa.Column("item", sa.String(32)),
    sa.Column("owner", Words),
    sa.Column("due", sa.String(10)),
    sa.Column("about", sa.Integer),
    sa.Column("well", sa.Boolean),
    sa.Column("link", sa.String(256)),
    sa.Column("idempotency_key", sa.String(200)),
    sa.UniqueConstraint("session_id", "idempotency_key"),
)

tallies = sa.Table(
    "tallies",  # how many pilots there are of each kind; an empty text where there is none
    metadata,
    *(
        sa.Column(name, sa.String(128), primary_key=True)
        for name in ("entry", "factory", "route", "cluster", "vo", "account", "purpose", "state")
    ),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("last_at", sa.Float, nullable=False),  # when the last one became one of them
)

endings = sa.Table(
    "endings",  # how attempts ended, by the hour in which the CE was done with them
    metadata,
    sa.Column("hour", sa.Integer, primary_key=True, autoincrement=False),  # since the epoch
    sa.Column("entry", sa.String(128), primary_key=True),
    sa.Column("factory", sa.String(128), primary_key=True),
    sa.Column("route", sa.String(64), primary_key=True),
    sa.Column("outcome", sa.String(16), primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("nonzero", sa.Integer, nullable=False),  # with an exit code other than 0
)

rollups = sa.Table(
    "rollups",  # sums over buckets of time; hosted_ce.rollups.points says of what
    metadata,
    sa.Column("width_s", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("series", sa.String(16), primary_key=True),
    sa.Column("start", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("route", sa.String(64), primary_key=True),
    sa.Column("kind", sa.String(32), primary_key=True),
    sa.Column("amount", sa.Float, nullable=False),
    sa.Column("weight", sa.Float, nullable=False),
    sqlite_with_rowid=False,
)

contributions = sa.Table(
    "contributions",  # what the site gave to pilots; hosted_ce.rollups.shares says what the columns are
    metadata,
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),  # since the epoch, UTC
    sa.Column("vo", sa.String(128), primary_key=True),
    sa.Column("route", sa.String(64), primary_key=True),
    sa.Column("entry", sa.String(128), primary_key=True),
    sa.Column("cluster", sa.String(64), primary_key=True),
    *(sa.Column(name, sa.Integer, nullable=False) for name in ("ended", "never_ran", "not_known", "waits")),
    *(
        sa.Column(name, sa.Float, nullable=False)
        for name in (
            "asked_s", "granted_s", "assumed_s", "used_s", "used_of_s", "failed_s", "early_s", "unknown_s",
            "wait_s",
        )
    ),
    sqlite_with_rowid=False,
)  # fmt: skip
