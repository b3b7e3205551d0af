"""What pydantic finds wrong with a site file, in words for its writer and with the place in the file."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Mapping
from types import NoneType, UnionType
from typing import Any, TypeGuard, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from hosted_ce.site.errors import BadValue, Loc, Problem, is_private, name_kind, name_value, quote, spell_path
from hosted_ce.site.model import SiteFile
from hosted_ce.site.positions import Document

_OTHER_WORDS = {
    "partition": "queue",
    "project": "account",
    "cores": "cpus",
    "ram": "memory",
    "mem": "memory",
    "time": "walltime",
    "user": "account",
    "hostname": "host",
    "requirements": "when",
    "max_jobs": "pilots",
    "max_idle": "idle",
}
"""Words that mean the same elsewhere and are not spelled alike."""

_KEY = "[key]"
"""Pydantic's last step to an error that is about a key of a mapping and not about its value."""


def explain(error: ValidationError, document: Document) -> list[Problem]:
    """The problems that the document does not have yet."""
    told = {problem.path for problem in document.problems}
    found = error.errors(include_url=False)
    return [_explain_one(details, document) for details in found if not _is_echo(details, told)]


def _is_echo(details: ErrorDetails, told: set[str]) -> bool:
    """Whether this error only follows from another one."""
    match details["type"]:
        case "default_factory_not_called":  # the default is made from another field, which is wrong
            return True
        case "too_short":  # pydantic counts the valid items only
            return bool(details["input"])
        case _:
            return details["input"] is None and spell_path(details["loc"]) in told


def _explain_one(details: ErrorDetails, document: Document) -> Problem:
    loc: Loc = details["loc"]
    is_key = details["type"] == "extra_forbidden" or loc[-1:] == (_KEY,)
    if loc[-1:] == (_KEY,):
        loc = loc[:-1]
    fault = _FAULTS.get(details["type"], _as_pydantic_says)(details, loc)
    place = document.place_of_key(loc) if is_key else document.place_of_value(loc)
    return Problem(spell_path(loc), place.line, place.column, fault.message, fault.hint)


def _as_pydantic_says(details: ErrorDetails, loc: Loc) -> BadValue:
    return BadValue(details["msg"])


def _own(details: ErrorDetails, loc: Loc) -> BadValue:
    error = details["ctx"]["error"]
    return error if isinstance(error, BadValue) else BadValue(str(error))


def _expected(what: str, hint: str) -> Callable[[ErrorDetails, Loc], BadValue]:
    return lambda details, loc: BadValue(f"{what} is expected here, not {_found(details, loc)}", hint)


def _found(details: ErrorDetails, loc: Loc) -> str:
    return (name_kind if is_private(loc) else name_value)(details["input"])


def _not_text(details: ErrorDetails, loc: Loc) -> BadValue:
    value = details["input"]
    fault = f"text is expected here, not {_found(details, loc)}"
    if isinstance(value, bool | int):
        if is_private(loc):
            return BadValue(fault, "put it in quotes")
        written = str(value).lower() if isinstance(value, bool) else str(value)
        return BadValue(fault, f'put it in quotes: "{written}"')
    return BadValue(fault, "write one value after the colon, on the same line")


def _missing(details: ErrorDetails, loc: Loc) -> BadValue:
    model = _model_at(loc[:-1])
    field = model.model_fields.get(str(loc[-1])) if model else None
    meaning = (field.description or "").split(". ")[0].rstrip(".") if field else ""
    return BadValue("this key is missing", f"add it: {meaning}")


def _unknown_key(details: ErrorDetails, loc: Loc) -> BadValue:
    key, model = str(loc[-1]), _model_at(loc[:-1])
    fault = f"{quote(key)} is not a key that belongs here"
    known = _keys_from(model) if model else {}
    wanted = _OTHER_WORDS.get(key.lower(), key.lower())
    if close := difflib.get_close_matches(wanted, known, n=1):
        return BadValue(fault, f"did you mean {known[close[0]]}?")
    return BadValue(fault, f"the keys here are: {', '.join(known)}")


def _too_short(details: ErrorDetails, loc: Loc) -> BadValue:
    return BadValue("there is nothing in it", "write at least one")


def _too_small(details: ErrorDetails, loc: Loc) -> BadValue:
    return BadValue(f"{details['input']} is too small", f"the least is {details['ctx']['ge']}")


def _too_large(details: ErrorDetails, loc: Loc) -> BadValue:
    return BadValue(f"{details['input']} is too large", f"the most is {details['ctx']['le']}")


_GROUP = _expected("a group of keys", "write key: value on the lines below, indented")

_FAULTS: Mapping[str, Callable[[ErrorDetails, Loc], BadValue]] = {
    "value_error": _own,
    "string_type": _not_text,
    "int_type": _expected("a whole number", "write it in plain digits and without quotes, such as 8"),
    "bool_type": _expected("true or false", "write true or false, without quotes"),
    "tuple_type": _expected(
        "a list", "begin each item with '- ' on a line of its own, or write [first, second]"
    ),
    "dict_type": _GROUP,
    "model_type": _GROUP,
    "missing": _missing,
    "extra_forbidden": _unknown_key,
    "too_short": _too_short,
    "greater_than_equal": _too_small,
    "less_than_equal": _too_large,
}


def _keys_from(model: type[BaseModel]) -> dict[str, str]:
    """The keys of a model and of the groups right below it, and how each is written from there."""
    keys = {name: name for name in model.model_fields}
    for name, field in model.model_fields.items():
        if _is_model(group := _without_none(field.annotation)):
            for inner in group.model_fields:
                keys.setdefault(inner, f"{name}.{inner}")
    return keys


def _model_at(loc: Loc) -> type[BaseModel] | None:
    """The model that describes a place in a site file, if it is one that keys are read by."""
    annotation: Any = functools.reduce(_step_into, loc, SiteFile)
    return annotation if _is_model(annotation) else None


def _step_into(annotation: Any, part: str | int) -> Any:
    """The type of a field of a model, or of the items of a list or mapping."""
    if _is_model(annotation):
        field = annotation.model_fields.get(str(part))
        return _without_none(field.annotation) if field else None
    items = [each for each in get_args(annotation) if each is not Ellipsis]
    return items[-1] if items else None


def _without_none(annotation: Any) -> Any:
    """The type that a key has when it is there."""
    if not isinstance(annotation, UnionType):
        return annotation
    written = [each for each in get_args(annotation) if each is not NoneType]
    return written[0]  # what can be an expression, too, is no group of keys


def _is_model(annotation: Any) -> TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
