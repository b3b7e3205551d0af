"""Which spool a gateway talks to, and requests that come late: against commands that are shell scripts."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from gateway_site import STAMP, Site, contents, request
from tools import Tools

from bosco.batch.slurm.codec import Slurm
from bosco.dialer import Dialer
from bosco.dials import local_dial
from bosco.errors import NotRun, OtherSpool
from bosco.gateway import Gateway


async def test_SS16_a_spool_without_our_mark_is_not_used(
    site: Site, make_site: Callable[..., Site], spool: Path, tools: Tools
) -> None:
    tools.add("sbatch", "echo 1")
    mark = "hmmmmmmmmmmmmmm"
    await site.gateway.mark(mark)
    site.gateway.expect(mark)
    await site.gateway.check_spool()
    assert not (await site.gateway.evidence([STAMP]))[STAMP].claimed
    shutil.rmtree(spool / "pilots")
    with pytest.raises(OtherSpool, match="accept-spool"):
        await site.gateway.evidence([STAMP])
    with pytest.raises(OtherSpool):
        await site.gateway.check_spool()
    with pytest.raises(OtherSpool):  # also over a new connection
        await site.gateway.submit(request(), contents)
    assert tools.calls("sbatch") == []
    site.gateway.expect(None)
    await site.gateway.reconnect()
    assert await site.gateway.submit(request(), contents) == "1"


async def test_SS16_a_spool_that_is_emptied_when_a_request_arrives(
    site: Site, spool: Path, tools: Tools
) -> None:
    """The link was asked about its spool when it was made; only then it was emptied."""
    tools.add("sbatch", "echo 1")
    mark, other = "hmmmmmmmmmmmmmm", "hnnnnnnnnnnnnnn"
    await site.gateway.mark(mark)
    site.gateway.expect(mark)
    assert await site.gateway.submit(request(), contents) == "1"
    for folder in (spool / "pilots").iterdir():
        shutil.rmtree(folder)
    for asked in (site.gateway.submit(request(), contents), site.gateway.revoke(STAMP)):
        with pytest.raises(OtherSpool, match="accept-spool"):
            await asked
    site.gateway.expect(None)
    await site.gateway.reconnect()
    await site.gateway.mark(other)
    site.gateway.expect(other)
    with pytest.raises(OtherSpool):
        await site.gateway.submit(request(), contents, mark=mark)
    with pytest.raises(OtherSpool):
        await site.gateway.revoke(STAMP, mark=mark)
    assert len(tools.calls("sbatch")) == 1
    assert await site.gateway.revoke(STAMP)


async def test_a_request_that_waited_too_long_on_its_way_is_not_heeded(
    make_site: Callable[..., Site], tools: Tools
) -> None:
    """The agent is stopped for longer than the request lives."""
    tools.add("sbatch", "echo 4711")
    site = make_site()
    agent = await site.agent()
    await site.gateway.submit(request("hbbbbbbbbbbbbbb"), contents)
    site.gateway._command_timeout = 1.0  # the first had as long as it needs
    os.kill(agent, signal.SIGSTOP)
    submitting = asyncio.create_task(site.gateway.submit(request(), contents))
    link = await site.dialer.link()
    late = link.until(0.7)
    while link.until(0.0) < late:
        await asyncio.sleep(0.05)
    os.kill(agent, signal.SIGCONT)
    with pytest.raises(NotRun, match="too late"):
        await submitting
    assert len(tools.calls("sbatch")) == 1
    assert not (await site.gateway.evidence([STAMP]))[STAMP].claimed


async def test_a_wrong_idea_of_the_agents_clock_is_put_right(site: Site, tools: Tools) -> None:
    """As after a sleep of the machine that the CE runs on."""
    tools.add("sbatch", "echo 4711")
    link = await site.dialer.link()
    link._clocks = (link._clocks[0] - 1000, link._clocks[1])
    with pytest.raises(NotRun, match="too late"):
        await site.gateway.submit(request(), contents)
    assert await site.gateway.submit(request(), contents) == "4711"


async def test_SS16_another_login_node_with_our_spool_is_found(
    clean_loop: None, spool: Path, tools: Tools, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    ways = [local_dial(spool=str(path), environment=tools.environment()) for path in (other, spool)]
    gateway = Gateway(Dialer(ways), Slurm())
    (spool / "pilots" / "hmmmmmmmmmmmmmm").mkdir(parents=True)
    gateway.expect("hmmmmmmmmmmmmmm")
    await gateway.check_spool()
    await gateway.evidence([STAMP])
    assert gateway.status.facts["spool"] == str(spool)
    await gateway.close()


async def test_what_would_be_sent_is_what_is_sent_once_the_spool_is_known(
    site: Site, spool: Path, tools: Tools
) -> None:
    tools.add("sbatch", "echo 7")
    before = site.gateway.rendered(request(), "~/elsewhere")
    assert before.folder == f"~/elsewhere/pilots/{STAMP}"
    await site.gateway.submit(request(), contents)
    after = site.gateway.rendered(request(), "~/elsewhere")
    assert after.folder == f"{spool}/pilots/{STAMP}"
    assert (after.argv, list(after.files)) == (("sbatch", "--parsable", "job.sh"), ["job.sh"])
    assert (spool / "pilots" / STAMP / "job.sh").read_bytes() == after.files["job.sh"]
    await site.gateway.close()
    assert site.gateway.rendered(request(), "~/elsewhere") == after, "it is known when contact is lost, too"


async def test_the_spool_of_a_node_that_is_not_ours_is_not_shown(site: Site, spool: Path) -> None:
    site.gateway.expect("hmmmmmmmmmmmmmm")
    with pytest.raises(OtherSpool):
        await site.gateway.evidence([STAMP])
    assert site.gateway.rendered(request(), "~/ours").folder == f"~/ours/pilots/{STAMP}"
