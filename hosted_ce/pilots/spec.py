"""What a pilot request may say. Every front door makes one of these, so the rules are the same for all."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+=@,-]{0,199}\Z")
ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}\Z")
ATTRIBUTE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}\Z")
SITE_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@:+-]{0,127}\Z")
CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")
HALF_CHARACTER = re.compile(r"[\ud800-\udfff]")
"""Surrogates: JSON can spell them, no UTF-8 has them, and the ClassAd library ends the process over them."""
MAX_FILE_NAME = 200
MAX_STRING = 4096
SHOWN = 80
MAX_COMMAND = 128 * 1024
MAX_FILES = 100
MAX_ATTRIBUTES = 500

Scalar = bool | int | float | str

POSITIVE = (
    "xcount",
    "maxMemory",
    "maxWallTime",
    "minWalltime",
    "BatchRuntime",
    "RequestCpus",
    "RequestMemory",
)
NOT_NEGATIVE = ("RequestGPUs",)
SITE_WORDS = ("queue", "project", "BatchQueue", "BatchProject")
TRUTHS = ("WantWholeNode",)
_CANONICAL = {name.lower(): name for name in (*POSITIVE, *NOT_NEGATIVE, *SITE_WORDS, *TRUTHS)}


def file_name(name: str) -> str:
    """`name`, if it can be a file in a pilot's working directory. Raises ValueError with what is wrong."""
    if len(name) > MAX_FILE_NAME:
        raise ValueError(f"a file name of {len(name)} characters is too long; at most {MAX_FILE_NAME}")
    if not FILE_NAME.match(name):
        raise ValueError(
            f"{_shown(name)} cannot be a file name: use letters, digits and any of _.+=@,- without a folder, "
            "beginning with a letter, digit or _"
        )
    return name


FileName = Annotated[str, AfterValidator(file_name)]


class FileRef(BaseModel):
    """An input file whose content is in our store."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: FileName = Field(description="Its name in the pilot's working directory.")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of its content, in lower-case hex.")
    executable: bool = Field(default=False, description="Whether it gets the execute permission.")


class PilotSpec(BaseModel):
    """A pilot request: what to run, with what, and the ClassAd attributes that routes look at."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    executable: FileName = Field(description="Which of the input files is run.")
    arguments: tuple[str, ...] = Field(default=(), description="Its arguments, one by one, passed unchanged.")
    environment: dict[str, str] = Field(default_factory=dict, description="Environment variables for it.")
    inputs: tuple[FileRef, ...] = Field(min_length=1, max_length=MAX_FILES, description="The input files.")
    attributes: dict[str, Scalar] = Field(
        default_factory=dict,
        description="ClassAd attributes: xcount, maxMemory (MB), maxWallTime (minutes), queue, any other.",
    )
    credentials: tuple[FileName, ...] = Field(
        default=(), description="Input files whose contents may be renewed while the pilot runs."
    )
    proxy: FileName | None = Field(
        default=None, description="The input file that is an X.509 proxy: X509_USER_PROXY says where it is."
    )

    @model_validator(mode="before")
    @classmethod
    def _spell_attributes(cls, data: Any) -> Any:
        """ClassAd names are case-insensitive: the ones we know get their usual spelling."""
        if not isinstance(data, Mapping) or not isinstance(data.get("attributes"), Mapping):
            return data
        spelled: dict[str, Any] = {}
        known: set[str] = set()
        for name, value in data["attributes"].items():
            lower = str(name).lower()
            if lower in known:
                raise ValueError(f"attribute {_shown(str(name))} is given twice (names are case-insensitive)")
            known.add(lower)
            spelled[_CANONICAL.get(lower, name)] = value
        return {**data, "attributes": spelled}

    @model_validator(mode="after")
    def _check(self) -> PilotSpec:
        names = [file.name for file in self.inputs]
        if doubled := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"input files are given twice: {', '.join(doubled)}")
        if self.executable not in names:
            raise ValueError(f"the executable {self.executable!r} is not among the input files")
        if strangers := sorted({*self.credentials, *filter(None, [self.proxy])} - set(names)):
            raise ValueError(f"credentials are not among the input files: {', '.join(strangers)}")
        _check_command(self.arguments, self.environment)
        _check_attributes(self.attributes)
        return self


def _check_command(arguments: tuple[str, ...], environment: Mapping[str, str]) -> None:
    size = sum(len(text.encode()) + 1 for text in (*arguments, *environment, *environment.values()))
    if size > MAX_COMMAND:
        raise ValueError(f"arguments and environment of {size} bytes are too long; at most {MAX_COMMAND}")
    for text in (*arguments, *environment.values()):
        if "\0" in text:
            raise ValueError("arguments and environment values cannot contain a NUL character")
    for name in environment:
        if not ENVIRONMENT_NAME.match(name):
            raise ValueError(
                f"{_shown(name)} cannot be an environment variable's name: use letters, digits and _, "
                "at most 128, not beginning with a digit"
            )


def _check_attributes(attributes: Mapping[str, Scalar]) -> None:
    if len(attributes) > MAX_ATTRIBUTES:
        raise ValueError(f"{len(attributes)} attributes are too many; at most {MAX_ATTRIBUTES}")
    for name, value in attributes.items():
        if not ATTRIBUTE_NAME.match(name):
            raise ValueError(
                f"{_shown(name)} cannot be a ClassAd attribute's name: use letters, digits and _, "
                "at most 128, not beginning with a digit"
            )
        if problem := attribute_problem(name, value):
            raise ValueError(f"attribute {name}: {problem}")


def canonical_name(name: str) -> str | None:
    """The usual spelling of an attribute that we know the meaning of; None for others."""
    return _CANONICAL.get(name.lower())


def attribute_problem(name: str, value: Scalar) -> str | None:
    """What is wrong with an attribute's value; None when nothing is."""
    if name in TRUTHS:
        return None if isinstance(value, bool) else f"{_shown(value)} is not true or false"
    if name in POSITIVE or name in NOT_NEGATIVE:
        least = 1 if name in POSITIVE else 0
        good = isinstance(value, int) and not isinstance(value, bool) and least <= value < 2**31
        return None if good else f"{_shown(value)} is not a whole number of at least {least}"
    if name in SITE_WORDS:
        good = isinstance(value, str) and bool(SITE_WORD.match(value))
        return None if good else f"{_shown(value)} is not a name: use letters, digits and any of _.@:+-"
    return _scalar_problem(value)


def _scalar_problem(value: Scalar) -> str | None:
    if isinstance(value, str):
        return _text_problem(value)
    if isinstance(value, float) and not math.isfinite(value):
        return f"{value} is not a number that a ClassAd can hold"
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return f"{_shown(value)} does not fit in 64 bits"
    return None


def _text_problem(text: str) -> str | None:
    if len(text) > MAX_STRING:
        return f"a text of {len(text)} characters is too long; at most {MAX_STRING}"
    for pattern, what in ((CONTROL, "a control character"), (HALF_CHARACTER, "half a character")):
        if found := pattern.search(text):
            return f"the text has {what} (U+{ord(found[0]):04X}) at position {found.start()}"
    return None


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."
