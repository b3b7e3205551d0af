"""The PBS codec never raises on what it reads, never invents, and reads back what qstat would print."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bosco.batch.model import BatchRequest, CommandResult, InputFile, Listing, Phase
from bosco.batch.pbs.codec import Pbs
from bosco.batch.pbs.text import read
from bosco.errors import Failed, Interrupted
from tests.fakes.dialogue import told

OPEN, TORQ = Pbs("openpbs"), Pbs("torque")
unhurried = settings(deadline=None)  # a busy machine is no failure
stamps = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=14, max_size=14).map("h".__add__)
numbers = st.integers(0, 10**12)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=60)
awkward = texts | st.sampled_from(["a|b", "back\\", "a\\|b", "x=y", "Job Id: 1.pbs1", "\\", "|", "", "a\\\\"])
states = st.sampled_from(["Q", "H", "W", "T", "R", "E", "S", "U", "B", "X", "F", "M", "C", "", "Z"])
names = st.sampled_from(
    [
        "Job_Owner", "ctime", "qtime", "stime", "obittime", "comp_time", "start_time", "mtime",
        "history_timestamp",
        "exec_host", "Exit_status", "exit_status", "substate", "comment", "Hold_Types", "Resource_List.ncpus",
        "Resource_List.mem", "Resource_List.walltime", "Resource_List.nodes", "Resource_List.ngpus",
        "resources_used.cput", "resources_used.mem", "Variable_List", "Submit_arguments",
    ]
)  # fmt: skip
odd = st.sampled_from(
    [
        "Sun Nov 22 05:23:09 2026", "Sun Nov 99 05:23:09 2026", "271", "-29", "-3", "0", "9" * 21, "u", "91",
        "node1/0*2+node2/1", "/", "+", "1:ppn=2:gpus=1", "2+node7:ppn=", "100mb", "7kw", "1.5gb", "::",
        "usop", "01:00:00",
    ]
)  # fmt: skip
attributes = st.dictionaries(names, awkward | odd, max_size=12)
jobs = st.lists(st.tuples(numbers, stamps, states, attributes), max_size=6, unique_by=lambda job: job[0])
Job = tuple[int, str, str, dict[str, str]]


def escaped(value: str) -> str:
    """As OpenPBS's qstat does it, and its own exception with it."""
    return re.sub(r"\\(?!['\",])|\|", lambda found: "\\" + found[0], value)


def dsv(found: list[Job]) -> bytes:
    lines = []
    for number, stamp, state, more in found:
        said = {"Job_Name": stamp, "job_state": state, **more}
        lines.append("|".join([f"Job Id: {number}.pbs1", *(f"{k}={escaped(v)}" for k, v in said.items())]))
    return "".join(line + "\n" for line in lines).encode()


def plain(found: list[Job]) -> bytes:
    text = ""
    for number, stamp, state, more in found:
        said = {"Job_Name": stamp, "job_state": state, **more}
        text += f"Job Id: {number}.torque1\n" + "".join(f"    {k} = {v}\n" for k, v in said.items()) + "\n"
    return text.encode()


def listed(result: CommandResult) -> Listing:
    return told(OPEN.listing("me"), CommandResult(0, b"1.pbs1\n"), result)


def everything(result: CommandResult) -> list[Listing]:
    """All that the codec may make of an answer. After a complaint of its options it asks again, without."""
    again = [result] if result.exit_code == 2 else []
    return [
        told(TORQ.listing("me"), result),
        told(OPEN.accounting("me", 0, batch_ids=["1"]), result, *again),
        told(OPEN.listing("me"), CommandResult(0, b"1.pbs1\n"), result, *again),
    ]


codes = st.sampled_from([0, 1, 2, 35, 153, 255, -9])


@unhurried
@given(st.binary(max_size=300), st.binary(max_size=100), codes, st.booleans())
def test_any_answer_is_a_listing(stdout: bytes, stderr: bytes, code: int, complete: bool) -> None:
    for listing in everything(CommandResult(code, stdout, stderr, complete)):
        assert listing.complete or listing.problem


@unhurried
@given(jobs, st.binary(max_size=60), st.integers(0, 2000))
def test_PB13_noise_within_an_answer_is_never_an_error(found: list[Job], noise: bytes, at: int) -> None:
    for printed in (dsv(found), plain(found)):
        for listing in everything(CommandResult(0, printed[:at] + noise + printed[at:])):
            assert listing.complete or listing.problem


