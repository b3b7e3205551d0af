"""What a failed sbatch means: a no that is clear, or a doubt. A doubt taken for a no makes duplicates."""

from __future__ import annotations

import pytest
import recordings

from bosco.batch.model import CommandResult
from bosco.batch.slurm.codec import Slurm
from bosco.errors import Failed, Interrupted, Refusal

RECORDED: dict[str, str | Refusal] = {
    "awkward-sbatch-munge-down": Refusal.TRANSIENT,
    "sbatch-above-max-time": Refusal.PERMANENT,
    "sbatch-above-max-time-accepted": "23",
    "sbatch-accepted": "22",
    "sbatch-associated": "1",
    "sbatch-bad-time": Refusal.PERMANENT,
    "sbatch-controller-down": Refusal.TRANSIENT,
    "sbatch-dos-lines": Refusal.PERMANENT,
    "sbatch-empty-script": Refusal.PERMANENT,
    "sbatch-invalid-account": Refusal.PERMANENT,
    "sbatch-invalid-qos": Refusal.PERMANENT,
    "sbatch-no-association": Refusal.PERMANENT,
    "sbatch-no-shebang": Refusal.PERMANENT,
    "sbatch-qos-without-accounting": "1",
    "sbatch-submit-limit": Refusal.LIMIT,
    "sbatch-too-many-cpus": "26",
    "sbatch-too-much-memory": Refusal.PERMANENT,
    "sbatch-unknown-account-accepted": "24",
    "sbatch-unknown-constraint": Refusal.PERMANENT,
    "sbatch-unknown-gres": Refusal.PERMANENT,
    "sbatch-unknown-option": Refusal.PERMANENT,
    "sbatch-unknown-partition": Refusal.PERMANENT,
    "sbatch-unknown-qos": "25",
}
VERDICT = b"sbatch: error: Batch job submission failed: "


def meaning(result: CommandResult) -> str | Refusal | None:
    """The id, the kind of no, or None: in doubt."""
    try:
        return Slurm().submitted(result)
    except Failed as error:
        return error.refusal
    except Interrupted:
        return None


def refused(stderr: bytes, exit_code: int = 1, stdout: bytes = b"") -> str | Refusal | None:
    return meaning(CommandResult(exit_code, stdout, stderr))


@pytest.mark.parametrize(
    "name", [name for name in recordings.names("sbatch", "awkward-sbatch") if "version" not in name]
)
def test_SL22_every_recorded_answer_has_its_meaning(name: str) -> None:
    assert meaning(recordings.result(name)) == RECORDED[name]


@pytest.mark.parametrize(
    "reason",
    [
        b"Socket timed out on send/recv operation",
        b"Zero Bytes were transmitted or received",
        b"Unable to contact slurm controller (send failure)",
        b"Unable to contact slurm controller (receive failure)",
        b"Unable to contact slurm controller (shutdown failure)",
        b"Message receive failure",
        b"Protocol authentication error",
        b"Unexpected message received",
        b"I/O error writing script/environment to file",
        b"Unspecified error",
        b"a reason of next year",
        b"",
    ],
)
def test_SL12_a_reason_that_does_not_rule_out_a_job_is_a_doubt(reason: bytes) -> None:
    assert refused(VERDICT + reason + b"\n") is None


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (
            b"Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
            Refusal.LIMIT,
        ),
        (b"MaxJobCount limit reached", Refusal.LIMIT),
        (b"Unable to create job record, try again", Refusal.LIMIT),
        (b"Invalid job array specification", Refusal.LIMIT),
        (b"Required partition not available (inactive or drain)", Refusal.TRANSIENT),
        (b"System submissions disabled", Refusal.TRANSIENT),
        (b"Rate limit exceeded, please retry momentarily", Refusal.TRANSIENT),
        (b"Controller is in standby mode, try a different controller", Refusal.TRANSIENT),
        (b"Resource temporarily unavailable", Refusal.TRANSIENT),
        (b"User's group not permitted to use this partition", Refusal.PERMANENT),
        (b"More processors requested than permitted", Refusal.PERMANENT),
        (b"Access/permission denied", Refusal.PERMANENT),
        (b"No partition specified or system default partition", Refusal.PERMANENT),
    ],
)
def test_SL22_reasons_with_which_the_controller_refuses(reason: bytes, kind: Refusal) -> None:
    assert refused(VERDICT + reason + b"\n") is kind


