"""Keys in an ssh-agent, in software and in a hardware token; OpenSSH's server is the judge."""

from __future__ import annotations

import base64
import getpass
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from bosco.approach import Step
from bosco.dials import ssh_dial
from bosco.errors import KeyUnusable, LoginRefused
from bosco.ssh import identity
from bosco.ssh.identity import KeyUse, next_key
from bosco.ssh.stream import open_ssh
from bosco.ssh.walk import walk
from tests.e2e.identities.own_sshd import OwnSshd, new_key, public, sign
from tests.e2e.identities.token_agent import Mood, Token, token_agent

pytestmark = pytest.mark.e2e
PATIENCE_S = 30


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[OwnSshd]:
    with OwnSshd(tmp_path).running() as server:
        yield server


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Path]:
    """OpenSSH's agent."""
    socket = tmp_path / "agent.sock"
    with subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL) as process:
        until = time.monotonic() + PATIENCE_S
        while not socket.exists():
            assert time.monotonic() < until
            time.sleep(0.02)
        yield socket
        process.terminate()


def _of_token(sshd: OwnSshd, token: Token) -> Path:
    line = f"{token.kind.decode()} {base64.b64encode(token.blob).decode()}"
    path = sshd.folder / "token.pub"
    path.write_text(f"{line}\n")
    sshd.authorize(line)
    return path


async def test_a_key_in_an_agent_logs_in_and_others_in_it_do_not(sshd: OwnSshd, agent: Path) -> None:
    sshd.authorize(public(sshd.key))
    ours = sshd.login(key=sshd.key.with_suffix(".pub"), agent=agent)
    async with asyncssh.connect_agent(str(agent)) as client:
        with pytest.raises(KeyUnusable, match=r"does not hold the key .*SHA256:.*ssh-add -X"):
            await open_ssh(ours, ["true"], timeout=PATIENCE_S)
        await client.add_keys([str(sshd.key)])
        (await open_ssh(ours, ["true"], timeout=PATIENCE_S)).close()
        sshd.key.unlink()
        approach, link = await walk(ours, python="python3", spool=str(sshd.folder / "spool"))
        assert link, approach
        await link.close()
        other = sshd.folder / "other"
        asyncssh.generate_private_key("ssh-ed25519").write_public_key(other)
        with pytest.raises(KeyUnusable, match="does not hold the key"):
            await open_ssh(sshd.login(key=other, agent=agent), ["true"], timeout=PATIENCE_S)
        await client.lock("secret")
        with pytest.raises(KeyUnusable, match="is it locked"):
            await open_ssh(ours, ["true"], timeout=PATIENCE_S)


async def test_an_agent_that_is_away_is_told(sshd: OwnSshd) -> None:
    away = sshd.login(key=sshd.key.with_suffix(".pub"), agent=sshd.folder / "nobody")
    with pytest.raises(KeyUnusable, match=r"cannot be asked: .*does it run"):
        await open_ssh(away, ["true"], timeout=PATIENCE_S)
    approach, _ = await walk(away, python="python3", spool=str(sshd.folder / "spool"))
    assert approach.failed is Step.OWN_FILES


@pytest.mark.parametrize("ecdsa", [False, True], ids=["ed25519", "ecdsa"])
async def test_a_token_that_is_touched_logs_in(sshd: OwnSshd, *, ecdsa: bool) -> None:
    token = Token(ecdsa=ecdsa)
    login = sshd.login(key=_of_token(sshd, token), agent=sshd.folder / "agent")
    async with token_agent(token, sshd.folder / "agent"):
        for _ in range(8):  # the length of an ECDSA signature differs from one to the next
            (await open_ssh(login, ["true"], timeout=PATIENCE_S)).close()
    assert token.asked == 8


@pytest.mark.parametrize(
    ("mood", "said"), [(Mood.LOOKS_AWAY, "wait to be touched"), (Mood.DECLINES, "the question declined")]
)
async def test_a_token_that_is_not_touched_is_told_in_time(
    sshd: OwnSshd, mood: Mood, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "SIGN_TIMEOUT_S", 0.2)
    token = Token()
    token.mood = mood
    login = sshd.login(key=_of_token(sshd, token), agent=sshd.folder / "agent")
    async with token_agent(token, sshd.folder / "agent"):
        with pytest.raises(KeyUnusable, match=said):
            await open_ssh(login, ["true"], timeout=PATIENCE_S)
        approach, _ = await walk(login, python="python3", spool=str(sshd.folder / "spool"))
        assert approach.failed is Step.OWN_FILES
        assert said in str(approach.said)
        token.mood = Mood.TOUCHES
        (await open_ssh(login, ["true"], timeout=PATIENCE_S)).close()


async def test_openssh_wants_the_touch(sshd: OwnSshd) -> None:
    token = Token()
    token.mood = Mood.NO_TOUCH
    login = sshd.login(key=_of_token(sshd, token), agent=sshd.folder / "agent")
    async with token_agent(token, sshd.folder / "agent"):
        with pytest.raises(LoginRefused):
            await open_ssh(login, ["true"], timeout=PATIENCE_S)
    assert token.asked == 1


async def test_each_host_on_the_way_has_an_identity_of_its_own(sshd: OwnSshd, tmp_path: Path) -> None:
    """The jump host takes a token, the login node the next key of a change, by its certificate."""
    token = Token()
    hop = sshd.login(key=_of_token(sshd, token), agent=tmp_path / "agent")
    (tmp_path / "node").mkdir()
    ca = new_key(tmp_path / "ca")
    node = OwnSshd(tmp_path / "node", f"TrustedUserCAKeys {ca}.pub")
    following = new_key(next_key(node.key))
    sign(ca, following, "-n", getpass.getuser())
    uses: list[KeyUse] = []
    async with token_agent(token, tmp_path / "agent"):
        with node.running():
            dial = ssh_dial(
                node.login(via=(hop,)), python="python3", spool=str(tmp_path / "spool"), on_login=uses.append
            )
            await (await dial()).close()
    assert [(use.key, use.certified) for use in uses] == [(hop.key, False), (following, True)]
    assert token.asked == 1
