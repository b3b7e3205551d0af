"""Extra options of sbatch and qsub: what a site may add, and every way to write one that is the CE's."""

from __future__ import annotations

import pytest

from hosted_ce.site.batch import sge, slurm
from hosted_ce.site.errors import BadValue
from hosted_ce.site.text import check_directive_line


def check_directive(text: str) -> str:
    return slurm.check_directive(check_directive_line(text))


@pytest.mark.parametrize(
    "text",
    [
        "--constraint=avx2",
        "--constraint avx2",
        '--constraint="a b"',
        "-C avx2",
        "-Cavx2",
        "--exclude=node[01-04]",
        "--nice=100",
        "--gres=gpu:a100:1",
        "--time-min=1:00:00",
        "--wait-all-nodes=1",
        "--reservation=osg",
        "--no-kill",
        "--exclusive=user",
        # The letters after an option that takes a value are its value: no second option hides in them.
        "-wJoe",
        "-sC",
        "-x n1",
        "-xn1",
    ],
)
def test_options_that_change_nothing_of_the_ces_pass_unchanged(text: str) -> None:
    assert check_directive(text) == text


@pytest.mark.parametrize("text", ["-sx", "-vx n1", "-x=n1", "-Qsxn1"])
def test_nodes_are_excluded_in_a_form_that_others_can_be_added_to(text: str) -> None:
    with pytest.raises(BadValue, match="the CE adds nodes that it avoids"):
        check_directive(text)


@pytest.mark.parametrize(
    ("text", "owned"),
    [
        ("--job-name=x", "job-name"),
        ("--job-name x", "job-name"),
        ("--job-name", "job-name"),
        ("-J x", "job-name"),
        ("-Jx", "job-name"),
        ("--output=/dev/null", "output"),
        ("-o /dev/null", "output"),
        ("--error=x", "error"),
        ("-i x", "input"),
        ("--chdir=/", "chdir"),
        ("-D/", "chdir"),
        ("--open-mode=append", "open-mode"),
        ("--parsable", "parsable"),
        ("--wait", "wait"),
        ("-W", "wait"),
        ("--wrap=id", "wrap"),
        ("--comment=x", "comment"),
        ("--array=1-9", "array"),
        ("-a1-9", "array"),
        ("--requeue", "requeue"),
        ("--no-requeue", "no-requeue"),
        ("--hold", "hold"),
        ("-M other", "clusters"),
        ("--signal=B:USR1@60", "signal"),
        ("--export=ALL", "export"),
        ("--time=1:00", "time"),
        ("-t60", "time"),
        ("--mem=0", "mem"),
        ("--mem-per-cpu=2G", "mem-per-cpu"),
        ("-c 8", "cpus-per-task"),
        ("-n2", "ntasks"),
        ("-N 2", "nodes"),
        ("-A x", "account"),
        ("-p x", "partition"),
        ("-q x", "qos"),
        ("-G 1", "gpus"),
        # sbatch completes a name that is cut short
        ("--outp=x", "output"),
        ("--job=x", "job-name"),
        ("--test", "test-only"),
        # and lets letters without a value share a word with the next one
        ("-sJx", "job-name"),
        ("-QvOn2", "ntasks"),
        # and drops quotes inside a name
        ("--out''put=x", "output"),
        ('--ou"tput=x"', "output"),
    ],
)
def test_options_of_the_ce_are_refused_however_they_are_written(text: str, owned: str) -> None:
    with pytest.raises(BadValue) as raised:
        check_directive(text)
    assert raised.value.message.endswith(f"cannot be given here: --{owned} is set by the CE")
    assert raised.value.hint


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("--constraint=avx2 --output=/x", "holds more than one option"),
        ("--constraint=avx2\u00a0--output=/x", "there is "),
        ("-s -o x", "holds more than one option"),
        ("--constraint avx2 extra", "holds more than one option"),
        ("--constraint=a\\ --mem=1", "has a backslash"),
        ("--constraint='a", "has a quote that is not closed"),
        ("--constraint=a\n#SBATCH --output=/x", "there is a line break as character 15"),
        ("--constraint=a\r--output=/x", "there is a line break as character 15"),
        ("--constraint=a\t--output=/x", "there is a tab as character 15"),
        ("#SBATCH --nice", "is not an option of sbatch"),
        ("nice", "is not an option of sbatch"),
        ("", "is not an option of sbatch"),
        ("-", "is not an option of sbatch"),
        ("--", "is not an option of sbatch"),
        ("-- x", "is not an option of sbatch"),
        ('--"output"=x', "is not an option of sbatch"),
        ('"--output=x"', "is not an option of sbatch"),
        ("--constraint=" + "a" * 1_024, "has 1037 characters; the most is 1024"),
    ],
)
def test_what_is_not_one_plain_option_is_refused(text: str, message: str) -> None:
    with pytest.raises(BadValue) as raised:
        check_directive(text)
    assert message in raised.value.message


@pytest.mark.parametrize(
    "text", ["-P physics", "-l mem_free=4G,scratch=10G", "-p -100", "-R y", "-l 'arch=lx-*'", "-ac a=b"]
)
def test_options_of_qsub_that_change_nothing_of_the_ces_pass_unchanged(text: str) -> None:
    assert sge.check_directive(check_directive_line(text)) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("-N x", "is set by the CE"),
        ("-q long.q", "use request.queue"),
        ("-pe smp 8", "use request.cpus"),
        ("-V", "use request.environment"),
        ("-l h_rt=10", "use request.walltime"),
        ("-l arch=lx,s_rt=10", "use request.walltime"),
        ("-l 'arch=lx, h_rt=10'", "use request.walltime"),
        ("-t 1-9", "is not an option of qsub that can be given here"),
        ("-o /x", "is not an option of qsub that can be given here"),
        ("-P a -h", "is not one option and its value"),
        ("-P", "is not one option and its value"),
        ("-P 'a", "has a quote that is not closed"),
        ("physics", "is not an option of qsub that can be given here"),
        ("", "is not an option of qsub that can be given here"),
        ("@file", "is not an option of qsub that can be given here"),
    ],
)
def test_options_of_qsub_that_are_the_ces_or_unknown_are_refused(text: str, words: str) -> None:
    with pytest.raises(BadValue) as refused:
        sge.check_directive(check_directive_line(text))
    assert words in f"{refused.value.message}; {refused.value.hint}"
