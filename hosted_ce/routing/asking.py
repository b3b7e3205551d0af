"""From a routed job's ad to what is asked of the site. Pure."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Callable, Mapping
from typing import TypeVar

from hosted_ce.routing.classad import Ad, EvaluationFailed, is_error, spell_value
from hosted_ce.routing.htcondor.command import Unreadable, environment_of
from hosted_ce.routing.htcondor.place import shown
from hosted_ce.routing.model import Ask
from hosted_ce.routing.pilot_ad import OWN
from hosted_ce.routing.route import Language, Route

DEFAULT_CPUS, DEFAULT_MEMORY_MB, DEFAULT_WALLTIME_S = 1, 2000, 72 * 3600
MOST = 2**40
T = TypeVar("T")
_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@:+-]{0,127}\Z")
_CONSTRAINT = re.compile(r"[A-Za-z0-9_\[(][A-Za-z0-9_.&|!*()\[\],:=+-]{0,255}\Z")


class BadAsk(ValueError):
    """What a route made of a pilot cannot be asked of any site; the text says which attribute is to blame."""


def ask_of(ad: Ad, route: Route, check_extra: Callable[[str], str | None]) -> Ask:
    """What a routed job asks for. Raises BadAsk."""
    of_htcondor = route.language is Language.HTCONDOR
    environment = _environment(ad) if of_htcondor else route.environment
    cpus = _number(ad, f"{OWN}cpus", 1) or _cpus(ad, of_htcondor)
    return Ask(
        cpus=cpus or DEFAULT_CPUS,
        memory_mb=_number(ad, f"{OWN}memory", 1) or _number(ad, "RequestMemory", 1) or DEFAULT_MEMORY_MB,
        walltime_s=_number(ad, f"{OWN}walltime", 1) or _number(ad, "BatchRuntime", 1) or DEFAULT_WALLTIME_S,
        queue=_word(ad, f"{OWN}queue") or _word(ad, "BatchQueue"),
        account=_word(ad, f"{OWN}account") or _word(ad, "BatchProject"),
        qos=_word(ad, f"{OWN}qos"),
        gpus=_first(_number(ad, f"{OWN}gpus", 0), _number(ad, "RequestGPUs", 0)) or 0,
        gpu_type=_word(ad, f"{OWN}gpu_type") or (_word(ad, "GPUModel") if of_htcondor else None),
        constraint=_word(ad, f"{OWN}constraint", _CONSTRAINT),
        reservation=_word(ad, f"{OWN}reservation"),
        whole_node=bool(_first(_truth(ad, f"{OWN}whole_node"), _truth(ad, "WholeNodes"))),
        extra=(*route.extra, *(_extra(ad, check_extra) if of_htcondor else ())),
        base_environment=route.base_environment,
        environment=environment,
        replaces=of_htcondor,
    )


def _cpus(ad: Ad, of_htcondor: bool) -> int | None:
    """RequestCpus. blahp goes by SMPGranularity instead, which is 1 where only RequestCpus was said."""
    granularity = _number(ad, "remote_SMPGranularity", 1) if of_htcondor else None
    return granularity if granularity and granularity > 1 else _number(ad, "RequestCpus", 1)


def _first(one: T | None, other: T | None) -> T | None:
    return other if one is None else one


def _value(ad: Ad, name: str) -> object:
    """The attribute's value; None where it is not there or undefined. Raises BadAsk for an error."""
    tree = ad.get(name)
    if tree is None:
        return None
    try:
        value = ad.evaluate(tree)
    except EvaluationFailed as error:
        raise BadAsk(f"{_called(name)} cannot be evaluated: {error}") from error
    if is_error(value):
        raise BadAsk(f"{_called(name)} is an error for this pilot")
    return None if spell_value(value) == "undefined" and not isinstance(value, str) else value


def _number(ad: Ad, name: str, least: int) -> int | None:
    value = _value(ad, name)
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and least <= value < MOST:
        return math.ceil(value)
    raise BadAsk(f"{_called(name)} is {_said(value)}, which is not a number of at least {least}")


def _word(ad: Ad, name: str, form: re.Pattern[str] = _WORD) -> str | None:
    value = _value(ad, name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not form.match(value):
        raise BadAsk(f"{_called(name)} is {_said(value)}, which is not a name that a batch system takes")
    return value


def _truth(ad: Ad, name: str) -> bool | None:
    value = _value(ad, name)
    if value is None or isinstance(value, bool | int):
        return None if value is None else bool(value)
    raise BadAsk(f"{_called(name)} is {_said(value)}, which is neither true nor false")


def _extra(ad: Ad, check: Callable[[str], str | None]) -> tuple[str, ...]:
    """BatchExtraSubmitArgs, one option to an item."""
    value = _value(ad, "BatchExtraSubmitArgs")
    if value is None:
        return ()
    try:
        words = shlex.split(value) if isinstance(value, str) else [_said(value)]
    except ValueError as error:
        raise BadAsk(f"BatchExtraSubmitArgs is {_said(value)}: {error}") from error
    items: list[str] = []
    for word in words:
        if word.startswith("-") or not items:
            items.append(_quoted(word))
        else:
            items[-1] += f" {_quoted(word)}"
    for item in items:
        if fault := check(item):
            raise BadAsk(f"BatchExtraSubmitArgs: {fault}")
    return tuple(items)


def _quoted(word: str) -> str:
    name, equals, value = word.partition("=")
    return f'{name}{equals}"{value}"' if " " in value else word


def _environment(ad: Ad) -> Mapping[str, str]:
    value = _value(ad, "Environment")
    try:
        return environment_of({"Environment": value})
    except Unreadable as error:
        raise BadAsk(f"the routed job's environment: {error}") from error


def _called(name: str) -> str:
    return f"request.{name.removeprefix(OWN)}" if name.startswith(OWN) else name


def _said(value: object) -> str:
    return shown(repr(value) if isinstance(value, str) else str(value), 80)
