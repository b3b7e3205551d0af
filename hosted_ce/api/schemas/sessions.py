"""Sessions as JSON."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from hosted_ce.api.parameters import one_line
from hosted_ce.api.times import Timestamp, rfc3339, rfc3339_or_none
from hosted_ce.session.board import Board
from hosted_ce.session.found import ItemState
from hosted_ce.session.item import ItemKind, Move
from hosted_ce.session.log import Said
from hosted_ce.session.remark import Remark

MOST_TEXT, MOST_NAME = 2000, 128
MOST_PARTNER = 100
At = Annotated[Timestamp, BeforeValidator(rfc3339)]
AtOrNone = Annotated[Timestamp | None, BeforeValidator(rfc3339_or_none)]


def _date(text: str) -> str:
    try:
        plain = dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        plain = False
    if not plain:
        raise ValueError("is no date: write it as 2026-12-01")
    return text


def _sayable(said: Said) -> Said:
    if said is Said.RUN:
        raise ValueError("is what a session says itself; run items at .../run")
    return said


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError("has no words")
    return text.strip()


def _partner(text: str) -> str:
    """As it may be part of a token's name, too."""
    name = unicodedata.normalize("NFC", _filled(text))
    if hidden := next((each for each in name if not each.isprintable()), None):
        raise ValueError(f"has a character that cannot be seen (U+{ord(hidden):04X})")
    return name


Text = Annotated[str, Field(max_length=MOST_TEXT), AfterValidator(_filled)]
Person = Annotated[str, Field(max_length=MOST_NAME), AfterValidator(one_line), AfterValidator(_filled)]
Date = Annotated[str, Field(max_length=10, json_schema_extra={"format": "date"}), AfterValidator(_date)]


class SessionRequest(BaseModel):
    """A session that is to begin."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        json_schema_extra={"example": {"partner": "Example University"}},
    )

    partner: Annotated[str, Field(max_length=MOST_PARTNER), AfterValidator(_partner)] = Field(
        description="Who the other side is."
    )


class RemarkRequest(BaseModel):
    """What somebody says in a session."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True,
        json_schema_extra={"example": {"said": "decision", "text": "200 pilots at most until the summer"}},
    )  # fmt: skip

    said: Annotated[Said, Field(strict=False), AfterValidator(_sayable)] = Field(
        description="`tick`, `skip` and `reopen` are about an item; `note` and `decision` are texts; `open` "
        "is left to do, or with an item says who looks after it; `settle` ends an open one."
    )
    text: Text | None = Field(default=None, description="The reason, the note, or who is here.")
    item: Annotated[str, Field(max_length=32)] | None = Field(default=None, description="The item's id.")
    owner: Person | None = Field(default=None, description="Who does it.")
    due: Date | None = Field(default=None, description="Until when, as 2026-12-01.")
    about: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="The number of the open item that is settled."
    )

    def remark(self) -> Remark:
        """As a session takes it."""
        return Remark(**self.model_dump())


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class SessionHead(_Out):
    """A session in short."""

    id: int
    partner: str
    site: str
    resource: str
    began_at: At
    began_by: str
    ended_at: AtOrNone = Field(description="Null: it is open.")
    ended_by: str | None


class SessionsOut(BaseModel):
    """Sessions, the newest first."""

    sessions: list[SessionHead]


class FaultOut(_Out):
    """One thing that is not well."""

    name: str = Field(description="The same each time that it is seen.")
    title: str
    seen: str
    todo: str
    severe: bool = Field(description="Whether it has to be mended; otherwise it should be.")


class LineOut(_Out):
    """An item of the checklist as it stands."""

    id: str
    title: str
    what: str
    todo: str = Field(description="What to do now, in words for whose move it is.")
    move: Move = Field(description="Whose move it is.")
    kind: ItemKind = Field(
        description="`run`: we start something; `watch`: it is seen; `tick`: a person says so."
    )
    state: ItemState
    since: AtOrNone
    seen: str | None = Field(description="The evidence in one line, or why it is skipped.")
    by: str | None = Field(description="Who said so; null: it is seen, or not needed at this site.")
    link: str | None = Field(description="The page that shows it.")
    waits_for: list[str] = Field(description="Items that have to be settled before.")
    faults: list[FaultOut]


class PartOut(_Out):
    """A phase as it stands."""

    id: str
    title: str
    aim: str
    begins: int = Field(description="The minute of the session in which it is planned to begin.")
    minutes: int = Field(description="How long it is planned to take.")
    settled: int = Field(description="How many of its items are settled.")
    items: list[LineOut] = Field(validation_alias="lines")


class SessionEntryOut(_Out):
    """What was said or done."""

    number: int
    at: At
    actor: str
    said: Said
    text: str | None
    item: str | None
    owner: str | None
    due: str | None
    about: int | None
    well: bool | None = Field(description="How what was run went; null: it is seen later.")
    link: str | None


class OpenItemOut(_Out):
    """What is left to do."""

    name: str
    what: str
    owner: str
    due: str | None
    todo: str | None
    item: str | None = Field(description="The item that it comes from; it goes when that is well.")
    number: int | None = Field(description="What settles it, if somebody wrote it.")
    since: AtOrNone


class SessionCheckRunOut(_Out):
    """A run of the site's checks."""

    id: int
    cluster: str
    begun_at: At
    ended_at: AtOrNone
    counts: dict[str, int] = Field(description="By verdict.")
    faults: list[FaultOut]
    progress: str | None
    broke: str | None = Field(description="Why it ended before it was done.")


class PilotSeenOut(_Out):
    """A pilot that came while the session went on."""

    id: int
    state: str
    what: str = Field(description="What it runs.")
    route: str | None
    batch_id: str | None
    node: str | None
    came_at: At
    started_at: AtOrNone
    ended_at: AtOrNone
    well: bool = Field(description="It ended with exit code 0, and its outputs are here.")
    ended: str | None
    why: str | None


class RampSeenOut(_Out):
    """The ramp of a route."""

    route: str
    cap: int
    target: int
    mode: str
    since: At
    waits_for: str | None


class SessionOut(_Out):
    """A session as it stands; one that has ended, as it stood then."""

    session: SessionHead
    at: At = Field(description="When it stood like this.")
    minutes: int = Field(description="How long it is planned to take.")
    elapsed_s: float = Field(description="How long it has gone on, or did, in seconds.")
    next: str | None = Field(description="The item to turn to now.")
    phases: list[PartOut] = Field(validation_alias="parts")
    entries: list[SessionEntryOut]
    open_items: list[OpenItemOut]
    checks: list[SessionCheckRunOut]
    tests: list[PilotSeenOut] = Field(description="Test pilots, the newest first.")
    pilots: list[PilotSeenOut] = Field(description="The first that are no tests, and the newest ones.")
    ramps: list[RampSeenOut]
    contacts: list[str] = Field(description="Whom the site file names.")


class LinkOut(BaseModel):
    """The site's way in, told this once."""

    name: str = Field(description="The token's name.")
    token: str
    expires_at: Timestamp
    link: str = Field(description="Signs a browser in as a viewer, and leads to the session.")
    page: str = Field(description="The session's page, for those who are signed in.")


def session_out(board: Board) -> SessionOut:
    """The board as JSON."""
    return SessionOut.model_validate(board)
