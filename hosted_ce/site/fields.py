"""The types of the site file's fields: how each is read, checked, written back, and put in the schema."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

from hosted_ce.site import batch, paths, text, times
from hosted_ce.site.errors import BadValue, name_value
from hosted_ce.site.prologue import check_prologue
from hosted_ce.site.units import (
    DURATION_PATTERN,
    MEMORY_PATTERN,
    format_duration,
    format_memory,
    parse_duration,
    parse_memory,
)


class SiteModel(BaseModel):
    """What all parts of a site file share: no unknown keys, no silent conversions, no changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


def _string(pattern: str, *examples: str) -> WithJsonSchema:
    schema: dict[str, Any] = {"type": "string", "pattern": pattern}
    return WithJsonSchema(schema | {"examples": list(examples)} if examples else schema)


def _duration(least: str, most: str | None = None) -> Callable[[object], int]:
    def read(value: object) -> int:
        seconds = parse_duration(_written(value, "a duration", "write 72h, 90m or 3d"))
        if seconds < parse_duration(least):
            raise BadValue(f"{value} is too short", f"the least is {least}")
        if most is not None and seconds > parse_duration(most):
            raise BadValue(f"{value} is too long", f"the most is {most}")
        return seconds

    return read


def _memory(value: object) -> int:
    megabytes = parse_memory(_written(value, "an amount of memory", "write 32 GB or 2048 MB"))
    if megabytes < 1:
        raise BadValue(f"{value} is too little", "the least is 1 MB")
    return megabytes


