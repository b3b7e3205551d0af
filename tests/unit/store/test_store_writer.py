"""The writer, with a backend that loses connections where the test says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from hosted_ce.store import writer as module
from hosted_ce.store.errors import DatabaseClosed
from hosted_ce.store.writer import GROUP_MAX, Joint, Writer

Answers = list[bool | Exception]
WITHIN_S = 20


def cut() -> sa.exc.OperationalError:
    """What SQLAlchemy makes of a connection that breaks."""
    return sa.exc.OperationalError("", {}, Exception("cut"), connection_invalidated=True)


class Losing:
    """A backend whose connections can be lost: what was cut off in its commit has the fate of `answers`."""

    def __init__(self) -> None:
        self.answers: Answers = []
        self.known: list[str] = []

    def engine(self, url: sa.URL, *, writer: bool, sole: bool) -> sa.Engine:
        """One connection in memory, of which the next commit is cut off once `answers` are there."""
        engine = sa.create_engine(url, poolclass=sa.StaticPool, connect_args={"check_same_thread": False})
        usual, cuts = engine.dialect.do_commit, list[bool]()

        def commit(connection: Any) -> None:
            if self.answers and not cuts:
                cuts.append(True)
                raise cut()
            usual(connection)

        engine.dialect.do_commit = commit  # type: ignore[method-assign]
        return engine

    def mark(self, connection: sa.Connection) -> str | None:
        """Always the same."""
        return "7"

    def committed(self, connection: sa.Connection, mark: str) -> bool | None:
        """The next of the answers."""
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def confirmed(self, mark: str) -> None:
        """Notes it."""
        self.known.append(mark)

    def lost(self, error: BaseException, *, connecting: bool = False) -> bool:
        """What cut() makes."""
        return isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated


@pytest.fixture
def backend() -> Losing:
    """One that loses nothing yet."""
    return Losing()


@pytest.fixture
def writer(backend: Losing, monkeypatch: pytest.MonkeyPatch) -> Iterator[Writer]:
    """A writer on it, which hardly pauses."""
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.001)
    engine = backend.engine(sa.make_url("sqlite://"), writer=True, sole=True)
    made = Writer(engine, backend)
    yield made
    made.finish()
    engine.dispose()


@contextmanager
def held(writer: Writer) -> Iterator[None]:
    """What is put while the block runs is the writer's next group."""
    began, gate = threading.Event(), threading.Event()

    def hold(connection: sa.Connection) -> None:
        began.set()
        assert gate.wait(WITHIN_S)

    writer.put(hold, hurried=False)
    assert began.wait(WITHIN_S)
    try:
        yield
    finally:
        gate.set()


def in_one_group(
    writer: Writer, *works: Callable[[sa.Connection], Any], weight: int = 1
) -> list[Future[Any]]:
    with held(writer):
        return [writer.put(work, hurried=False, weight=weight) for work in works]


@pytest.mark.parametrize("fate", [True, False])
def test_the_connection_breaks_again_while_a_commits_fate_is_asked(
    writer: Writer, backend: Losing, *, fate: bool
) -> None:
    runs: list[int] = []
    backend.answers = [cut(), cut(), fate]
    assert writer.put(lambda connection: runs.append(1), hurried=False).result(WITHIN_S) is None
    assert len(runs) == (1 if fate else 2)
    assert writer.put(lambda connection: "next", hurried=False).result(WITHIN_S) == "next"
    assert (writer.away, backend.known) == (None, ["7", "7"])


def test_an_error_that_nobody_expected_ends_the_writer_and_is_told(writer: Writer, backend: Losing) -> None:
    told, surprise = list[BaseException](), RuntimeError("surprise")
    writer.given_up = told.append
    backend.answers = [surprise]
    for _ in range(2):
        with pytest.raises(RuntimeError, match="surprise"):
            writer.put(lambda connection: None, hurried=False).result(WITHIN_S)
    assert told == [surprise]
    assert writer.away is surprise


