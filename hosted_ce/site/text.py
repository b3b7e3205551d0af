"""Which characters a short text may have. Most end up in batch directives, paths and metric labels."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from hosted_ce.site.errors import BadValue, quote

_SPOKEN_CHARACTERS = {" ": "a space", "\t": "a tab", "\n": "a line break", "\r": "a line break"}
_LONGEST_EXPRESSION = 4_096
_LONGEST_DIRECTIVE = 1_024
_LONGEST_VALUE = 4_096
_HIGHEST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Word:
    """A kind of short text: `first` and `rest` are the insides of regular expression character classes."""

    what: str
    first: str
    rest: str
    longest: int
    allowed: str

    @property
    def pattern(self) -> str:
        """The same rule as one regular expression, for the JSON schema."""
        return f"^[{self.first}][{self.rest}]{{0,{self.longest - 1}}}$"

    def check(self, text: str) -> str:
        """The text unchanged. Raises BadValue that names the first character that cannot be there."""
        if not text:
            raise BadValue(f"{self.what} cannot be empty")
        if len(text) > self.longest:
            raise BadValue(
                f"{quote(text)} has {len(text)} characters; {self.what} has at most {self.longest}"
            )
        for index, character in enumerate(text):
            if not re.fullmatch(f"[{self.rest if index else self.first}]", character):
                raise BadValue(self._refusal(text, character, index), self.allowed)
        return text

    def _refusal(self, text: str, character: str, index: int) -> str:
        spoken = _SPOKEN_CHARACTERS.get(character, quote(character))
        place = f"as character {index + 1}" if index else "as its first character"
        return f"{quote(text)} has {spoken} {place}"


LABEL = Word("a name", "A-Za-z0-9_.-", "A-Za-z0-9_.-", 64, "use only letters, digits and _ . -")
TOPOLOGY_NAME = Word(
    "a Topology name",
    "A-Za-z0-9",
    "A-Za-z0-9_. -",
    128,
    "begin with a letter or digit; go on with letters, digits, spaces and _ . -",
)
BATCH_WORD = Word(
    "this name",
    "A-Za-z0-9_",
    "A-Za-z0-9_.@:+-",
    128,
    "begin with a letter, digit or _; go on with letters, digits and _ . @ : + -",
)
COMMAND = Word(
    "a command",
    "A-Za-z0-9_/",
    "A-Za-z0-9_./+-",
    256,
    "write a name or a path, without options, of letters, digits and _ . / + -",
)
VARIABLE = Word(
    "a variable's name",
    "A-Za-z_",
    "A-Za-z0-9_",
    128,
    "use only letters, digits and _; do not begin with a digit",
)

ACCOUNT = Word(
    "an account",
    "A-Za-z0-9_",
    "A-Za-z0-9_.-",
    128,
    "begin with a letter, digit or _; go on with letters, digits and _ . -",
)
ISSUER = Word(
    "an issuer",
    "A-Za-z0-9",
    "A-Za-z0-9_.~:/%@+=&?-",
    512,
    "write it exactly as in the tokens' iss, such as https://scitokens.org/ospool",
)
SUBJECT = Word(
    "a subject",
    "A-Za-z0-9_",
    "A-Za-z0-9_.~:/%@+=&?|!-",
    512,
    "write it exactly as in the tokens' sub; blanks, quotes, commas and the like cannot be used",
)

CONSTRAINT = Word(
    "a constraint",
    r"A-Za-z0-9_(\[",
    r"A-Za-z0-9_.&|!*()\[\],:=+-",
    256,
    "write names of features with & | * ( ) [ ] between them, without blanks",
)
VO_NAME = Word(
    "a VO's name",
    "A-Za-z0-9_",
    "A-Za-z0-9_.:@/+-",
    128,
    "begin with a letter, digit or _; go on with letters, digits and _ . : @ / + -",
)
VO_PATTERN = f"^(?:\\*|{VO_NAME.pattern.removeprefix('^').removesuffix('$')})$"

_HTCONDORS_OWN = ("root", "condor")
PILOT_ACCOUNT_PATTERN = f"^(?!(?:{'|'.join(_HTCONDORS_OWN)})$){ACCOUNT.pattern.removeprefix('^')}"

_HOST = Word("a host name", "A-Za-z0-9", "A-Za-z0-9.-", 253, "use only letters, digits, dots and hyphens")


def check_host(text: str) -> str:
    """A DNS name or an IP address, and nothing else: no user, no port, no brackets."""
    if "@" in text:
        raise BadValue(f"{quote(text)} has a user in it", "write the host only; the user goes to account:")
    if re.fullmatch(r"[^:]+:[0-9]+", text):
        raise BadValue(f"{quote(text)} has a port in it", "write the host only; the port goes to port:")
    return text if _is_address(text) else _HOST.check(text)


def check_pilot_account(text: str) -> str:
    """An account that pilots of tokens may run as."""
    if text in _HTCONDORS_OWN:
        raise BadValue(
            f"pilots cannot run as {text}: HTCondor gives that name the power over all jobs",
            "use another account at the site",
        )
    return ACCOUNT.check(text)


def check_vo(text: str) -> str:
    """A VO's name, or `*` for each other one."""
    return text if text == "*" else VO_NAME.check(text)


