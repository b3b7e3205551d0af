"""A link tells truly what became of each request. Every peer here is a real child process."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tools import Barrier, Tools

from bosco.errors import AgentUnusable, Interrupted, NotRun, Unreachable
from bosco.link import Link, agent_command
from bosco.local import open_local

OpenLink = Callable[..., Awaitable[Link]]
ANSWER = """
import json, sys, zlib
def answer(**header):
    head = json.dumps(header).encode()
    line = b"\\x1e%s %d 0 %08x\\n%s\\n" % (nonce, len(head), zlib.crc32(head), head)
    return sys.stdout.buffer.write(line) and sys.stdout.buffer.flush()
nonce, _, _ = (sys.stdin.buffer.readline().strip() for _ in range(3))
answer(id=1, host="h", user="u", spool="/s", python="3.9.2")
"""
"""A program that answers the greeting; a test goes on from there."""


def run(link: Link, *argv: str, timeout: float = 20.0) -> Awaitable[Any]:
    return link.call("run", {"argv": list(argv), "timeout": 60, "limit": 10**6}, timeout=timeout)


async def test_replies_find_their_requests(open_link: OpenLink) -> None:
    link = await open_link()
    replies = await asyncio.gather(*(run(link, "printf", str(n)) for n in range(60)))
    assert [reply.body for reply in replies] == [str(n).encode() for n in range(60)]


async def test_hello_tells_the_facts_of_the_site(open_link: OpenLink, spool: Path) -> None:
    link = await open_link()
    assert link.facts["spool"] == str(spool)
    assert {"host", "user", "python", "time", "pid"} <= link.facts.keys()


@pytest.mark.parametrize("banner", [r"Welcome to login3!\n", r"\033[31mdom\344ne\n\0\036\n", r"no line end"])
async def test_SS8_SS9_a_login_that_prints(open_link: OpenLink, banner: str) -> None:
    link = await open_link(f"printf '{banner}'; exec \"$@\"")
    assert (await run(link, "echo", "x")).body == b"x\n"


async def test_SS8_a_background_process_that_prints_between_replies(
    open_link: OpenLink, barrier: Callable[[], Barrier]
) -> None:
    go_on, printed = barrier(), barrier()
    link = await open_link(f'({go_on.pause}; printf "quota: 93%%\\n"; {printed.tell}) & exec "$@"')
    assert (await run(link, "echo", "before")).body == b"before\n"
    go_on.release()
    await asyncio.to_thread(printed.expect)
    assert (await run(link, "echo", "after")).body == b"after\n"


async def test_SS13_a_forced_command_that_only_sends_back(open_link: OpenLink) -> None:
    with pytest.raises(AgentUnusable, match="our own words"):
        await open_link("exec cat")


async def test_SS18_no_python_there(open_link: OpenLink) -> None:
    with pytest.raises(AgentUnusable, match=r"python-of-nowhere.*not found"):
        await open_link('shift; exec python-of-nowhere "$@"')


async def test_a_login_that_ends_at_once(open_link: OpenLink) -> None:
    with pytest.raises(AgentUnusable, match="account is locked"):
        await open_link("echo This account is locked >&2; exit 1")


async def test_a_login_that_says_nothing(open_link: OpenLink, barrier: Callable[[], Barrier]) -> None:
    end = barrier()
    with pytest.raises(AgentUnusable, match=r"no answer to 'hello' within 0\.2 s"):
        await open_link(f"{end.pause}", timeout=0.2)
    end.release()


async def test_SS18_a_spool_that_cannot_be_written(open_link: OpenLink, spool: Path) -> None:
    spool.write_text("a file is in the way")
    with pytest.raises(AgentUnusable, match=f"cannot make or write the spool {spool}"):
        await open_link()


async def test_a_command_that_does_not_exist_here(clean_loop: None) -> None:
    with pytest.raises(Unreachable, match="cannot start /no/such/python"):
        await open_local(["/no/such/python"])


async def test_SS1_the_agent_dies_under_way(open_link: OpenLink, barrier: Callable[[], Barrier]) -> None:
    link = await open_link()
    begun, ends = barrier(), []
    link.on_end(lambda: ends.append(link.alive))
    calls = [asyncio.create_task(run(link, "sh", "-c", f"{begun.tell}; sleep 1")) for _ in range(3)]
    await asyncio.to_thread(begun.expect, 3)
    os.kill(link.facts["pid"], signal.SIGKILL)
    for result in await asyncio.gather(*calls, return_exceptions=True):
        assert isinstance(result, Interrupted)
    assert ends == [False]
    with pytest.raises(NotRun, match="the link has ended"):
        await run(link, "true")


async def test_an_answer_after_the_deadline_is_ignored(
    open_link: OpenLink, barrier: Callable[[], Barrier]
) -> None:
    link, go_on = await open_link(), barrier()
    with pytest.raises(Interrupted, match=r"no answer to 'run' within 0\.1 s"):
        await run(link, "sh", "-c", f"{go_on.pause}; echo late", timeout=0.1)
    go_on.release()
    assert (await run(link, "echo", "next")).body == b"next\n"
    assert link.alive


async def test_a_cancelled_caller_leaves_the_others_alone(
    open_link: OpenLink, barrier: Callable[[], Barrier]
) -> None:
    link, begun, go_on = await open_link(), barrier(), barrier()
    script = f"{begun.tell}; {go_on.pause}; echo done"
    first, second = (asyncio.create_task(run(link, "sh", "-c", script)) for _ in range(2))
    await asyncio.to_thread(begun.expect, 2)
    first.cancel()
    go_on.release(2)
    assert (await second).body == b"done\n"
    with pytest.raises(asyncio.CancelledError):
        await first
    assert (await run(link, "echo", "next")).body == b"next\n"


async def test_what_the_agent_refuses_did_not_happen(open_link: OpenLink) -> None:
    link = await open_link()
    with pytest.raises(NotRun, match=r"'\.\.' is not a stamp"):
        await link.call("revoke", {"stamp": ".."}, timeout=20)


async def test_SL12_what_broke_in_the_middle_may_have_happened(open_link: OpenLink) -> None:
    link = await open_link()
    with pytest.raises(Interrupted, match="KeyError"):
        await link.call("submit", {}, timeout=20)


async def test_SS8_a_damaged_reply_ends_the_link(open_link: OpenLink) -> None:
    program = ANSWER + 'sys.stdin.buffer.readline(); sys.stdout.buffer.write(b"\\x1e" + nonce + b" x\\n")\n'
    link = await open_link(source=program.encode())
    with pytest.raises(Interrupted, match="preamble is broken"):
        await run(link, "true", timeout=20)
    assert not link.alive


async def test_a_link_that_has_ended_before_anybody_asked_to_be_told(open_link: OpenLink) -> None:
    link = await open_link(source=ANSWER.encode())
    ended = asyncio.Event()
    link.on_end(ended.set)
    async with asyncio.timeout(20):
        await ended.wait()
    told = []
    link.on_end(lambda: told.append("at once"))
    assert told == ["at once"]


async def test_closing_ends_the_agent_and_interrupts_who_waits(
    open_link: OpenLink, barrier: Callable[[], Barrier]
) -> None:
    link, begun, go_on = await open_link(), barrier(), barrier()
    call = asyncio.create_task(run(link, "sh", "-c", f"{begun.tell}; {go_on.pause}"))
    await asyncio.to_thread(begun.expect)
    go_on.release()
    await link.close()
    with pytest.raises(Interrupted, match="closed by us"):
        await call
    await link.close()


async def test_closing_can_be_cancelled(open_link: OpenLink, barrier: Callable[[], Barrier]) -> None:
    link, begun, go_on = await open_link(), barrier(), barrier()
    call = asyncio.create_task(run(link, "sh", "-c", f"{begun.tell}; {go_on.pause}"))
    await asyncio.to_thread(begun.expect)
    closing = asyncio.create_task(link.close())
    await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    go_on.release()
    with pytest.raises(Interrupted):
        await call


async def test_the_agents_own_end_does_not_end_what_it_does(
    open_link: OpenLink, spool: Path, tools: Tools, barrier: Callable[[], Barrier]
) -> None:
    """Our end is the end of its input: it finishes the submit command and writes the answer down."""
    link, begun, go_on = await open_link(), barrier(), barrier()
    submit = tools.add("submit", f"{begun.tell}; {go_on.pause}; echo 4711")
    header = {"stamp": "haaaaaaaaaaaaaa", "argv": [submit], "inputs": {}, "files": [], "timeout": 60}
    call = asyncio.create_task(link.call("submit", header, b"", timeout=20))
    await asyncio.to_thread(begun.expect)
    closing = asyncio.create_task(link.close())
    with pytest.raises(Interrupted):
        await call
    go_on.release()
    await closing
    other = await open_link()
    again = await other.call("submit", header, b"", timeout=20)
    assert again.header["record"]["stdout"] == "4711\n"
    assert len(tools.calls("submit")) == 1


def test_the_command_line_holds_no_data_of_the_site() -> None:
    python, *flags, code = agent_command("/opt/python/bin/python3", b"x" * 77)
    assert (python, flags) == ("/opt/python/bin/python3", ["-I", "-S", "-c"])
    assert "read(77)" in code


async def test_SS12_a_login_shell_is_paid_for_once_for_each_connection(
    open_link: OpenLink, tmp_path: Path
) -> None:
    logins = tmp_path / "logins"
    link = await open_link(f'echo login >>{logins}; exec "$@"')
    for _ in range(5):
        await link.call("run", {"argv": ["true"], "timeout": 20, "limit": 100}, timeout=20)
    assert logins.read_text() == "login\n"
