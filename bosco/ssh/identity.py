"""Which keys are shown at a login, in their order, and who signs with them: this process, or an ssh-agent.

The next key of a rotation is shown before the one in use: where the site does not have it yet, the other one
logs in. A key that has a certificate is shown with it first.
"""

from __future__ import annotations

import asyncio
import copy
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from bosco.errors import KeyUnusable
from bosco.ssh.certificates import Certificate, read_certificate

NEXT_SUFFIX = ".next"
ANSWER_TIMEOUT_S = 5.0
"""For what an agent answers from memory."""
SIGN_TIMEOUT_S = 20.0
"""For a signature: somebody may have to touch a token."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are at a host. With an `agent` (its socket), `key` is the public half of a key that it holds."""

    key: Path
    certificate: Path | None = None
    agent: Path | None = None
    next_too: bool = True
    """Whether the next key of a rotation is shown as well."""

    @property
    def keys(self) -> list[Path]:
        """The files of its keys, in the order in which they are shown."""
        following = next_key(self.key)
        return [following, self.key] if self.next_too and following.is_file() else [self.key]


@dataclass(frozen=True, slots=True)
class KeyUse:
    """A login that went well: where (`account@host:port`), and by which key."""

    login: str
    key: Path
    fingerprint: str
    certified: bool


OnLogin = Callable[[KeyUse], None]


def next_key(key: Path) -> Path:
    """Where the key is kept that is to take the place of this one."""
    return key.with_name(f"{key.name}{NEXT_SUFFIX}")


class Signer(asyncssh.SSHAgentClient):
    """An ssh-agent with deadlines. `trouble` is why it did not sign, in words."""

    def __init__(self, socket: Path):
        super().__init__(str(socket))
        self._socket = socket
        self.trouble: str | None = None

    async def holding(self, public: asyncssh.SSHKey, key: Path) -> asyncssh.SSHKeyPair:
        """The key whose public half this is, read from `key`. Raises KeyUnusable."""
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                found = await self.get_keys([public.public_data])
        except (OSError, ValueError, asyncssh.Error) as error:
            said = str(error) or "no answer in time"
            raise KeyUnusable(
                f"the ssh-agent at {self._socket} cannot be asked: {said}; does it run, and may this service "
                "use its socket?"
            ) from error
        if not found:
            raise KeyUnusable(
                f"the ssh-agent at {self._socket} does not hold the key {key} ({public.get_fingerprint()}): "
                "is it locked (ssh-add -X), or was the key not added?"
            )
        return found[0]

    async def sign(self, key_blob: bytes, data: bytes, flags: int = 0) -> bytes:
        """As asyncssh asks for it; ValueError makes it go on with the next key."""
        try:
            async with asyncio.timeout(SIGN_TIMEOUT_S):
                return await super().sign(key_blob, data, flags)
        except TimeoutError:
            self.close()  # an answer that comes later is to another question
            self.trouble = (
                f"the ssh-agent at {self._socket} did not sign within {SIGN_TIMEOUT_S:g} s: does a token "
                "wait to be touched, or somebody to confirm?"
            )
            raise ValueError(self.trouble) from None
        except ValueError as error:
            self.trouble = (
                f"the ssh-agent at {self._socket} did not sign ({error}): was it locked, the token pulled, "
                "not touched, or the question declined?"
            )
            raise


