"""The HTCondor codec never raises on what it reads, never invents, and never lets data become a command."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import classad2
import htcondor2  # noqa: F401  # gives classad2 its functions
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bosco.batch.htcondor.ads import ATTRIBUTES
from bosco.batch.htcondor.codec import HTCondor
from bosco.batch.htcondor.job import STAMP_ATTRIBUTE, description
from bosco.batch.htcondor.words import string
from bosco.batch.model import BatchRequest, CommandResult, InputFile, Listing, Phase
from bosco.errors import Failed, Interrupted
from tests.fakes.dialogue import told

HTCONDOR = HTCondor()
unhurried = settings(deadline=None)  # a busy machine is no failure
stamps = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=14, max_size=14).map("h".__add__)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
values = (
    st.none() | st.booleans() | st.integers(-1, 2**40) | st.floats(allow_nan=False, allow_infinity=False)
    | texts | st.just("/Expr(RequestCpus * 2)/") | st.lists(st.integers(), max_size=2)
)  # fmt: skip
ads = st.dictionaries(st.sampled_from(ATTRIBUTES), values)
whole_ads = st.builds(
    lambda ad, cluster, proc, stamp, status: ad
    | {"ClusterId": cluster, "ProcId": proc, STAMP_ATTRIBUTE: stamp, "JobStatus": status},
    ads, st.integers(1, 10**9), st.integers(0, 9), stamps, st.integers(0, 9),
)  # fmt: skip


def listed(stdout: bytes, stderr: bytes = b"", *, exit_code: int = 0, complete: bool = True) -> Listing:
    return told(HTCONDOR.listing("osg01"), CommandResult(exit_code, stdout, stderr, complete))


def printed(some: list[dict[str, Any]]) -> bytes:
    """As condor_q prints it."""
    return json.dumps(some, indent=1).encode() if some else b""


@unhurried
@given(st.lists(whole_ads, max_size=5))
def test_HC6_each_job_is_one_observation_whatever_its_other_attributes_are(
    some: list[dict[str, Any]],
) -> None:
    listing = listed(printed(some))
    assert listing.complete
    assert [(job.stamp, job.batch_id) for job in listing.observations] == [
        (ad[STAMP_ATTRIBUTE], f"{ad['ClusterId']}.{ad['ProcId']}") for ad in some
    ]


@unhurried
@given(st.lists(ads.map(lambda ad: {**ad, STAMP_ATTRIBUTE: "another's"}), max_size=3), st.lists(whole_ads))
def test_jobs_of_others_change_nothing(others: list[dict[str, Any]], ours: list[dict[str, Any]]) -> None:
    assert listed(printed(others + ours)) == listed(printed(ours))


@unhurried
@given(whole_ads)
def test_only_a_status_that_is_known_to_be_an_end_is_one(ad: dict[str, Any]) -> None:
    [job] = listed(printed([ad])).observations
    if job.phase is Phase.ENDED:
        begun = isinstance(ad.get("JobCurrentStartExecutingDate"), int)
        assert ad["JobStatus"] in ((1, 3, 4, 5) if begun else (3, 4))
        assert not isinstance(ad.get("RemoteHost"), str) or not ad["RemoteHost"]
        assert job.cause is not None
    else:
        assert (job.cause, job.exit_code, job.exit_signal, job.ended_at) == (None, None, None, None)
    if job.phase in (Phase.PENDING, Phase.HELD):
        assert (job.started_at, job.granted) == (None, None)


@unhurried
@given(st.lists(whole_ads, min_size=1, max_size=3), st.data())
def test_HC1_a_listing_that_was_cut_is_never_complete(
    some: list[dict[str, Any]], data: st.DataObject
) -> None:
    whole = printed(some)
    at = data.draw(st.integers(1, len(whole) - 1))
    assert not listed(whole[:at]).complete


@unhurried
@given(st.binary(), st.binary(), st.integers(-15, 255), st.booleans())
def test_SS10_no_bytes_make_the_codec_raise(out: bytes, err: bytes, code: int, complete: bool) -> None:
    listing = listed(out, err, exit_code=code, complete=complete)
    assert listing.complete or listing.problem
    told(HTCONDOR.accounting("osg01", 0, batch_ids=["1.0"]), CommandResult(code, out, err, complete))
    with contextlib.suppress(Failed, Interrupted):
        HTCONDOR.submitted(CommandResult(code, out, err, complete))
    with contextlib.suppress(Failed):
        told(HTCONDOR.cancel(["1.0"]), CommandResult(code, out, err, complete))


@unhurried
@given(st.binary(), st.integers(1, 10**9))
def test_an_id_and_exit_code_0_win_over_anything_printed_beside_it(noise: bytes, cluster: int) -> None:
    answer = CommandResult(0, b"%d.0 - %d.0\n" % (cluster, cluster), noise)
    assert HTCONDOR.submitted(answer) == f"{cluster}.0"


@unhurried
@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_a_string_means_its_text_to_condor_submit_or_is_refused(text: str) -> None:
    try:
        word = string(text)
    except ValueError:
        assert "\0" in text or "$$(" in text or "$$[" in text
        return
    assert classad2.ExprTree(word).eval() == text
    assert "$" not in word  # condor_submit would expand a macro
    assert "\n" not in word


@unhurried
@given(texts, texts, texts, st.booleans(), st.booleans())
def test_no_word_of_a_pilot_becomes_a_line_of_the_description(
    queue: str, qos: str, account: str, whole_node: bool, shared_home: bool
) -> None:
    def lines(**more: Any) -> list[str]:
        request = BatchRequest(
            "h" * 15, "pilot", (InputFile("pilot", "0" * 64),), 3600, whole_node=whole_node, **more
        )
        return description(request, domain="example.edu" if shared_home else None).split("\n")

    try:
        given_words = lines(queue=queue or "q", qos=qos or "q", account=account or "a")
    except ValueError:
        return
    names = [line.partition(" = ")[0] for line in given_words]
    assert names == [line.partition(" = ")[0] for line in lines(queue="q", qos="q", account="a")]


@pytest.mark.parametrize("line", ["x = 1\nqueue 100", "x = 1\rqueue 100", "x = 1 \\"])
def test_a_directive_of_more_than_one_line_is_refused(line: str) -> None:
    request = BatchRequest("h" * 15, "pilot", (InputFile("pilot", "0" * 64),), 3600, extra=(line,))
    with pytest.raises(ValueError, match="not one line"):
        description(request, domain=None)
