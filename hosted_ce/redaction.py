"""Takes secrets out of texts: of logs, events, errors and support bundles. Pure but for what it is taught.

Secrets are known by their form (tokens, keys, proxies), by the name before them (`password=`), or exactly.
What is masked by mistake costs a word of a message; what is missed may cost an account.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

MASK = "[redacted]"
SHORTEST = 8
"""Shorter texts are not learnt: they would be found in other words."""

_NAME = (
    r"[\w.-]{0,40}(?:passw(?:or)?d|passphrase|(?<![a-z])(?:ssh|db)?pass|secret|token|credential"
    r"|(?:api|private|secret|access)[_-]?key)"
)
_QUOTE = r"\\{0,8}[\"']"
"""Also one that is written in JSON, or in JSON in JSON."""
_CLEAR = r"(?!\[redacted\](?:[\s\"',;&}\\]|\Z))"
"""What is masked stays as it is, also when what stands behind it was written anew, as JSON."""
_ASSIGNED = rf"\b{_NAME}=(?!=|[?!]=)"  # ==, =?= and =!= compare in ClassAds
_KEY = rf"(?:^|[{{,])[ \t]{{0,40}}(?:{_QUOTE})?{_NAME}(?:{_QUOTE})?\s?:\s?"
_PASSWORD = rf"\b(?:passw(?:or)?d|passphrase)(?:{_QUOTE})?\s?:\s?"
_OPTION = r"--[\w-]{0,40}(?:password|passphrase|secret|token)\s(?!-)"


def _after(name: str, ends: str) -> Iterator[tuple[re.Pattern[str], str]]:
    """The value behind a name: in quotes; cut off in them; without, up to one of the characters `ends`."""
    quoted = rf"(?P<q>{_QUOTE}){_CLEAR}"
    whole = r"(?:(?!(?P=q))(?:\\.|[^\\\n])){1,500}(?=(?P=q))"
    for value in (
        rf"{quoted}){whole}",
        rf"{quoted})[^\s\"'\\{ends}]+",
        rf"){_CLEAR}(?!{_QUOTE})[^\s\"'{ends}]+",
    ):
        yield re.compile(rf"(?im)({name}{value}"), rf"\1{MASK}"


_PEM = re.compile(r"-----BEGIN (?P<kind>[A-Z0-9 ]+)-----.*?(?:-----END (?P=kind)-----|\Z)", re.DOTALL)
# All repetitions before a word that must follow are bounded: no text makes them take long.
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (_PEM, MASK),
    # the same in base64, as Kubernetes and our API carry files
    (re.compile(r"\bLS0tLS1CRUdJTi[A-Za-z0-9+/=]+(?:\s{1,20}[A-Za-z0-9+/=]{20,})*"), MASK),
    (re.compile(r"\beyJ[\w-]{6,}(?:\.[\w-]*){2,4}"), MASK),
    (
        re.compile(
            r"(?i)\b((?:proxy-)?authorization[\"']?\s?[:=]\s?[\"']?(?:\w{1,20}\s)?+)"
            + rf"{_CLEAR}[^\s\"',;]+"
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"(?i)\b((?:bearer|basic)\s)(?=\S{0,500}[\d=])[\w.~+/-]{8,}=*"), rf"\1{MASK}"),
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,20}://[^\s:/@]{0,100}:)[^\s/@]+(?=@)"), rf"\1{MASK}"),
    (re.compile(r"\b(?:gh[pousr]_|github_pat_|glpat-)[\w-]{16,}"), MASK),
    (re.compile(r"(?<![A-Za-z0-9])hce_[\w-]{16,}", re.ASCII), MASK),  # our own: hosted_ce.access.token
    *_after(_ASSIGNED, ",;&"),
    (re.compile(rf"(?im)({_KEY}){_CLEAR}(?:\[[^\]\n]+\]?|\{{[^}}\n]+\}}?)"), rf"\1{MASK}"),
    *_after(_KEY, ",;}"),
    *_after(_PASSWORD, ",;}"),
    *_after(_OPTION, ""),
)
_HINTS = (
    "-----begin", "ls0tls1", "eyj", "authorization", "bearer", "basic", "://", "pass", "secret", "token",
    "credential", "key", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "hce_",
)  # fmt: skip
"""Every form has one of these in it. Most texts have none, and are looked at ten times as fast."""
_SECRET_NAME = re.compile(rf"(?i){_NAME}\Z|(?:proxy-)?authorization\Z")


def redacted(text: str) -> str:
    """The text without what looks like a secret. Doing it twice changes nothing."""
    lower = text.lower()
    for hint in _HINTS:  # any() takes twice as long for a short text, and all that is told comes by here
        if hint in lower:
            break
    else:
        return text
    for form, instead in _FORMS:
        text = form.sub(instead, text)
    return text


@lru_cache(maxsize=4096)
def names_secret(name: str) -> bool:
    """Whether what has this name is a secret."""
    return _SECRET_NAME.search(name) is not None


class Redactor:
    """`redacted`, and besides what it was taught: secrets that have no form."""

    def __init__(self, known: Iterable[str] = ()):
        self._known: set[str] = set()
        for secret in known:
            self.learn(secret)

    def learn(self, secret: str) -> None:
        """Never again shows this text; one that is too short to tell from others is not taken."""
        if len(secret) >= SHORTEST:
            self._known.add(secret)

    def text(self, text: str) -> str:
        """The text without secrets."""
        for secret in self._known:
            text = text.replace(secret, MASK)
        return redacted(text)

    def value(self, value: Any) -> Any:
        """A value of JSON's kinds without secrets; others as they are."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {name: self.named(name, each) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(each) for each in value]
        return value

    def named(self, name: Any, value: Any) -> Any:
        """The value of that name: masked whole if the name says that it is a secret."""
        holds = isinstance(value, str | Mapping | list | tuple) and value
        return MASK if holds and isinstance(name, str) and names_secret(name) else self.value(value)

    def shows(self, text: str) -> bool:
        """Whether there is a secret in the text."""
        return self.text(text) != text
