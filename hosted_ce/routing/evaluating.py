"""Values of a routed job's ad, as what is asked of the site is made of. Pure."""

from __future__ import annotations

from hosted_ce.routing.classad import Ad, EvaluationFailed, Tree, is_error, spell_value
from hosted_ce.routing.htcondor.place import shown

LONGEST_SHOWN = 80


class BadAsk(ValueError):
    """What a route made of a pilot cannot be asked of any site; the text says which key is to blame."""


def evaluated(ad: Ad, tree: Tree, called: str) -> object:
    """The expression's value; None where it is undefined. Raises BadAsk for an error."""
    try:
        value = ad.evaluate(tree)
    except EvaluationFailed as error:
        raise BadAsk(f"{called} cannot be evaluated: {error}") from error
    if is_error(value):
        raise BadAsk(f"{called} is an error for this pilot")
    return None if spell_value(value) == "undefined" and not isinstance(value, str) else value


def said(value: object) -> str:
    """The value for a person, in short."""
    return shown(repr(value) if isinstance(value, str) else str(value), LONGEST_SHOWN)
