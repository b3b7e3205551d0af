"""What a probe finds at a login node: the agent's survey, quotas, the clock, the shell's noise, commands."""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from raw_agent import RawAgent
from tools import Tools

from bosco.batch.facts import BatchFacts, Records
from bosco.batch.model import CommandResult
from bosco.batch.slurm.codec import Slurm
from bosco.capabilities import Quota
from bosco.commands import Commands
from bosco.link import Link
from bosco.probe import COMMAND_TIMEOUT_S, NOISE_SHOWN, probe
from bosco.quota import quotas

OpenLink = Callable[..., Awaitable[Link]]
QUOTAS = (
    b"Disk quotas for user osg01 (uid 1001): \n"
    b"     Filesystem  blocks   quota   limit   grace   files   quota   limit   grace\n"
    b"nfs1:/export/home 1048576* 1000000 2000000 1795325243  4000  0   5000       0\n"
    b"/dev/sda1    20      0      0       0      5       0       0       0\n"
)


def test_the_survey_says_where_tools_are_and_what_folders_can_take(
    agent: RawAgent, tools: Tools, spool: Path
) -> None:
    tools.add("sbatch", "exit 1")
    said = agent.ask("survey", tools=["sbatch", "no-such-tool"], path=[str(tools.folder)]).header
    assert said["tools"] == {"sbatch": str(tools.folder / "sbatch"), "no-such-tool": None}
    room = os.statvfs(spool)
    found = said["spool"]
    assert (found["path"], found["writable"], found["noexec"]) == (
        str(spool), True, bool(room.f_flag & os.ST_NOEXEC)
    )  # fmt: skip
    assert abs(found["free_bytes"] - room.f_bavail * room.f_frsize) < 2**30
    assert said["began"] <= said["ended"]
    assert Path(said["python"]).is_absolute()
    assert tools.calls("sbatch") == [], "it is looked for, not run"


def test_a_home_that_is_not_there_says_so(
    start_agent: Callable[..., RawAgent], spool: Path, tools: Tools
) -> None:
    agent = start_agent(environment=tools.environment(HOME="/nonexistent/home"))
    agent.hello(spool)
    said = agent.ask("survey", tools=[]).header["home"]
    assert said["path"] == "/nonexistent/home"
    assert "No such file" in said["problem"]


async def test_a_probe_counts_its_commands_and_gives_each_little_time(
    open_link: OpenLink, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("scontrol", "sinfo", "sacct", "quota"):
        tools.add(name, "true")
    timeouts = []
    run = Commands.run

    async def watched(self: Commands, *more: object) -> CommandResult:
        timeouts.append(self.timeout)
        return await run(self, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(Commands, "run", watched)
    link = await open_link()
    found = await probe(link, Slurm(), Commands(Slurm().personal, 600.0))
    calls = [call for name in ("scontrol", "sinfo", "sacct", "quota") for call in tools.calls(name)]
    assert found.commands == len(calls) == len(timeouts) == 5
    assert set(timeouts) == {COMMAND_TIMEOUT_S}
    assert found.codec == "slurm"
    assert found.batch.records is Records.ON
    assert found.login.quotas == ()
    assert found.login.sessions is None
    assert "our own child" in found.login.unknown["sessions"]
    assert abs(found.login.clock_offset_s) <= 1.0 + found.login.clock_error_s


async def test_a_short_time_limit_of_the_site_file_holds_for_a_probe_too(
    open_link: OpenLink, tools: Tools
) -> None:
    tools.add("scontrol", "exec sleep 600")
    link = await open_link()
    found = await probe(link, Slurm(), Commands(Slurm().personal, 0.5))
    assert isinstance(found.batch, BatchFacts)
    assert "scontrol" in found.batch.unknown["version"]


async def test_what_the_login_shell_prints_is_told(open_link: OpenLink, tools: Tools) -> None:
    link = await open_link("printf 'Welcome to \\351lan!\\n%500s' x; exec \"$@\"")
    found = await probe(link, Slurm(), Commands(Slurm().personal, 20.0))
    assert found.login.noise.size == len(b"Welcome to \xe9lan!\n") + 500
    assert found.login.noise.beginning.startswith("Welcome to \ufffdlan!\n")
    assert len(found.login.noise.beginning) == NOISE_SHOWN


async def test_a_clock_that_is_an_hour_ahead(
    open_link: OpenLink, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = await open_link()
    call = link.call

    async def ahead(op: str, *more: object, **options: float) -> object:
        frame = await call(op, *more, **options)  # type: ignore[arg-type]
        for name in ("began", "ended"):
            if name in frame.header:
                frame.header[name] += 3600
        return frame

    monkeypatch.setattr(link, "call", ahead)
    found = await probe(link, Slurm(), Commands(Slurm().personal, 20.0))
    assert abs(found.login.clock_offset_s - 3600) <= 1 + found.login.clock_error_s


async def test_bytes_that_are_no_text_can_be_written_down(
    open_link: OpenLink, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", os.fsdecode(b"caf\xe9"))
    found = await probe(await open_link(), Slurm(), Commands(Slurm().personal, 20.0))
    assert found.login.locale["LANG"] == "caf?"
    json.dumps(dict(found.login.locale), ensure_ascii=False).encode()


def test_quotas_are_what_the_lower_limit_says() -> None:
    found = quotas(CommandResult(1, QUOTAS))
    assert isinstance(found, tuple)
    home, disk = found
    assert home == Quota("nfs1:/export/home", 2**30, 1_000_000 * 1024, 4000, 5000)
    assert disk == Quota("/dev/sda1", 20 * 1024, None, 5, None)


@pytest.mark.parametrize("text", [b"", b"Disk quotas for user osg01 (uid 1001): none\n"])
def test_an_account_without_quotas(text: bytes) -> None:
    assert quotas(CommandResult(0, text)) == ()


@pytest.mark.parametrize(
    "result",
    [
        CommandResult(127, b"", b"No such file or directory: 'quota'"),
        CommandResult(1, b"", b"quota: error while getting quota from nfs1: Connection refused"),
        CommandResult(0, QUOTAS, complete=False),
        CommandResult(0, b"something else\n"),
    ],
)
def test_quotas_that_are_not_told_have_a_reason(result: CommandResult) -> None:
    assert str(quotas(result)).startswith("quota: ")