def check_public_host(text: str) -> str:
    """A DNS name or an IPv4 address in lower case: what stands before the port in a token's audience."""
    check_host(text)
    if ":" in text:
        raise BadValue(f"{quote(text)} is an IPv6 address", "write a DNS name")
    if text != text.lower():
        raise BadValue(
            f"{quote(text)} has capital letters", f"factories ask for tokens in lower case: {text.lower()}"
        )
    return text


def check_host_port(text: str) -> str:
    """`host:port`: a DNS name or an IPv4 address, and a port from 1 to 65535."""
    host, colon, port = text.rpartition(":")
    if not colon or not re.fullmatch(r"[0-9]{1,5}", port):
        raise BadValue(f"{quote(text)} has no port", "write it as host.example.edu:3128")
    if not 0 < int(port) <= _HIGHEST_PORT:
        raise BadValue(f"{quote(text)} has port {port}", f"ports go from 1 to {_HIGHEST_PORT}")
    _HOST.check(host)
    return text


def check_address(text: str) -> str:
    """An IP address of this machine, or 0.0.0.0 or :: for all."""
    if not _is_address(text):
        raise BadValue(
            f"{quote(text)} is not an IP address", "write one such as 192.0.2.10, or 0.0.0.0 for all"
        )
    return text


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def check_email(text: str) -> str:
    """Something that a mail can be sent to."""
    if not re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+", text):
        raise BadValue(f"{quote(text)} is not a mail address", "write one address, such as admin@example.edu")
    return text


def check_expression(text: str) -> str:
    """A text that may be a ClassAd expression; its syntax is for `lint_site` to check."""
    if not text.strip():
        raise BadValue("the expression is empty", "leave when: out of a route that takes every pilot")
    if len(text) > _LONGEST_EXPRESSION:
        raise BadValue(f"the expression has {len(text)} characters; the most is {_LONGEST_EXPRESSION}")
    return text


def check_variable_value(text: str) -> str:
    """The value of an environment variable: one line of ordinary characters, or nothing."""
    if len(text) > _LONGEST_VALUE:
        raise BadValue(f"the value has {len(text)} characters; the most is {_LONGEST_VALUE}")
    return check_one_line(text)


def check_directive_line(text: str) -> str:
    """What may stand in a route's `extra` for any batch system; each has its own rules beyond this."""
    check_one_line(text)
    if len(text) > _LONGEST_DIRECTIVE:
        raise BadValue(f"{quote(text)} has {len(text)} characters; the most is {_LONGEST_DIRECTIVE}")
    return text


def check_one_line(text: str) -> str:
    """A text without line breaks, tabs and other control characters. Does not show it: it could be a key."""
    for index, character in enumerate(text):
        if not character.isprintable():
            spoken = _SPOKEN_CHARACTERS.get(character, quote(character))
            raise BadValue(
                f"there is {spoken} as character {index + 1}",
                "write it on one line, without control characters",
            )
    return text
