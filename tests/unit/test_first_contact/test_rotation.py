"""The files of a change of keys: at each moment, and after each fault, one of the two keys logs in."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import asyncssh
import pytest

from bosco.ssh.identity import Identity, key_ring, next_key
from hosted_ce.first_contact.errors import KeyTrouble
from hosted_ce.first_contact.key_files import certifies, old_of
from hosted_ce.first_contact.rotation import abort, begin, finish, finished, let_go
from hosted_ce.first_contact.ssh_key import ensure_key

CA = asyncssh.generate_private_key("ssh-ed25519")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A key in use, with a next one."""
    path = tmp_path / "keys" / "key"
    path.parent.mkdir()
    ensure_key(path, "x")
    begin(path, "x")
    return path


def sign(key: Path, place: Path) -> Path:
    """A certificate of this key."""
    made = CA.generate_user_certificate(asyncssh.read_private_key(str(key)), "id", principals=["osg01"])
    made.write_certificate(str(place))
    return place


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def shown(identity: Identity) -> list[tuple[str, bool]]:
    """The keys of a login, and which of them have a certificate."""
    async with key_ring(identity) as ring:
        found = []
        while pair := ring.next():
            use = ring.use("x")
            assert use
            found.append((use.key.name, pair.has_cert))
    return found


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make another account's key")
def test_the_next_key_has_the_owner_and_mode_of_the_one_in_use(tmp_path: Path) -> None:
    """Said as root: the service could not read it otherwise, and would be locked out in the end."""
    key = tmp_path / "key"
    ensure_key(key, "x")
    os.chown(key, 65534, 65533)
    key.chmod(0o640)
    begin(key, "x")
    next_key(key).chmod(0o600)
    begin(key, "x")
    for path in (next_key(key), key):
        found = path.stat()
        assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (65534, 65533, 0o640)
    finish(key)
    assert key.stat().st_uid == 65534


def test_a_next_key_that_the_service_could_not_read_is_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = tmp_path / "key"
    ensure_key(key, "x")
    found = key.stat()

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chown", refuse)
    monkeypatch.setattr(os, "stat", _of_another(os.stat, key, found.st_uid + 1))
    with pytest.raises(KeyTrouble, match="in the account that owns the key, or as root"):
        begin(key, "x")
    assert names(tmp_path) == ["key", "key.pub"]


def _of_another(real: Callable[..., os.stat_result], key: Path, uid: int) -> Callable[..., os.stat_result]:
    def stat(path: object, *more: object, **words: object) -> os.stat_result:
        found = real(path, *more, **words)
        return os.stat_result([*found[:4], uid, *found[5:]]) if str(path) == str(key) else found

    return stat


def test_the_old_key_is_kept_until_it_is_let_go(key: Path) -> None:
    old, new = key.read_bytes(), next_key(key).read_bytes()
    finish(key)
    assert (key.read_bytes(), old_of(key).read_bytes()) == (new, old)
    assert finished(key)
    with pytest.raises(KeyTrouble, match=r"key.old is there of the last change: say finish once more first"):
        begin(key, "x")
    with pytest.raises(KeyTrouble, match=r"to go back, put .*key.old in its place"):
        abort(key)
    let_go(key)
    assert names(key.parent) == ["key", "key.pub"]
    begin(key, "x")