DOUBT = VERDICT + b"Socket timed out on send/recv operation\n"


@pytest.mark.parametrize(
    "noise",
    [
        b"/usr/local/bin/sbatch: line 7: /opt/site/log: No such file or directory\n",
        b"sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying.\n",
        b"logger: command not found\n",
        b"sbatch: error: QOSMaxSubmitJobPerUserLimit\n",
        b"sbatch: error: Memory specification can not be satisfied\n",
        b"sbatch: error: Invalid --foo specification\n",
        b"bash: fork: retry: Resource temporarily unavailable\n",
        VERDICT + b"Unable to contact slurm controller (connect failure)\n",
    ],
)
def test_SL12_SL13_what_else_is_printed_makes_no_clear_no_of_a_doubt(noise: bytes) -> None:
    assert refused(noise + DOUBT) is None
    assert refused(DOUBT + noise) is None


@pytest.mark.parametrize(
    "stderr", [b"", b"Killed\n", b"No such file or directory\n", b"sbatch: fatal: out of memory\n"]
)
def test_SL12_a_failure_without_a_verdict_is_a_doubt(stderr: bytes) -> None:
    assert refused(stderr) is None


def test_SL12_an_id_and_a_failure_is_a_doubt() -> None:
    assert refused(VERDICT + b"Invalid partition name specified", stdout=b"4711\n") is None


def test_SL12_ended_by_a_signal_is_a_doubt_whatever_it_had_said() -> None:
    assert refused(VERDICT + b"Invalid partition name specified", exit_code=-15) is None


def test_SL12_an_answer_that_was_cut_off_is_a_doubt() -> None:
    assert meaning(CommandResult(0, b"4711\n", b"", complete=False)) is None
    assert meaning(CommandResult(1, b"", VERDICT + b"Invalid qos specification", complete=False)) is None


def test_an_answer_that_could_not_be_verified_is_a_doubt_and_a_request_that_was_not_sent_is_none() -> None:
    verdict = VERDICT + b"Protocol authentication error\n"
    detail = b"sbatch: error: slurm_send_node_msg: %s: REQUEST_SUBMIT_BATCH_JOB has authentication error\n"
    assert refused(verdict) is None
    for function in (b"auth_g_create", b"g_slurm_auth_create"):
        assert refused(detail % function + verdict) is Refusal.TRANSIENT


def test_a_command_that_never_started_is_a_no() -> None:
    assert refused(b"[Errno 2] No such file or directory: 'sbatch'", 127) is Refusal.TRANSIENT
    assert refused(b"[Errno 11] Resource temporarily unavailable", 127) is Refusal.TRANSIENT


def test_SL12_a_wrapper_that_misses_a_command_is_a_doubt() -> None:
    assert refused(b"/usr/bin/sbatch: line 9: jq: command not found\n", 127) is None
    assert refused(b"[Errno 2] No such file or directory: 'jq'\nmore\n", 127) is None
    assert refused(b"[Errno 2] No such file or directory: 'jq'", 1) is None


@pytest.mark.parametrize(
    "stdout", [b"20\n", b"20", b"  20  \n".lstrip(), b"20;campus\n", b"hello\r\n20\r\n", b"20\n20\n"]
)
def test_SL14_the_id_on_a_line_of_its_own(stdout: bytes) -> None:
    assert meaning(CommandResult(0, stdout, b"")) == "20"


@pytest.mark.parametrize(
    "stdout", [b"", b"Submitted 20 jobs\n", b"20x\n", b"20;\n", b"1\n2\n", b"12345678901234\n", b"-1\n"]
)
def test_SL14_success_without_one_id_is_a_doubt(stdout: bytes) -> None:
    assert meaning(CommandResult(0, stdout, b"")) is None


def test_the_error_tells_what_sbatch_said() -> None:
    with pytest.raises(
        Failed, match=r"invalid partition specified: nowhere / .*Invalid partition name"
    ) as caught:
        Slurm().submitted(recordings.result("sbatch-unknown-partition"))
    assert caught.value.exit_code == 1


def test_of_a_long_text_the_verdict_is_told() -> None:
    noise = b"Welcome to the cluster\n" * 100
    with pytest.raises(Failed, match="Invalid qos specification"):
        Slurm().submitted(CommandResult(1, noise, noise + VERDICT + b"Invalid qos specification\n"))