class KeyRing:
    """Gives keys to one login, one after the other, and knows which one was given last."""

    def __init__(self, shown: Sequence[tuple[Path, asyncssh.SSHKeyPair]], signer: Signer | None, words: str):
        """`words`: what there is to say of a certificate when the keys are refused."""
        self._left, self._signer, self._words = list(shown), signer, words
        self._given: list[tuple[Path, asyncssh.SSHKeyPair]] = []
        self._exhausted = False

    def next(self) -> asyncssh.SSHKeyPair | None:
        """The next one to try."""
        if not self._left:
            self._exhausted = True
            return None
        self._given.append(self._left.pop(0))
        return self._given[-1][1]

    @property
    def taken(self) -> bool:
        """Whether the server has asked for a key, and after the last one for no other."""
        return bool(self._given) and not self._exhausted

    @property
    def trouble(self) -> str | None:
        """Why we could not sign although a key was accepted."""
        return self._signer.trouble if self._signer else None

    @property
    def words(self) -> str:
        """What may explain a refusal."""
        return self._words

    def use(self, login: str) -> KeyUse | None:
        """What is to be told of a login that went well; None: the server let us in without a key."""
        if not self._given:
            return None
        path, pair = self._given[-1]
        public = asyncssh.public_key.decode_ssh_public_key(pair.key_public_data)
        return KeyUse(login, path, public.get_fingerprint(), pair.has_cert)


@asynccontextmanager
async def key_ring(identity: Identity) -> AsyncIterator[KeyRing]:
    """The keys of an identity, for one login. Raises KeyUnusable, saying which file is wrong and why.

    What is wrong with the next key of a rotation does no harm: the one in use is shown alone.
    """
    signer = Signer(identity.agent) if identity.agent else None
    try:
        shown: list[tuple[Path, asyncssh.SSHKeyPair]] = []
        said: list[str] = []
        certificate = read_certificate(identity.certificate) if identity.certificate else None
        for path in identity.keys:
            try:
                pair = await _pair(path, signer)
            except KeyUnusable as error:
                if path == identity.key:
                    raise
                said.append(str(error))
                continue
            theirs, word = _certificate_for(path, pair, certificate)
            said += [word] if word else []
            shown += [(path, _certified(pair, theirs))] if theirs else []
            shown.append((path, pair))
        if certificate and not any(pair.has_cert for _, pair in shown):
            raise KeyUnusable(f"the certificate {certificate.path} is not of the key {identity.key}")
        yield KeyRing(shown, signer, "; ".join(said))
    finally:
        if signer:
            signer.close()
            await signer.wait_closed()


async def _pair(path: Path, signer: Signer | None) -> asyncssh.SSHKeyPair:
    try:
        if signer:
            return await signer.holding(asyncssh.read_public_key(str(path)), path)
        return asyncssh.load_keypairs([asyncssh.read_private_key(str(path))])[0]
    except FileNotFoundError:
        raise KeyUnusable(f"the private key {path} is not there; the site file names it") from None
    except asyncssh.KeyEncryptionError:
        raise KeyUnusable(
            f"cannot use the private key {path}: it has a passphrase; put it into an ssh-agent, and write "
            "agent: into the site file"
        ) from None
    except (OSError, asyncssh.KeyImportError, ValueError) as error:
        what = "public half (with agent: it is what is named)" if signer else "private key"
        raise KeyUnusable(f"cannot use the {what} {path}: {error}") from error


def _certificate_for(
    path: Path, pair: asyncssh.SSHKeyPair, named: Certificate | None
) -> tuple[Certificate | None, str | None]:
    """The certificate that it is shown with, and what may explain a refusal.

    One that the site file names must be valid; one that lies beside the key is left out when it is not.
    """
    now = time.time()
    if named and named.of(pair):
        if trouble := named.trouble(now):
            raise KeyUnusable(trouble)
        return named, named.words
    beside = path.with_name(f"{path.name}-cert.pub")
    if not beside.is_file():
        return None, None
    try:
        found = read_certificate(beside)
    except KeyUnusable as error:
        return None, str(error)
    if trouble := None if found.of(pair) else f"the certificate {beside} is not of the key {path}":
        return None, trouble
    trouble = found.trouble(now)
    return (None, trouble) if trouble else (found, found.words)


def _certified(pair: asyncssh.SSHKeyPair, certificate: Certificate) -> asyncssh.SSHKeyPair:
    certified = copy.copy(pair)
    certified.set_certificate(certificate.parsed)
    return certified