def _written(value: object, what: str, hint: str) -> str:
    """The value as it was written; a bare number passes, so that its own message can be given."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadValue(f"{what} is expected here, not {name_value(value)}", hint)
    return str(value)


def _batch_system(value: object) -> object:
    known = f"this version drives {', '.join(batch.BATCH_SYSTEMS)}"
    if not isinstance(value, str) or value not in batch.BATCH_SYSTEMS:
        other = batch.OTHER_NAMES.get(str(value).lower(), str(value).lower())
        hint = f"write {other}" if other in batch.BATCH_SYSTEMS else known
        raise BadValue(f"{name_value(value)} is not a batch system that this version drives", hint)
    return value


_Seconds = PlainSerializer(format_duration, return_type=str, when_used="json")

BatchSystem = Annotated[
    str,
    BeforeValidator(_batch_system),
    WithJsonSchema({"type": "string", "enum": list(batch.BATCH_SYSTEMS)}),
]
Label = Annotated[str, AfterValidator(text.LABEL.check), _string(text.LABEL.pattern)]
TopologyName = Annotated[str, AfterValidator(text.TOPOLOGY_NAME.check), _string(text.TOPOLOGY_NAME.pattern)]
BatchWord = Annotated[str, AfterValidator(text.BATCH_WORD.check), _string(text.BATCH_WORD.pattern)]
Command = Annotated[str, AfterValidator(text.COMMAND.check), _string(text.COMMAND.pattern)]
Variable = Annotated[str, AfterValidator(text.VARIABLE.check), _string(text.VARIABLE.pattern)]
VariableValue = Annotated[str, AfterValidator(text.check_variable_value)]
Expression = Annotated[str, AfterValidator(text.check_expression)]
Email = Annotated[str, AfterValidator(text.check_email), _string("^[^@ ]+@[^@ ]+$")]
Host = Annotated[str, AfterValidator(text.check_host), _string("^[A-Za-z0-9:][A-Za-z0-9:.-]*$")]
PublicHost = Annotated[str, AfterValidator(text.check_public_host), _string("^[a-z0-9][a-z0-9.-]*$")]
HostPort = Annotated[
    str, AfterValidator(text.check_host_port), _string("^[A-Za-z0-9][A-Za-z0-9.-]*:[0-9]{1,5}$")
]
Address = Annotated[str, AfterValidator(text.check_address), _string("^[0-9A-Fa-f:.]+$")]
Account = Annotated[str, AfterValidator(text.check_pilot_account), _string(text.PILOT_ACCOUNT_PATTERN)]
IssuerName = Annotated[str, AfterValidator(text.ISSUER.check), _string(text.ISSUER.pattern)]
Subject = Annotated[str, AfterValidator(text.SUBJECT.check), _string(text.SUBJECT.pattern)]
Directive = Annotated[str, AfterValidator(text.check_directive_line), _string(r"^[^\x00-\x1f]+$")]
Prologue = Annotated[str, AfterValidator(check_prologue)]
VoName = Annotated[str, AfterValidator(text.check_vo), _string(text.VO_PATTERN)]
Constraint = Annotated[str, AfterValidator(text.CONSTRAINT.check), _string(text.CONSTRAINT.pattern)]
Day = Annotated[str, AfterValidator(times.check_day), _string(times.DAY_PATTERN)]
Clock = Annotated[str, BeforeValidator(times.read_clock), _string(times.CLOCK_PATTERN)]
TimeZone = Annotated[str, AfterValidator(times.check_zone), _string("^[A-Za-z][A-Za-z0-9_+/-]*$")]

LocalPath = Annotated[Path, BeforeValidator(paths.local_path), _string(paths.LOCAL_PATTERN)]
NearPath = Annotated[Path, BeforeValidator(paths.near_path), _string(paths.NEAR_PATTERN)]
Spool = Annotated[str, AfterValidator(paths.check_spool), _string(paths.SPOOL_PATTERN)]
Scratch = Annotated[str, AfterValidator(paths.check_scratch), _string(paths.SITE_PATTERN)]
SiteFolder = Annotated[str, AfterValidator(paths.check_folder), _string(paths.SITE_PATTERN)]

Poll = Annotated[int, BeforeValidator(_duration("1s")), _Seconds, _string(DURATION_PATTERN, "30s", "1m")]
Grace = Annotated[int, BeforeValidator(_duration("1s")), _Seconds, _string(DURATION_PATTERN, "120s", "10m")]
CommandTimeout = Annotated[
    int, BeforeValidator(_duration("10s", "10m")), _Seconds, _string(DURATION_PATTERN, "120s", "5m")
]
AvoidWithin = Annotated[
    int, BeforeValidator(_duration("1m", "6h")), _Seconds, _string(DURATION_PATTERN, "1h", "30m")
]
AvoidFor = Annotated[
    int, BeforeValidator(_duration("10m", "7d")), _Seconds, _string(DURATION_PATTERN, "6h", "1d")
]
RampTime = Annotated[
    int, BeforeValidator(_duration("1s", "1d")), _Seconds, _string(DURATION_PATTERN, "25m", "1h")
]
RampRest = Annotated[
    int, BeforeValidator(_duration("1s", "1d")), _Seconds, _string(DURATION_PATTERN, "30m", "2h")
]
CheckEvery = Annotated[
    int, BeforeValidator(_duration("1h", "90d")), _Seconds, _string(DURATION_PATTERN, "7d", "1d")
]
WallTime = Annotated[
    int,
    BeforeValidator(_duration("1m")),
    _Seconds,
    _string(DURATION_PATTERN, "72h", "1d 12h", "90m", "3-00:00:00"),
]
Memory = Annotated[
    int,
    BeforeValidator(_memory),
    PlainSerializer(format_memory, return_type=str, when_used="json"),
    _string(MEMORY_PATTERN, "32 GB", "2048 MB", "1.5 TB"),
]


def duration_field(default: str, description: str) -> Any:
    """A field of seconds whose default is given, and shown in the JSON schema, with its unit."""
    return Field(
        default=parse_duration(default), description=description, json_schema_extra={"default": default}
    )


def memory_field(default: str, description: str) -> Any:
    """A field of MB whose default is given, and shown in the JSON schema, with its unit."""
    return Field(
        default=parse_memory(default), description=description, json_schema_extra={"default": default}
    )
