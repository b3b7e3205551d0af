"""The questions of a kickoff, in the order in which they are asked."""

from __future__ import annotations

from collections.abc import Mapping

from hosted_ce.site_init.question import Question
from hosted_ce.site_init.questions.batch import BATCH
from hosted_ce.site_init.questions.door import DOOR
from hosted_ce.site_init.questions.names import NAMES
from hosted_ce.site_init.questions.nodes import NODES
from hosted_ce.site_init.questions.pilots import PILOTS
from hosted_ce.site_init.questions.way_in import WAY_IN

SECTIONS: Mapping[str, tuple[Question, ...]] = {
    "The contribution": NAMES,
    "The batch system": BATCH,
    "The way in": WAY_IN,
    "The worker nodes": NODES,
    "What pilots may ask for": PILOTS,
    "For OSG to answer": DOOR,
}

QUESTIONS: tuple[Question, ...] = tuple(each for section in SECTIONS.values() for each in section)

BY_ID: Mapping[str, Question] = {question.id: question for question in QUESTIONS}
