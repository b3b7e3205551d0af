"""The way to a login node through jump hosts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest
from ssh_site import SshSite

from bosco.approach import Step
from bosco.errors import HostKeyRefused, LoginRefused, Unreachable
from bosco.link import Link, agent_command, agent_source
from bosco.ssh.identity import KeyUse
from bosco.ssh.stream import Login, hang_up, open_hops, open_ssh
from bosco.ssh.walk import walk

PATIENCE_S = 20


@pytest.fixture
async def hosts(tmp_path: Path) -> AsyncIterator[list[SshSite]]:
    """Two jump hosts and a login node."""
    found = []
    for name in ("first", "second", "login"):
        (tmp_path / name).mkdir()
        found.append(SshSite(tmp_path / name))
        await found[-1].start()
    yield found
    for host in reversed(found):
        await host.stop()


@pytest.fixture
def way(hosts: list[SshSite]) -> Login:
    first, second, login = hosts
    return login.login(via=(first.login(account="jumper"), second.login()))


async def test_SS17_each_host_is_reached_through_the_one_before_it(
    hosts: list[SshSite], way: Login, tmp_path: Path
) -> None:
    stream = await open_ssh(way, agent_command("python3", agent_source()), timeout=PATIENCE_S)
    link = await Link.open(stream, source=agent_source(), spool=str(tmp_path / "spool"), timeout=PATIENCE_S)
    assert link.facts["spool"] == str(tmp_path / "spool")
    assert [host.through for host in hosts] == [
        [("127.0.0.1", hosts[1].wire.port)], [("127.0.0.1", hosts[2].wire.port)], []
    ]  # fmt: skip
    await link.close()


async def test_a_jump_host_that_asks_for_no_key_lets_the_others_tell_of_theirs(
    hosts: list[SshSite], way: Login
) -> None:
    hosts[0].asks_for_a_key = False
    used: list[KeyUse] = []
    stream = await open_ssh(way, ["true"], timeout=PATIENCE_S, on_login=used.append)
    assert [use.login for use in used] == [str(way.via[1]), str(way)]
    stream.close()


@pytest.mark.parametrize("at", [0, 1, 2])
async def test_a_host_that_goes_away_ends_the_link(
    hosts: list[SshSite], way: Login, tmp_path: Path, at: int
) -> None:
    stream = await open_ssh(way, agent_command("python3", agent_source()), timeout=PATIENCE_S)
    link = await Link.open(stream, source=agent_source(), spool=str(tmp_path / "spool"), timeout=PATIENCE_S)
    ended = asyncio.Event()
    link.on_end(ended.set)
    hosts[at].wire.cut()
    async with asyncio.timeout(PATIENCE_S):
        await ended.wait()
    await link.close()


async def test_what_is_wrong_at_a_jump_host_is_told_of_that_one(hosts: list[SshSite], way: Login) -> None:
    first, second = way.via
    other = asyncssh.generate_private_key("ssh-ed25519")
    other.write_private_key(hosts[0].folder / "other")
    wrong = replace(way, via=(first, replace(second, key=hosts[0].folder / "other")))
    with pytest.raises(LoginRefused, match=rf"^jump host osg01@127.0.0.1:{second.port}: .*refused our key"):
        await open_ssh(wrong, ["true"], timeout=PATIENCE_S)
    hosts[0].pin(other)
    with pytest.raises(HostKeyRefused, match=rf"^jump host jumper@127.0.0.1:{first.port}: the host key"):
        await open_ssh(way, ["true"], timeout=PATIENCE_S)


async def test_a_jump_host_that_lets_nobody_through_is_told(hosts: list[SshSite], way: Login) -> None:
    hosts[1].lets_through = False
    with pytest.raises(Unreachable, match=r"^osg01@.*the jump host before it does not let us through"):
        await open_ssh(way, ["true"], timeout=PATIENCE_S)
    hosts[0].lets_through = False
    with pytest.raises(Unreachable, match=r"^jump host osg01@.*does not let us through"):
        await open_ssh(way, ["true"], timeout=PATIENCE_S)


@pytest.mark.parametrize("at", [0, 1])
async def test_a_key_that_is_not_there_is_told_before_anybody_is_asked(
    hosts: list[SshSite], way: Login, at: int
) -> None:
    hops = list(way.via)
    hops[at] = replace(hops[at], key=hosts[0].folder / "none")
    with pytest.raises(Unreachable, match=r"the private key .*none is not there"):
        await open_ssh(replace(way, via=tuple(hops)), ["true"], timeout=PATIENCE_S)


async def test_a_check_goes_through_and_names_the_step(
    hosts: list[SshSite], way: Login, tmp_path: Path
) -> None:
    approach, link = await walk(way, python="python3", spool=str(tmp_path / "spool"))
    assert link, approach
    assert approach.failed is None
    await link.close()
    hosts[0].lets_through = False
    approach, link = await walk(way, python="python3", spool=str(tmp_path / "spool"))
    assert (approach.failed, link) == (Step.CONNECT, None)
    assert "does not let us through" in (approach.said or "")
    first, second = way.via
    unknown = replace(first, key=hosts[1].folder / "key")
    approach, link = await walk(
        replace(way, via=(unknown, second)), python="python3", spool=str(tmp_path / "spool")
    )
    assert (approach.failed, link) == (Step.KEY, None)


async def test_what_goes_through_a_jump_host_is_not_compressed_again(way: Login) -> None:
    hops = await open_hops(way, PATIENCE_S)
    assert {hop.get_extra_info("send_compression") for hop in hops} == {"none"}
    hang_up(hops)
    stream = await open_ssh(way, ["true"], timeout=PATIENCE_S)
    assert stream._connection.get_extra_info("send_compression") == "zlib@openssh.com"
    stream.close()