def test_a_connection_lost_among_works_that_run_each_for_itself(writer: Writer) -> None:
    runs: list[int] = []

    def works(connection: sa.Connection) -> str:
        runs.append(1)
        if len(runs) == 2:
            raise cut()
        return "written"

    def fails(connection: sa.Connection) -> None:
        raise DatabaseClosed

    good, bad = in_one_group(writer, works, fails)
    assert good.result(WITHIN_S) == "written"
    with pytest.raises(DatabaseClosed):
        bad.result(WITHIN_S)
    assert len(runs) == 4


@pytest.mark.parametrize(("weight", "commits"), [(1, 1), (GROUP_MAX // 2, 3), (GROUP_MAX - 1, 3), (1000, 6)])
def test_heavy_works_share_a_commit_with_fewer(writer: Writer, weight: int, commits: int) -> None:
    """Six of them: with all in one, whoever comes behind waits until the last one is written."""
    numbers = [writer.commits]
    done = in_one_group(writer, *[lambda connection: numbers.append(writer.commits)] * 6, weight=weight)
    for each in done:
        each.result(WITHIN_S)
    assert len(set(numbers[1:])) == commits


def test_one_that_fails_is_tried_again_with_those_of_its_own_commit_alone(writer: Writer) -> None:
    runs: list[str] = []

    def works(connection: sa.Connection) -> None:
        runs.append("works")

    def fails(connection: sa.Connection) -> None:
        runs.append("fails")
        raise DatabaseClosed

    *good, bad = in_one_group(writer, *[works] * 4, fails, weight=GROUP_MAX)
    for each in good:
        each.result(WITHIN_S)
    with pytest.raises(DatabaseClosed):
        bad.result(WITHIN_S)
    assert runs == ["works"] * 4 + ["fails"] * 2


def jointly(runs: list[tuple[str, list[int]]], name: str) -> Joint[int, int]:
    """A joint work that notes what it is given, and fails with a 3."""

    def work(connection: sa.Connection, numbers: Sequence[int]) -> list[int]:
        runs.append((name, list(numbers)))
        if 3 in numbers:
            raise DatabaseClosed
        return [10 * number for number in numbers]

    return work


def test_what_is_for_the_same_work_is_given_to_it_at_once_up_to_a_work_that_is_for_itself(
    writer: Writer,
) -> None:
    runs: list[tuple[str, list[int]]] = []
    one, other = jointly(runs, "one"), jointly(runs, "other")
    with held(writer):
        done = [writer.put_joint(work, number, hurried=False) for work, number in
                ((one, 1), (other, 1), (one, 2), (other, 2))]  # fmt: skip
        alone = writer.put(lambda connection: runs.append(("alone", [])), hurried=False)
        done.append(writer.put_joint(one, 4, hurried=False))
    assert [each.result(WITHIN_S) for each in done] == [10, 10, 20, 20, 40]
    assert alone.result(WITHIN_S) is None
    assert runs == [("one", [1, 2]), ("other", [1, 2]), ("alone", []), ("one", [4])]


def test_one_that_fails_among_those_for_the_same_work_is_alone_in_its_failure(writer: Writer) -> None:
    runs: list[tuple[str, list[int]]] = []
    work = jointly(runs, "w")
    with held(writer):
        done = [writer.put_joint(work, number, hurried=False) for number in (2, 3, 4)]
    assert [done[0].result(WITHIN_S), done[2].result(WITHIN_S)] == [20, 40]
    with pytest.raises(DatabaseClosed):
        done[1].result(WITHIN_S)
    assert [numbers for _, numbers in runs] == [[2, 3, 4], [2], [3], [4]]


def test_a_commit_tells_once_that_its_works_are_answered(writer: Writer) -> None:
    told: list[int] = []
    done = list[Future[Any]]()
    writer.answered = lambda: told.append(sum(each.done() for each in done))
    done += in_one_group(writer, *[lambda connection: None] * 5)
    for each in done:
        each.result(WITHIN_S)
    writer.finish()
    assert told[-1] == 5
    assert len(told) == 2, "the work that held it up, and the group"
