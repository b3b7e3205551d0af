"""Expressions over plain attributes, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hosted_ce.routing.classad import Ad, Value
from hosted_ce.routing.htcondor.expressions import whole


def evaluate(text: str, attributes: Mapping[str, Any]) -> Any:
    """The expression's value: a Python value, or None for undefined and error."""
    value = Ad(attributes).evaluate(whole(text).tree)
    return None if isinstance(value, Value) else value
