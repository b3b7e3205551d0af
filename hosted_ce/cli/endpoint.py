"""Finds the running CE: the state folder says where it listens and has the token."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from hosted_ce.cli.errors import CliError, Misuse, NoRunningCe
from hosted_ce.cli.pinned import trusting
from hosted_ce.cli.process import settings_with, shown

START = (
    "start it, as a service with `systemctl start hosted-ce`, else with `hosted-ce serve --site FILE`; "
    "`hosted-ce demo` tries one"
)
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a CE listens, and what it is asked with."""

    url: str
    token: str = field(repr=False)
    token_file: Path
    state: Path | None
    """The state folder that names it; None when the person named the address."""
    certificate: Path | None = None
    """Where a CE of this machine has its certificate, if it speaks https."""

    @property
    def trust(self) -> ssl.SSLContext | bool:
        """As httpx's `verify`: a CE of this machine is known by its very certificate.

        Whatever names and dates it has: the CE starts with one that is over, and its commands are to work.

        Raises CliError.
        """
        if self.certificate is None or not self.url.startswith("https:"):
            return True
        try:
            return trusting(self.certificate)
        except (OSError, ValueError) as error:
            raise CliError(
                f"the CE's certificate in {shown(self.certificate)} cannot be read: {error}"
            ) from error


def find_endpoint(state: Path | None, url: str | None, token_file: Path | None) -> Endpoint:
    """The CE that the options, or the state folder, name. Raises NoRunningCe, Misuse, CliError."""
    settings = settings_with(state=state)
    own = None if url else settings.state
    address = _checked(url) if url else _address_in(settings.endpoint_file, settings.state)
    if url and not token_file and httpx.URL(address).host not in _LOOPBACK:
        raise Misuse(
            f"which token is for {address}? Name its file with --token-file: "
            "the one in the state folder is not sent to other machines"
        )
    file = token_file or settings.token_file
    return Endpoint(address, _token_in(file), file, own, None if url else settings.certificate_file)


def _address_in(file: Path, state: Path) -> str:
    try:
        return _checked(file.read_text(encoding="utf-8").strip())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NoRunningCe(
            f"no CE is running with state folder {shown(state)}: {START}",
            "if it runs with another state folder, name that with --state-dir",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise CliError(f"{shown(file)} cannot be read: {error}; use the account that runs the CE") from error


def _checked(text: str) -> str:
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise Misuse(f"{text!r} is not the address of a CE: write it like http://127.0.0.1:8080")
    return text.rstrip("/")


def _token_in(file: Path) -> str:
    try:
        token = file.read_text(encoding="ascii").strip()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise CliError(
            f"there is no token in {shown(file)}: name its file with --token-file, "
            "or the CE's state folder with --state-dir"
        ) from error
    except OSError as error:
        raise CliError(
            f"the token in {shown(file)} cannot be read ({error.strerror}): use the account that runs the CE"
        ) from error
    except UnicodeDecodeError as error:
        raise _not_a_token(file) from error
    if not token or len(token.split()) != 1 or not token.isprintable():
        raise _not_a_token(file)
    return token


def _not_a_token(file: Path) -> CliError:
    return CliError(f"{shown(file)} has no token in it: one line without spaces is expected")
