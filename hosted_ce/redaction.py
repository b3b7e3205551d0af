"""Takes secrets out of texts: of logs, events, errors and support bundles. Pure but for what it is taught.

Secrets are known by their form (tokens, keys, proxies), by the name before them (`password=`), or exactly.
What is masked by mistake costs a word of a message; what is missed may cost an account.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

MASK = "[redacted]"
SHORTEST = 8
"""Shorter texts are not learnt: they would be found in other words."""

_NAME = r"[\w.-]{0,40}(?:passw(?:or)?d|passphrase|secret|token|credential|api[_-]?key|private[_-]?key)"
_PEM = re.compile(r"-----BEGIN (?P<kind>[A-Z0-9 ]+)-----.*?(?:-----END (?P=kind)-----|\Z)", re.DOTALL)
# All repetitions before a word that must follow are bounded: no text makes them take long.
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (_PEM, MASK),
    # the same in base64, as Kubernetes and our API carry files
    (re.compile(r"\bLS0tLS1CRUdJTi[A-Za-z0-9+/=]+(?:\s{1,20}[A-Za-z0-9+/=]{20,})*"), MASK),
    (re.compile(r"\beyJ[\w-]{6,}(?:\.[\w-]*){2,4}"), MASK),
    (
        re.compile(r"(?i)\b((?:proxy-)?authorization[\"']?\s?[:=]\s?[\"']?(?:\w{1,20}\s)?)[^\s\"',;]+"),
        rf"\1{MASK}",
    ),
    (re.compile(r"(?i)\b((?:bearer|basic)\s)(?=\S{0,500}[\d=])[\w.~+/-]{8,}=*"), rf"\1{MASK}"),
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,20}://[^\s:/@]{0,100}:)[^\s/@]+(?=@)"), rf"\1{MASK}"),
    (re.compile(rf"(?i)(\b{_NAME}=[\"']?)[^\s\"',;&]+"), rf"\1{MASK}"),
    (
        re.compile(rf"(?im)((?:^|[{{,])[ \t]{{0,40}}[\"']?{_NAME}[\"']?\s?:\s?[\"']?)[^\s\"',;}}]+"),
        rf"\1{MASK}",
    ),
    (re.compile(r"(?i)\b((?:passw(?:or)?d|passphrase)[\"']?\s?:\s?[\"']?)[^\s\"',;}]+"), rf"\1{MASK}"),
    (re.compile(r"(?i)(--[\w-]{0,40}(?:password|passphrase|secret|token)\s)[^\s-]\S*"), rf"\1{MASK}"),
)
_HINTS = (
    "-----begin", "ls0tls1", "eyj", "authorization", "bearer", "basic", "://", "passw", "passphrase",
    "secret", "token", "credential", "key",
)  # fmt: skip
"""Every form has one of these in it. Most texts have none, and are looked at ten times as fast."""
_SECRET_NAME = re.compile(rf"(?i){_NAME}\Z|(?:proxy-)?authorization\Z")


def redacted(text: str) -> str:
    """The text without what looks like a secret. Doing it twice changes nothing."""
    lower = text.lower()
    if not any(hint in lower for hint in _HINTS):
        return text
    for form, instead in _FORMS:
        text = form.sub(instead, text)
    return text


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
        if isinstance(value, str) and value and isinstance(name, str) and _SECRET_NAME.match(name):
            return MASK
        return self.value(value)

    def shows(self, text: str) -> bool:
        """Whether there is a secret in the text."""
        return self.text(text) != text
