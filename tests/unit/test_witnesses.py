"""What a failure's report says of the labs that stood beside the test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.witnesses import LINES, Statement, last_lines, sections

pytest_plugins = ["pytester"]

HOOK = "from tests.witnesses import pytest_runtest_makereport"
FAILS = """
    import signal
    from pathlib import Path
    import pytest
    from tests.witnesses import Statement

    class Lab:
        def testimony(self):
            asked = {"the queue": lambda: "job 7 is held", "the time that is left": self.left}
            return Statement((Path("daemon.log"),), asked)

        def left(self):
            return str(signal.getitimer(signal.ITIMER_REAL))

    @pytest.fixture
    def lab():
        Path("daemon.log").write_text("out of disk")
        return Lab()

    @pytest.fixture
    def ce(lab):
        return "a CE at it"

    def test_fails(ce):
        assert False

    def test_passes(ce):
        pass
"""


class Seen:
    """A witness that has this to say."""

    def __init__(self, *logs: Path, **questions: str):
        self._said = Statement(logs, {title: lambda text=text: text for title, text in questions.items()})  # type: ignore[misc]

    def testimony(self) -> Statement:
        """It."""
        return self._said


class Broken:
    """One whose questions cannot be answered."""

    def testimony(self) -> Statement:
        """What raises."""
        return Statement((), {"queue": self._ask})

    def _ask(self) -> str:
        raise TimeoutError("no daemon")


class Mute:
    """One that cannot say what there is."""

    def testimony(self) -> Statement:
        """Nothing."""
        raise OSError("no folder")

    def __repr__(self) -> str:
        return "the lab"


def outcome(pytester: pytest.Pytester) -> pytest.RunResult:
    """Of a run of `FAILS`."""
    pytester.makeconftest(HOOK)
    pytester.makepyfile(FAILS)
    return pytester.runpytest_inprocess("--timeout=600", "-p", "no:cacheprovider", "-p", "no:asyncio")


def test_the_labs_behind_the_fixtures_of_a_failed_test_are_heard(pytester: pytest.Pytester) -> None:
    done = outcome(pytester)
    done.assert_outcomes(failed=1, passed=1)
    done.stdout.fnmatch_lines(["*- daemon.log -*", "out of disk", "*- the queue -*", "job 7 is held"])
    assert str(done.stdout).count("out of disk") == 1


def test_the_tests_timeout_does_not_fall_into_the_questions(pytester: pytest.Pytester) -> None:
    outcome(pytester).stdout.fnmatch_lines(["*- the time that is left -*", "(0.0, 0.0)"])


def test_the_end_of_a_log_is_told_within_bounds(tmp_path: Path) -> None:
    log = tmp_path / "SchedLog"
    log.write_text("".join(f"{number} {'x' * 1000}\n" for number in range(LINES * 3)) + "the last word\n")
    [(title, text)] = sections([Seen(log)])
    assert title == str(log)
    assert text.endswith("the last word")
    assert len(text.splitlines()) <= LINES + 1
    assert len(text) < LINES * 500


def test_a_long_answer_says_how_much_is_left_out() -> None:
    said = last_lines("\n".join(map(str, range(LINES + 5)))).splitlines()
    assert (said[0], said[1], said[-1]) == ("(5 lines before)", "5", str(LINES + 4))


def test_what_two_witnesses_know_is_told_once(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.touch()
    one, other = Seen(log, queue="empty"), Seen(log, queue="empty", nodes="one")
    assert list(sections([one, "no witness", other])) == [
        (str(log), "(nothing)"), ("queue", "empty"), ("nodes", "one"),
    ]  # fmt: skip


def test_what_cannot_be_said_hides_nothing(tmp_path: Path) -> None:
    told = dict(sections([Seen(tmp_path / "gone"), Broken(), Mute(), Seen(nodes="one")]))
    assert "FileNotFoundError" in told[str(tmp_path / "gone")]
    assert "no daemon" in told["queue"]
    assert "no folder" in told["the lab"]
    assert told["nodes"] == "one"
