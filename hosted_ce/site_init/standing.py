"""Where the questioning stands: what is answered, what is left, and which answers do not go together."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hosted_ce.site.batch import BATCH_SYSTEMS
from hosted_ce.site.errors import BadValue, quote
from hosted_ce.site.units import format_memory, parse_memory
from hosted_ce.site_init.kinds import read_answer
from hosted_ce.site_init.question import UNKNOWN, Answers, Question, known
from hosted_ce.site_init.questions import QUESTIONS
from hosted_ce.site_init.questions.batch import one_core_only
from hosted_ce.site_init.questions.nodes import NOTHING

_LEAST_MB_A_CORE = 1_024


def asked(answers: Answers) -> list[Question]:
    """The questions that have a meaning for these answers, answered or not."""
    return [question for question in QUESTIONS if question.asked_if(answers)]


def next_question(answers: Answers) -> Question | None:
    """The first that is not answered, or whose answer contradicts another; None: it is all there."""
    return next(
        (each for each in asked(answers) if each.id not in answers or conflict(each.id, answers)), None
    )


def outlook(answers: Answers) -> list[Question]:
    """All that will be asked, as if what is not answered yet were answered by its default."""
    assumed = dict(answers)
    for question in QUESTIONS:
        if question.id not in assumed and question.asked_if(assumed):
            default = question.default(assumed)
            assumed[question.id] = UNKNOWN if default is None else read_answer(question, default)
    return asked(assumed)


def missing(answers: Answers) -> list[Question]:
    """Those of the outlook that have no answer."""
    return [question for question in outlook(answers) if question.id not in answers]


def conflicts(answers: Answers) -> Mapping[str, BadValue]:
    """Answers that contradict others, by question."""
    found = (
        (question.id, conflict(question.id, answers)) for question in asked(answers) if question.id in answers
    )
    return {name: fault for name, fault in found if fault}


def conflict(question: str, answers: Answers) -> BadValue | None:
    """What makes the answer to this question impossible beside those before it."""
    rule = _RULES.get(question)
    return rule(answers) if rule else None


def _nothing_shared(answers: Answers) -> BadValue | None:
    batch = str(answers.get("batch"))
    if answers.get("shared") != NOTHING or batch not in BATCH_SYSTEMS or BATCH_SYSTEMS[batch].without_home:
        return None
    hint = "find any folder that both see, and answer folder; or answer unknown"
    return BadValue(f"pilots of {batch} need a folder that login and worker nodes share", hint)


def _cores_without_environment(answers: Answers) -> BadValue | None:
    cpus = known(answers, "cpus")
    if not isinstance(cpus, int) or cpus == 1 or not one_core_only(answers):
        return None
    hint = "write 1, or name the environment: --parallel-environment=NAME"
    return BadValue(f"{cpus} cores of one node need a parallel environment in Grid Engine", hint)


def _too_little_memory(answers: Answers) -> BadValue | None:
    memory, cpus = known(answers, "memory"), known(answers, "cpus")
    if (
        not isinstance(memory, str)
        or not isinstance(cpus, int)
        or parse_memory(memory) >= cpus * _LEAST_MB_A_CORE
    ):
        return None
    hint = f"write {format_memory(cpus * _LEAST_MB_A_CORE)} at least, or fewer cores"
    return BadValue(f"{quote(memory)} for {cpus} cores is less than 1 GB for each", hint)


def _more_wait_than_may_be(answers: Answers) -> BadValue | None:
    idle, pilots = known(answers, "idle"), known(answers, "pilots")
    if not isinstance(idle, int) or not isinstance(pilots, int) or idle <= pilots:
        return None
    return BadValue(f"{idle} may wait, and there may be {pilots} at most", f"write {pilots} or less")


_RULES: Mapping[str, Callable[[Answers], BadValue | None]] = {
    "shared": _nothing_shared,
    "cpus": _cores_without_environment,
    "memory": _too_little_memory,
    "idle": _more_wait_than_may_be,
}
