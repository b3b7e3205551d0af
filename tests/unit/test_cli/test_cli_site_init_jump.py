"""`site init` where the way in goes through jump hosts."""

from __future__ import annotations

from pathlib import Path

import pytest

from hosted_ce.cli.site.init import host_keys
from hosted_ce.first_contact.host_keys import HostKey
from hosted_ce.first_contact.trust import Host

from .conftest import Run
from .test_cli_site_init import OPTIONS


def test_without_an_account_nothing_is_looked_at_by_a_login(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Host] = []

    async def keys_of(host: Host) -> list[HostKey]:
        seen.append(host)
        return []

    monkeypatch.setattr(host_keys, "keys_of", keys_of)
    options = [each for each in OPTIONS if not each.startswith("--account")]
    run(
        "site", "init", "ce", "--yes", *options, "--account=unknown", "--fingerprints=SHA256:" + "a" * 43,
        "--jump=first.tundra.example.edu,second.tundra.example.edu",
    )  # fmt: skip

    assert [(host.host, host.via) for host in seen] == [("first.tundra.example.edu", ())]
