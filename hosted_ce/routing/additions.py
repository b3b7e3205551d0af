"""What a site file's route adds to a job: options of the submit command, and variables for the pilot. Pure.

Both may be expressions. They see the routed job's ad, in which HTCondor-CE's names have what is asked of the
site.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hosted_ce.routing.classad import Ad, spell_value
from hosted_ce.routing.evaluating import BadAsk, evaluated, said
from hosted_ce.routing.htcondor.expressions import beginning
from hosted_ce.routing.model import Ask
from hosted_ce.routing.request import Expr

LONGEST_VALUE = 4_096


def asked_ad(ad: Ad, ask: Ask) -> Ad:
    """The routed job's ad, in which RequestCpus and the like are what the site is asked for."""
    asked = ad.copy()
    for name, value in (
        ("RequestCpus", ask.cpus),
        ("RequestMemory", ask.memory_mb),
        ("BatchRuntime", ask.walltime_s),
        ("BatchQueue", ask.queue),
        ("BatchProject", ask.account),
        ("RequestGPUs", ask.gpus),
        ("WholeNodes", ask.whole_node),
    ):
        if value is None:
            del asked[name]
        else:
            asked[name] = value
    return asked


def options(items: tuple[str | Expr, ...], ad: Ad, check: Callable[[str], str | None]) -> tuple[str, ...]:
    """The options; one whose expression is undefined or empty is left out.

    `check` says what is wrong with one that an expression made: a pilot's text may be in it. Raises BadAsk.
    """
    return tuple(
        text
        for number, item in enumerate(items)
        if (text := _option(item, ad, f"request.extra[{number}]", check))
    )


def variables(values: Mapping[str, str | Expr], ad: Ad) -> dict[str, str]:
    """The variables; one whose expression is undefined is left out. Raises BadAsk."""
    texts = {name: _variable(value, ad, f"request.environment.{name}") for name, value in values.items()}
    return {name: text for name, text in texts.items() if text is not None}


def _option(item: str | Expr, ad: Ad, called: str, check: Callable[[str], str | None]) -> str | None:
    if isinstance(item, str):
        return item
    value = evaluated(ad, beginning(item.text).tree, called)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise BadAsk(f"{called} is {said(value)}, which is no text")
    if fault := check(value):
        raise BadAsk(f"{called}: {fault}")
    return value


def _variable(value: str | Expr, ad: Ad, called: str) -> str | None:
    if isinstance(value, str):
        return value
    found = evaluated(ad, beginning(value.text).tree, called)
    if found is None:
        return None
    if not isinstance(found, str | int | float):
        raise BadAsk(f"{called} is {said(found)}, which is neither text nor a number")
    text = spell_value(found)
    if not text.isprintable() or len(text) > LONGEST_VALUE:
        fault = f"which is not one line of at most {LONGEST_VALUE} characters"
        raise BadAsk(f"{called} is {said(found)}, {fault}")
    return text
