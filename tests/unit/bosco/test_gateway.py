"""The whole of bosco against commands that are shell scripts: submit, list, cancel, fetch."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from gateway_site import PILOT, SHA256, STAMP, Site, contents, request
from tools import Barrier, Tools

from bosco import commands
from bosco.batch.model import JobRecord, Phase
from bosco.batch.protocol import Submission
from bosco.batch.slurm.codec import Slurm
from bosco.commands import OUTPUT_LIMIT
from bosco.dialer import Contact
from bosco.errors import Failed, Interrupted, NotRun, Refusal
from bosco.outputs import CHUNK


async def test_submitting_twice_is_one_sbatch_and_one_id(
    site: Site, make_site: Callable[..., Site], tools: Tools
) -> None:
    tools.add("sbatch", "echo 4711")
    assert await site.gateway.submit(request(), contents) == "4711"
    assert await site.gateway.submit(request(), contents) == "4711"
    assert await make_site().gateway.submit(request(), contents) == "4711", "also by another CE"
    assert tools.calls("sbatch") == ["--parsable job.sh"]


async def test_SL12_many_at_once_by_two_gateways(make_site: Callable[..., Site], tools: Tools) -> None:
    tools.add(
        "sbatch", 'sed -n "s/#SBATCH --job-name=haaaaaaaaaaaaa//p" job.sh | tr a-t 0-90-9 | sed s/^/77/'
    )
    sites = [make_site(), make_site()]
    stamps = [f"haaaaaaaaaaaaa{letter}" for letter in "abcdefghij"]
    answers = await asyncio.gather(
        *(site.gateway.submit(request(stamp), contents) for stamp in stamps for site in sites),
        return_exceptions=True,
    )
    for stamp, answer in zip([stamp for stamp in stamps for _ in sites], answers, strict=True):
        number = f"77{'abcdefghij'.index(stamp[-1])}"
        assert answer == number or isinstance(answer, Interrupted)
    assert len(tools.calls("sbatch")) == len(stamps)
    evidence = await sites[0].gateway.evidence(stamps)
    assert [found.batch_id for found in evidence.values()] == [f"77{n}" for n in range(10)]


async def test_the_script_and_the_inputs_are_there_when_sbatch_runs(
    site: Site, spool: Path, tools: Tools
) -> None:
    tools.add("sbatch", "pwd >&2; ls in >&2; cat job.sh >&2; echo 1")
    await site.gateway.submit(request(), contents)
    folder = spool / "pilots" / STAMP
    assert (folder / "job.sh").read_bytes() == Slurm().script(request(), str(folder))
    assert (folder / "in" / "pilot.sh").read_bytes() == PILOT


async def test_the_generated_job_runs_and_its_records_come_back(site: Site, tools: Tools) -> None:
    tools.add("sbatch", "SLURM_JOB_ID=4711 sh ./job.sh; echo 4711")
    await site.gateway.submit(request(), contents)
    found = (await site.gateway.evidence([STAMP]))[STAMP]
    assert (found.claimed, found.answered, found.batch_id, found.refused) == (True, True, "4711", None)
    assert (found.job.batch_id, found.job.exit_code, found.job.sizes["stdout"]) == ("4711", 0, 6)
    assert (await site.gateway.output(STAMP, "stdout")).data == b"pilot\n"


async def test_SL13_noise_on_standard_error_is_no_failure(site: Site, tools: Tools) -> None:
    noise = "sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying"
    tools.add("sbatch", f"echo '{noise}' >&2; echo 4711")
    assert await site.gateway.submit(request(), contents) == "4711"


@pytest.mark.parametrize(
    "output", ["4711;campus", "Welcome!\n4711\nBye", "  hi\n4711;a-b.c  "], ids=["cluster", "wrapper", "both"]
)
async def test_SL14_the_id_among_what_a_sites_wrapper_prints(site: Site, tools: Tools, output: str) -> None:
    tools.add("sbatch", f"cat <<'.'\n{output}\n.")
    assert await site.gateway.submit(request(), contents) == "4711"


async def test_SL14_the_id_after_a_long_welcome(site: Site, tools: Tools) -> None:
    tools.add(
        "sbatch",
        "i=0; while [ $i -lt 300 ]; do echo '--> Verifying limits ... OK'; i=$((i+1)); done; echo 4711",
    )
    assert await site.gateway.submit(request(), contents) == "4711"


VERDICT = "sbatch: error: Batch job submission failed"
UNCLEAR = {
    "success without an id": "echo done",
    "success with two numbers": "echo 2026; echo 4711",
    "an id and a failure": "echo 4711; echo 'logger: No such file or directory' >&2; exit 127",
    "timed out on the wire": f"echo '{VERDICT}: Socket timed out on send/recv operation' >&2; exit 1",
    "killed": "kill -9 $$",
    "a failure without a word": "exit 1",
}


@pytest.mark.parametrize("script", UNCLEAR.values(), ids=UNCLEAR.keys())
async def test_SL12_an_unclear_answer_is_never_tried_again(site: Site, tools: Tools, script: str) -> None:
    tools.add("sbatch", script)
    for _ in range(2):
        with pytest.raises(Interrupted):
            await site.gateway.submit(request(), contents)
    found = (await site.gateway.evidence([STAMP]))[STAMP]
    assert (found.claimed, found.answered, found.batch_id, found.refused) == (True, True, None, None)
    assert len(tools.calls("sbatch")) == 1


async def test_SL12_an_sbatch_that_takes_too_long(make_site: Callable[..., Site], tools: Tools) -> None:
    tools.add("sbatch", "echo 4711; sleep 60")
    site = make_site(timeout=0.3)
    for _ in range(2):
        with pytest.raises(Interrupted, match="ended before it answered"):
            await site.gateway.submit(request(), contents)
    assert len(tools.calls("sbatch")) <= 1, "on a busy machine it may be ended before it counts its call"


async def test_a_clear_no_is_the_same_no_when_asked_again(site: Site, tools: Tools) -> None:
    tools.add("sbatch", f"echo '{VERDICT}: Invalid partition name specified' >&2; exit 1")
    for _ in range(2):
        with pytest.raises(Failed, match="Invalid partition name") as caught:
            await site.gateway.submit(request(), contents)
        assert (caught.value.refusal, caught.value.exit_code) == (Refusal.PERMANENT, 1)
    found = (await site.gateway.evidence([STAMP]))[STAMP]
    assert found.refused
    assert found.refused.refusal is Refusal.PERMANENT
    assert len(tools.calls("sbatch")) == 1


async def test_no_sbatch_at_the_site_is_a_no(
    site: Site, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = Submission(("sbatch-of-nowhere", "job.sh"), {})
    monkeypatch.setattr(Slurm, "submission", lambda self, request, folder: elsewhere)
    with pytest.raises(Failed, match="sbatch-of-nowhere") as caught:
        await site.gateway.submit(request(), contents)
    assert caught.value.refusal is Refusal.TRANSIENT


async def test_SS12_commands_are_found_in_the_folders_that_the_site_file_names(
    make_site: Callable[..., Site], tools: Tools, tmp_path: Path
) -> None:
    elsewhere = Tools(tmp_path / "opt")
    elsewhere.add("sbatch", "echo 4711")
    elsewhere.add("squeue", "")
    tools.add("sbatch", "echo 1")
    told = make_site(path=[str(tmp_path / "nothing"), str(elsewhere.folder)]).gateway
    assert await told.submit(request(), contents) == "4711", "before the PATH of the login"
    assert (await told.listing()).complete
    assert (await told.probe()).login.tools["squeue"] == str(elsewhere.folder / "squeue")
    assert tools.calls("sbatch") == []


async def test_EN2_the_agent_is_killed_after_sbatch_and_before_its_record(
    site: Site, make_site: Callable[..., Site], tools: Tools
) -> None:
    tools.add("sbatch", "kill -9 $PPID; echo 4711")
    with pytest.raises(Interrupted):
        await site.gateway.submit(request(), contents)
    with pytest.raises(Interrupted, match="claimed before"):
        await site.gateway.submit(request(), contents)
    found = (await make_site().gateway.evidence([STAMP]))[STAMP]
    assert (found.claimed, found.answered, found.batch_id) == (True, False, None)
    assert len(tools.calls("sbatch")) == 1


async def test_EN2_the_connection_is_lost_while_sbatch_runs(
    site: Site, make_site: Callable[..., Site], tools: Tools, barrier: Callable[[], Barrier]
) -> None:
    begun, go_on = barrier(), barrier()
    tools.add("sbatch", f"{begun.tell}; {go_on.pause}; echo 4711")
    submitting = asyncio.create_task(site.gateway.submit(request(), contents))
    await asyncio.to_thread(begun.expect)
    closing = asyncio.create_task(site.gateway.close())
    with pytest.raises(Interrupted):
        await submitting
    go_on.release()
    await closing
    assert await make_site().gateway.submit(request(), contents) == "4711"
    assert len(tools.calls("sbatch")) == 1


async def test_staging_that_fails_has_submitted_nothing(site: Site, tools: Tools) -> None:
    tools.add("sbatch", "echo 4711")

    async def dying(sha256: str) -> bytes:
        os.kill(await site.agent(), signal.SIGKILL)
        return PILOT

    with pytest.raises(NotRun, match="the input files are not all at the site"):
        await site.gateway.submit(request(), dying)
    assert tools.calls("sbatch") == []
    assert await site.gateway.submit(request(), contents) == "4711"


async def test_inputs_that_went_away_at_the_site_are_sent_again(
    site: Site, spool: Path, tools: Tools
) -> None:
    tools.add("sbatch", "echo 4711")
    await site.gateway.submit(request(), contents)
    (spool / "files" / SHA256).unlink()
    other = request("hbbbbbbbbbbbbbb")
    with pytest.raises(NotRun, match="sent again"):
        await site.gateway.submit(other, contents)
    assert await site.gateway.submit(other, contents) == "4711"


async def test_a_revoked_stamp_is_never_submitted(site: Site, tools: Tools) -> None:
    tools.add("sbatch", "echo 4711")
    assert await site.gateway.revoke(STAMP)
    assert await site.gateway.revoke(STAMP), "asking twice is no harm"
    with pytest.raises(Failed, match="revoked"):
        await site.gateway.submit(request(), contents)
    assert tools.calls("sbatch") == []
    assert (await site.gateway.evidence([STAMP]))[STAMP].refused


async def test_a_submitted_stamp_cannot_be_revoked(site: Site, tools: Tools) -> None:
    tools.add("sbatch", "echo 4711")
    await site.gateway.submit(request(), contents)
    assert not await site.gateway.revoke(STAMP)


async def test_a_stamp_that_nobody_claimed(site: Site) -> None:
    found = (await site.gateway.evidence([STAMP]))[STAMP]
    assert (found.claimed, found.answered, found.batch_id, found.refused) == (False, False, None, None)
    assert found.job == JobRecord()


async def test_SL1_SL4_the_listing_is_asked_by_user_and_for_all_states(site: Site, tools: Tools) -> None:
    fields = ["4711", STAMP, "RUNNING", "None", "1795361047", "1795364647", "1795361045", "0", "node01"]
    fields += ["cpu=1,mem=1M,node=1,billing=1", "1:00:00", "batch", "osg", "normal"]
    tools.add("squeue", f"printf '%s\\037' {' '.join(fields)}; echo")
    listing = await site.gateway.listing()
    assert (listing.complete, [job.phase for job in listing.observations]) == (True, [Phase.RUNNING])
    [asked] = tools.calls("squeue")
    link = await site.dialer.link()
    assert f"--user={link.facts['user']}" in asked
    assert "--states=all" in asked
    assert "--job" not in asked


@pytest.mark.parametrize(
    "script",
    ["exit 1", "echo 'slurm_load_jobs error' >&2; exit 1", "kill -9 $$", "sleep 60"],
)
async def test_SL2_a_listing_that_failed_proves_nothing(
    make_site: Callable[..., Site], tools: Tools, script: str
) -> None:
    tools.add("squeue", script)
    listing = await make_site(timeout=0.3).gateway.listing()
    assert (listing.complete, listing.observations) == (False, ())
    assert listing.problem


async def test_SS19_a_listing_above_the_limit_proves_nothing(
    site: Site, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "OUTPUT_LIMIT", 1000)
    tools.add("squeue", "head -c 1001 /dev/zero | tr '\\0' '\\n'")
    assert not (await site.gateway.listing()).complete


async def test_SS19_the_largest_outputs_of_one_command_fit_one_frame(site: Site, tools: Tools) -> None:
    flood = f"head -c {OUTPUT_LIMIT + 1} /dev/zero"
    tools.add("squeue", f"{flood}; {flood} >&2")
    assert not (await site.gateway.listing()).complete
    assert site.gateway.status.contact is Contact.READY, "the link has survived it"


async def test_accounting_of_many_is_asked_in_parts(site: Site, tools: Tools) -> None:
    tools.add("sacct", ":")
    ids = [str(number) for number in range(450)]
    answer = await site.gateway.accounting(1795361045.0, stamps=[STAMP], batch_ids=ids)
    assert (answer.complete, answer.observations) == (True, ())
    calls = tools.calls("sacct")
    assert len(calls) == 4
    assert [call.count(",") > 100 for call in calls] == [False, True, True, False]


async def test_accounting_is_complete_when_all_its_parts_are(site: Site, tools: Tools) -> None:
    tools.add("sacct", 'case "$*" in *--name=*) exit 1;; esac')
    answer = await site.gateway.accounting(1795361045.0, stamps=[STAMP], batch_ids=["1"])
    assert not answer.complete
    assert answer.problem


async def test_SL24_cancelling_what_has_ended_is_no_error(site: Site, tools: Tools) -> None:
    tools.add(
        "scancel", "echo 'scancel: error: Kill job error on job id 1: Invalid job id specified' >&2; exit 1"
    )
    await site.gateway.cancel(["1", "2"])
    assert tools.calls("scancel") == ["1 2"]


async def test_a_cancel_that_was_not_taken_is_told(site: Site, tools: Tools) -> None:
    said = "Unable to contact slurm controller (connect failure)"
    tools.add("scancel", f"echo 'scancel: error: Kill job error on job id 1: {said}' >&2; exit 8")
    with pytest.raises(Failed, match="connect failure"):
        await site.gateway.cancel(["1"])


async def test_a_cancel_that_failed_without_a_word_is_told(site: Site, tools: Tools) -> None:
    tools.add("scancel", "exit 1")
    with pytest.raises(Failed, match="scancel"):
        await site.gateway.cancel(["1"])


async def test_cancelling_none_asks_nobody(site: Site, tools: Tools) -> None:
    tools.add("scancel", "exit 1")
    await site.gateway.cancel([])
    assert tools.calls("scancel") == []


async def test_a_long_output_gives_its_end(site: Site, spool: Path, tools: Tools) -> None:
    tools.add("sbatch", "echo 4711")
    await site.gateway.submit(request(), contents)
    whole = bytes(range(256)) * (3 * CHUNK // 256) + b"the end"
    (spool / "pilots" / STAMP / "stdout").write_bytes(whole)
    assert (await site.gateway.output(STAMP, "stdout")).data == whole
    for limit in (0, 1, 10, CHUNK - 1, CHUNK, CHUNK + 1, len(whole) - 1, len(whole), len(whole) + 1):
        output = await site.gateway.output(STAMP, "stdout", limit)
        assert output.size == len(whole)
        assert output.data == (whole[-limit:] if limit else b"")


async def test_an_output_that_is_not_there(site: Site) -> None:
    output = await site.gateway.output(STAMP, "stderr")
    assert (output.data, output.size) == (b"", None)


async def test_removed_folders_are_gone_and_removing_again_is_no_error(
    site: Site, spool: Path, tools: Tools
) -> None:
    tools.add("sbatch", "echo 4711")
    await site.gateway.submit(request(), contents)
    assert await site.gateway.remove([STAMP]) == {}
    assert list((spool / "pilots").iterdir()) == []
    assert await site.gateway.remove([STAMP]) == {}


async def test_what_took_how_long_and_how_it_ended_is_observed(site: Site, tools: Tools) -> None:
    tools.add("sbatch", "exit 1")
    tools.add("squeue", ":")
    with pytest.raises(Interrupted):
        await site.gateway.submit(request(), contents)
    await site.gateway.listing()
    assert site.observed == [("submit", "Interrupted"), ("list", "ok")]


async def test_SL7_accounting_asks_from_the_time_of_submission_on(site: Site, tools: Tools) -> None:
    tools.add("sacct", ":")
    await site.gateway.accounting(1795361045.9, batch_ids=["1"])
    [asked] = tools.calls("sacct")
    assert "--starttime=2026-11-22T15:24:05" in asked
    assert "--jobs=1" in asked