@unhurried
@given(st.binary(max_size=80), st.binary(max_size=80), st.integers(-15, 255), st.booleans())
def test_any_answer_of_qsub_is_an_id_a_no_or_a_doubt(out: bytes, err: bytes, code: int, whole: bool) -> None:
    with contextlib.suppress(Failed, Interrupted):
        batch_id = OPEN.submitted(CommandResult(code, out, err, whole))
        assert code == 0
        assert batch_id.encode() in out


@unhurried
@given(jobs)
def test_PB4_every_job_of_ours_is_one_observation(found: list[Job]) -> None:
    mine = [(n, s, state, {k: v for k, v in more.items() if k != "Job_Owner"}) for n, s, state, more in found]
    assume(mine)
    listing = listed(CommandResult(0, dsv(mine)))
    assert listing.complete, listing.problem
    assert [(job.stamp, job.batch_id, job.site_state) for job in listing.observations] == [
        (stamp, f"{number}.pbs1", state) for number, stamp, state, _ in found
    ]


@unhurried
@given(jobs)
def test_a_value_is_read_back_whatever_is_in_it(found: list[Job]) -> None:
    """But for a backslash that qstat does not escape, before a quote or a comma."""
    assume(all(not re.search(r"\\['\",]|\\\\$|\\\\", v) for *_, more in found for v in more.values()))
    read_back = read(dsv(found).decode())
    assert read_back.bad == 0
    for (_, _, _, more), job in zip(found, read_back.jobs, strict=True):
        assert {k: v.replace("\\", "") for k, v in more.items()} == {
            k: v.replace("\\", "") for k, v in job.attributes.items() if k in more
        }


@unhurried
@given(jobs)
def test_PB9_what_has_not_ended_has_no_end(found: list[Job]) -> None:
    for result in (CommandResult(0, dsv(found)), CommandResult(0, plain(found))):
        for listing in everything(result):
            for job in listing.observations:
                if job.phase is not Phase.ENDED:
                    assert (job.ended_at, job.exit_code, job.exit_signal, job.cause) == (
                        None,
                        None,
                        None,
                        None,
                    )
                else:
                    assert job.cause is not None
                if job.phase in {Phase.PENDING, Phase.HELD}:
                    assert (job.node, job.started_at, job.granted) == (None, None, None)


@unhurried
@given(st.integers(0, 2**32), st.integers(0, 10**7), stamps)
def test_PB10_times_are_read_as_they_were_printed(submitted: int, ran: int, stamp: str) -> None:
    def said(at: int) -> str:
        return datetime.fromtimestamp(at, UTC).strftime("%a %b %e %H:%M:%S %Y")

    more = {
        "ctime": said(submitted),
        "stime": said(submitted + 1),
        "obittime": said(submitted + 1 + ran),
        "Exit_status": "0",
    }
    printed = dsv([(1, stamp, "F", {**more, "exec_host": "n/0"})])
    (job,) = told(OPEN.accounting("me", 0, batch_ids=["1"]), CommandResult(0, printed)).observations
    assert (job.submitted_at, job.started_at, job.ended_at) == (
        submitted or None,
        submitted + 1,
        submitted + 1 + ran,
    )


@unhurried
@given(jobs, st.integers(1, 4000))
def test_a_cut_listing_is_never_complete_with_fewer_jobs(found: list[Job], kept: int) -> None:
    printed = dsv(found)
    assume(kept < len(printed))
    listing = listed(CommandResult(0, printed[:kept]))
    whole_lines = printed[:kept].endswith(b"\n")
    assert whole_lines or not listing.complete


words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)


@unhurried
@given(
    st.lists(words, max_size=3), st.dictionaries(st.sampled_from(["A", "B"]), words), st.integers(1, 10**7)
)
def test_PB11_no_pilots_text_becomes_a_directive(
    arguments: list[str], environment: dict[str, str], walltime: int
) -> None:
    request = BatchRequest(
        "habcdefghijklmn", "pilot.sh", (InputFile("pilot.sh", "0" * 64),), walltime_s=walltime,
        arguments=tuple(arguments), environment=environment,
    )  # fmt: skip
    plain_request = BatchRequest(
        "habcdefghijklmn", "pilot.sh", (InputFile("pilot.sh", "0" * 64),), walltime_s=walltime
    )
    for codec in (OPEN, TORQ):
        name = f"job.{codec.submission(request, '/f').argv[-1].partition('.')[2]}"
        with_text, without = (codec.submission(r, "/f").files[name] for r in (request, plain_request))
        assert with_text.split(b"HCE_FOLDER=")[0] == without.split(b"HCE_FOLDER=")[0]
