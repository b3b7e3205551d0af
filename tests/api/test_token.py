"""The token file."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hosted_ce.api.callers.token_file import TokenUnusable, ensure_token


def test_a_token_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "state" / "token"
    token = ensure_token(path)
    assert len(token) >= 43
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert ensure_token(path) == token
    assert [file.name for file in path.parent.iterdir()] == ["token"]


def test_tokens_differ(tmp_path: Path) -> None:
    assert ensure_token(tmp_path / "a") != ensure_token(tmp_path / "b")


def test_all_who_start_at_once_get_the_same(tmp_path: Path) -> None:
    path = tmp_path / "token"
    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(lambda _: ensure_token(path), range(64)))) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["token"]


def test_the_mode_does_not_depend_on_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        ensure_token(tmp_path / "token")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == 0o600


def test_an_own_token_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("my-own-token-of-enough-length\n")
    path.chmod(0o400)
    assert ensure_token(path) == "my-own-token-of-enough-length"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602, 0o777])
def test_a_file_that_others_can_use(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "token"
    path.write_text("x" * 40)
    path.chmod(mode)
    with pytest.raises(TokenUnusable, match=f"mode {mode:04o}.*chmod 600 {path}"):
        ensure_token(path)


@pytest.mark.parametrize(
    "text", ["", "\n", "short", "two words of some length", "a" * 600, "x" * 20 + "\nsecond-line"]
)
def test_a_file_without_a_token(tmp_path: Path, text: str) -> None:
    path = tmp_path / "token"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(TokenUnusable, match="no usable token") as caught:
        ensure_token(path)
    assert not text.strip() or text.strip() not in str(caught.value)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_bytes(b"\xff" * 40)
    path.chmod(0o600)
    with pytest.raises(TokenUnusable):
        ensure_token(path)


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        ensure_token(tmp_path)
