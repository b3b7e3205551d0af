"""What answers look like: each kind's type, and how a written answer becomes a value."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError

from hosted_ce.site import fields
from hosted_ce.site.errors import BadValue, name_value, quote
from hosted_ce.site.text import check_host
from hosted_ce.site_init.fingerprints import check_fingerprint
from hosted_ce.site_init.question import NONE, UNKNOWN, Question, Value

_HIGHEST_PORT = 65_535
_MOST = 1_000_000
_TRUTHS = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}


def split_login(text: str) -> tuple[str, int]:
    """Host and port of a login node, written `host` or `host:port`. Raises BadValue."""
    found = re.fullmatch(r"(?P<host>[^:\[\]]+)(?::(?P<port>[0-9]{1,5}))?", text)
    if not found:
        raise BadValue(
            f"{quote(text)} is not a login node", "write login.example.edu or login.example.edu:2222"
        )
    port = int(found["port"] or 22)
    if not 0 < port <= _HIGHEST_PORT:
        raise BadValue(f"{quote(text)} has port {port}", f"ports go from 1 to {_HIGHEST_PORT}")
    return check_host(found["host"]), port


def _login(text: str) -> str:
    host, port = split_login(text)
    return host if port == 22 else f"{host}:{port}"  # noqa: PLR2004 - as people write it


def _network(text: str) -> str:
    try:
        network = ipaddress.ip_network(text)
    except ValueError as error:
        raise BadValue(
            f"{quote(text)}: {error}", "write addresses such as 192.0.2.10 or 192.0.2.0/28"
        ) from error
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def _whole(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise BadValue(f"{name_value(value)} is not a whole number", "write it in plain digits, such as 8")


def _truth(value: object) -> object:
    if isinstance(value, bool):
        return value
    if str(value).lower() not in _TRUTHS:
        raise BadValue(f"{name_value(value)} is neither yes nor no", "write yes or no")
    return _TRUTHS[str(value).lower()]


def _number(least: int, most: int) -> Any:
    return Annotated[int, BeforeValidator(_whole), Field(ge=least, le=most)]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of answer."""

    adapter: TypeAdapter[Any]
    many: bool = False
    """Whether an answer is a list, which a person writes with commas."""
    optional: bool = False
    """Whether it can be NONE."""


def _one(annotation: Any, *, optional: bool = False) -> Kind:
    return Kind(TypeAdapter(annotation), optional=optional)


def _list(annotation: Any, *, optional: bool = False) -> Kind:
    adapter = TypeAdapter(Annotated[list[annotation], Field(min_length=1)])
    return Kind(adapter, many=True, optional=optional)


KINDS: Mapping[str, Kind] = {
    "choice": _one(str),
    "truth": _one(Annotated[bool, BeforeValidator(_truth)]),
    "topology": _one(fields.TopologyName),
    "emails": _list(fields.Email),
    "logins": _list(Annotated[str, AfterValidator(_login)]),
    "logins_or_none": _list(Annotated[str, AfterValidator(_login)], optional=True),
    "addresses": _list(Annotated[str, AfterValidator(_network)]),
    "fingerprints": _list(Annotated[str, AfterValidator(check_fingerprint)]),
    "account": _one(fields.Account),
    "word": _one(fields.BatchWord),
    "word_or_none": _one(fields.BatchWord, optional=True),
    "spool": _one(fields.Spool),
    "folder": _one(fields.Scratch),
    "folder_or_none": _one(fields.SiteFolder, optional=True),
    "path": _one(fields.LocalPath),
    "host_port_or_none": _one(fields.HostPort, optional=True),
    "public_host": _one(fields.PublicHost),
    "issuer": _one(fields.IssuerName),
    "cores": _one(_number(1, 100_000)),
    "gpus": _one(_number(0, 1_024)),
    "number": _one(_number(1, _MOST)),
    "memory": _one(fields.Memory),
    "walltime": _one(fields.WallTime),
}


def read_answer(question: Question, written: object) -> Value:
    """What somebody wrote, at a prompt or in YAML, as the value that it stands for. Raises BadValue."""
    kind = KINDS[question.kind]
    if isinstance(written, str):
        written = written.strip()
        if written.lower() in (UNKNOWN, "?"):
            return _not_known(question)
        if kind.optional and written.lower() == NONE:
            return NONE
        if question.choices:
            return _chosen(question, written.lower())
    return _read(kind, written)


def _not_known(question: Question) -> str:
    if not question.unknown:
        raise BadValue("nothing can be prepared without this answer", f"such as {question.example}")
    return UNKNOWN


def _chosen(question: Question, written: str) -> str:
    if written in question.choices:
        return written
    if question.id == "batch":
        _read(_one(fields.BatchSystem), written)
    known = "; ".join(f"{each} ({meaning})" for each, meaning in question.choices.items())
    raise BadValue(f"{quote(written)} is none of the answers", f"write one of {known}")


def _read(kind: Kind, written: object) -> Value:
    if kind.many:
        written = (
            [each for each in re.split(r"\s*[,;\n]\s*", written) if each]
            if isinstance(written, str)
            else written
        )
    elif isinstance(written, list | dict):
        raise BadValue(f"one value is expected here, not {name_value(written)}")
    try:
        value = kind.adapter.validate_python(written)
    except ValidationError as error:
        raise _fault(error) from error
    dumped: Value = kind.adapter.dump_python(value, mode="json")
    return dumped


_WORDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "greater_than_equal": lambda details: (
        f"{details['input']} is too small; the least is {details['ctx']['ge']}"
    ),
    "less_than_equal": lambda details: f"{details['input']} is too large; the most is {details['ctx']['le']}",
    "too_short": lambda details: "there is nothing in it",
    "list_type": lambda details: f"a list is expected here, not {name_value(details['input'])}",
    "string_type": lambda details: f"text is expected here, not {name_value(details['input'])}",
}


def _fault(error: ValidationError) -> BadValue:
    details: Mapping[str, Any] = error.errors(include_url=False)[0]
    own = details.get("ctx", {}).get("error")
    if isinstance(own, BadValue):
        return own
    words = _WORDS.get(details["type"])
    return BadValue(words(details) if words else details["msg"])
