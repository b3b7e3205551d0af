"""What a worker node printed is read, whatever it is: noise, cuts, bytes that are no text."""

from __future__ import annotations

from dataclasses import fields

from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.checks.catalogue import CATALOGUE
from hosted_ce.checks.dependencies import settled
from hosted_ce.checks.node.judge import judge
from hosted_ce.checks.node.parse import parse
from hosted_ce.checks.node.promised import Promised
from hosted_ce.checks.node.report import NodeReport

NONCE = "n0nce567"
NAMES = [each.name for each in fields(NodeReport)] + ["port.80", "dns.a.b", "cvmfs.x.org", "orphan", "end"]
values = st.one_of(
    st.sampled_from(["ok", "timeout", "5", "0", "12.5", "-3", "99999999999999999999", "", "300 name"]),
    st.text(max_size=30),
)
lines = st.tuples(st.sampled_from(NAMES), values).map(
    lambda pair: f"@@{NONCE} {pair[0]} {pair[1]}\n".encode("utf-8", "surrogatepass")
)
noise = st.one_of(st.binary(max_size=40), lines, st.just(b"@@"), st.just(b"\n"))


@given(st.lists(noise, max_size=40).map(b"".join))
def test_any_bytes_give_a_report_or_none_and_every_report_is_judged(output: bytes) -> None:
    report = parse(output, NONCE)
    if report is None:
        return
    results = settled(judge(report, Promised()))
    assert {result.check for result in results} <= CATALOGUE.keys()
    assert all(result.seen for result in results)


@given(st.binary(max_size=60), st.lists(st.binary(max_size=20), min_size=3, max_size=3), st.integers(0, 200))
def test_noise_between_the_lines_changes_nothing_and_a_cut_is_seen(
    before: bytes, between: list[bytes], cut: int
) -> None:
    said = [b"host n1", b"cores_allowed 8", b"port.80 ok", b"end 3"]
    noises = [each.replace(b"@@", b"") for each in [before, *between]]
    framed = [
        other.replace(b"\n", b" ") + f"@@{NONCE} ".encode() + line
        for other, line in zip(noises, said, strict=True)
    ]
    whole = b"\n".join(framed) + b"\n"
    report = parse(whole, NONCE)
    assert report
    assert (report.complete, report.host, report.cores_allowed, report.ports) == (True, "n1", 8, {"80": "ok"})
    short = parse(whole[: -2 - cut], NONCE)
    assert short is None or not short.complete


@given(st.binary(max_size=200))
def test_without_the_nonce_nothing_is_believed(output: bytes) -> None:
    assert parse(output.replace(NONCE.encode(), b""), NONCE) is None
