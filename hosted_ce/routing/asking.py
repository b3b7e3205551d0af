"""From a routed job's ad to what is asked of the site. Pure."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from hosted_ce.routing.additions import asked_ad, options, variables
from hosted_ce.routing.classad import Ad
from hosted_ce.routing.evaluating import BadAsk, evaluated, said
from hosted_ce.routing.htcondor.command import Unreadable, environment_of
from hosted_ce.routing.model import Ask, ClusterRules
from hosted_ce.routing.pilot_ad import OWN
from hosted_ce.routing.route import Language, Route

DEFAULT_CPUS, DEFAULT_MEMORY_MB, DEFAULT_WALLTIME_S = 1, 2000, 72 * 3600
MOST = 2**40
T = TypeVar("T")
_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@:+-]{0,127}\Z")
_CONSTRAINT = re.compile(r"[A-Za-z0-9_\[(][A-Za-z0-9_.&|!*()\[\],:=+-]{0,255}\Z")


def ask_of(ad: Ad, route: Route, rules: ClusterRules) -> Ask:
    """What a routed job asks for at a cluster with these rules. Raises BadAsk."""
    ask = _resources(ad, route)
    if route.language is Language.HTCONDOR:
        return replace(ask, extra=_extra(ad, rules.check_extra), environment=_environment(ad), replaces=True)
    asked = asked_ad(ad, ask)
    return replace(
        ask,
        extra=options(route.extra, asked, rules.check_computed),
        environment=variables(route.environment, asked),
        prologue=route.prologue,
    )


def _resources(ad: Ad, route: Route) -> Ask:
    of_htcondor = route.language is Language.HTCONDOR
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
        extra=(),
        base_environment=route.base_environment,
        environment={},
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
    return None if tree is None else evaluated(ad, tree, _called(name))


def _number(ad: Ad, name: str, least: int) -> int | None:
    value = _value(ad, name)
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and least <= value < MOST:
        return math.ceil(value)
    raise BadAsk(f"{_called(name)} is {said(value)}, which is not a number of at least {least}")


def _word(ad: Ad, name: str, form: re.Pattern[str] = _WORD) -> str | None:
    value = _value(ad, name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not form.match(value):
        raise BadAsk(f"{_called(name)} is {said(value)}, which is not a name that a batch system takes")
    return value


def _truth(ad: Ad, name: str) -> bool | None:
    value = _value(ad, name)
    if value is None or isinstance(value, bool | int):
        return None if value is None else bool(value)
    raise BadAsk(f"{_called(name)} is {said(value)}, which is neither true nor false")


def _extra(ad: Ad, check: Callable[[str], str | None]) -> tuple[str, ...]:
    """BatchExtraSubmitArgs, one option to an item."""
    value = _value(ad, "BatchExtraSubmitArgs")
    if value is None:
        return ()
    try:
        words = shlex.split(value) if isinstance(value, str) else [said(value)]
    except ValueError as error:
        raise BadAsk(f"BatchExtraSubmitArgs is {said(value)}: {error}") from error
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