@pytest.fixture(params=["key.next", "named", "key.pub"])
def broken(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A disk that fails when this file is put into its place; call it to have it mended."""
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if self.name == request.param and not Path(target).name.endswith(".old"):
            raise OSError(5, "Input/output error", str(self))
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    return lambda: monkeypatch.setattr(Path, "replace", real)


async def test_a_finish_that_broke_off_is_finished(
    key: Path, tmp_path: Path, broken: Callable[[], None]
) -> None:
    named, signed = sign(key, tmp_path / "named"), sign(next_key(key), key.parent / "key.next-cert.pub")
    old, new, certificate = key.read_bytes(), next_key(key).read_bytes(), named.read_bytes()
    for _ in range(2):
        with pytest.raises(KeyTrouble, match="say finish once more when it is mended"):
            finish(key, [named])
        assert key.read_bytes() == old
        assert ("key.next", True) in await shown(Identity(key, named)) or named.read_bytes() == certificate
    broken()
    wanted = signed.read_bytes()
    finish(key, [named])
    assert (key.read_bytes(), named.read_bytes()) == (new, wanted)
    assert (old_of(key).read_bytes(), old_of(named).read_bytes()) == (old, certificate)
    assert await shown(Identity(key, named)) == [("key", True), ("key", False)]
    let_go(key, [named])
    assert names(key.parent) == ["key", "key.pub"]
    assert names(tmp_path) == ["keys", "named"]


async def test_a_finish_that_broke_off_is_aborted(
    key: Path, tmp_path: Path, broken: Callable[[], None]
) -> None:
    named = sign(key, tmp_path / "named")
    sign(next_key(key), key.parent / "key.next-cert.pub")
    before = (key.read_bytes(), named.read_bytes(), (key.parent / "key.pub").read_bytes())
    with pytest.raises(KeyTrouble):
        finish(key, [named])
    broken()
    abort(key, [named])
    assert (key.read_bytes(), named.read_bytes(), (key.parent / "key.pub").read_bytes()) == before
    assert names(key.parent) == ["key", "key.pub"]
    assert await shown(Identity(key, named)) == [("key", True), ("key", False)]


def test_a_certificate_may_be_on_another_file_system(
    key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = sign(key, tmp_path / "named")
    sign(next_key(key), key.parent / "key.next-cert.pub")
    real = os.rename, os.replace

    def within(which: Callable[..., None]) -> Callable[..., None]:
        def move(source: str, target: str) -> None:
            if (tmp_path / "keys" in Path(source).parents) != (tmp_path / "keys" in Path(target).parents):
                raise OSError(18, "Invalid cross-device link", str(source))
            which(source, target)

        return move

    monkeypatch.setattr(os, "rename", within(real[0]))
    monkeypatch.setattr(os, "replace", within(real[1]))
    finish(key, [named])
    assert certifies(named, key)


def test_the_next_key_s_certificate_may_be_in_its_place_already(key: Path, tmp_path: Path) -> None:
    named = sign(next_key(key), tmp_path / "named")
    with pytest.raises(
        KeyTrouble, match=r"named is the next key's: put the certificate of .*key there first"
    ):
        abort(key, [named])
    assert next_key(key).exists()
    finish(key, [named])
    assert certifies(named, key)


def test_an_old_certificate_beside_the_key_goes_with_the_old_key(key: Path) -> None:
    beside = sign(key, key.parent / "key-cert.pub")
    finish(key)
    assert beside.exists(), "whoever goes back needs it"
    let_go(key)
    assert names(key.parent) == ["key", "key.pub"]


def test_what_is_kept_of_another_change_is_not_put_back(key: Path) -> None:
    """Somebody went back by hand, and left a file."""
    kept = sign(key, key.parent / "key-cert.pub.old")
    beside = sign(key, key.parent / "key-cert.pub")
    right = beside.read_bytes()
    abort(key)
    assert kept.exists()
    assert beside.read_bytes() == right


def test_a_certificate_of_neither_key_changes_nothing(key: Path, tmp_path: Path) -> None:
    old, named = key.read_bytes(), sign(key, tmp_path / "named")
    with pytest.raises(KeyTrouble, match=r"have the next one signed first, as .*key.next-cert.pub"):
        finish(key, [named])
    sign(key, key.parent / "key.next-cert.pub")
    with pytest.raises(KeyTrouble, match=r"key.next-cert.pub is no certificate of .*key.next"):
        finish(key, [named])
    assert key.read_bytes() == old
    assert certifies(named, key)
