"""The body of a request for a test pilot."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from hosted_ce.api.bodies import strict_json
from hosted_ce.api.bodies.validation import field_errors
from hosted_ce.api.parameters import Duration, Name
from hosted_ce.api.problems.kinds import INVALID_REQUEST, MALFORMED_JSON
from hosted_ce.api.problems.problem import Problem, invalid
from hosted_ce.pilots.avoidance import NODE
from hosted_ce.pilots.spec import SITE_WORD
from hosted_ce.routing.aim import Aim
from hosted_ce.site import parse_duration
from hosted_ce.test_pilots.errand import Errand
from hosted_ce.test_pilots.errands import BURN_S, errand_of
from hosted_ce.test_pilots.kind import Kind

MAX_BODY = 64 * 1024
MOST = 2**31 - 1


def _node(text: str) -> str:
    if not NODE.match(text):
        raise ValueError("is not the name of a node")
    return text


def _site_word(text: str) -> str:
    if not SITE_WORD.match(text):
        raise ValueError("is not a name: use letters, digits and any of _.@:+-")
    return text


SiteWord = Annotated[Name, AfterValidator(_site_word)]
Positive = Annotated[int, Field(ge=1, le=MOST)]


class PilotTest(BaseModel):
    """A test pilot. What is left out is as the route says."""

    model_config = ConfigDict(
        extra="forbid", frozen=True,
        json_schema_extra={"example": {"kind": "stress", "route": "osg", "cpus": 8, "minutes": 5}},
    )  # fmt: skip

    kind: Kind = Field(
        description="`hello`: one core, says who it is and where. `stress`: uses what it asked for, and says "
        "what it was given."
    )
    route: Name | None = Field(default=None, description="Goes to this route, whatever its `when` says.")
    cluster: Name | None = Field(default=None, description="Goes to a route of this cluster.")
    queue: SiteWord | None = Field(default=None, description="The site's queue or partition.")
    node: Annotated[Name, AfterValidator(_node)] | None = Field(
        default=None, description="Runs on this node, by its name in the batch system; also an avoided one."
    )
    cpus: Positive | None = Field(default=None, description="Cores. A hello asks for one.")
    memory_mb: Positive | None = Field(default=None, description="Memory in MB.")
    gpus: Annotated[int, Field(ge=0, le=MOST)] | None = None
    minutes: int = Field(default=5, ge=1, le=1440, description="The walltime that is asked for.")
    seconds: int = Field(
        default=BURN_S, ge=1, le=3600, description="How long a stress keeps all cores busy, in seconds."
    )
    patience: Duration = Field(
        default="30m", description="It is removed when it has not begun after this time."
    )

    def errand(self) -> Errand:
        """What is to be sent."""
        aim = Aim(
            self.route, self.cluster, self.queue, self.node, cpus=self.cpus, memory_mb=self.memory_mb,
            walltime_s=self.minutes * 60, gpus=self.gpus,
        )  # fmt: skip
        return errand_of(self.kind, aim, patience_s=parse_duration(self.patience), burn_s=self.seconds)


def asked_test(body: bytes) -> PilotTest:
    """Reads the body. Raises Problem."""
    try:
        return PilotTest.model_validate(strict_json.parse(body))
    except strict_json.BadJson as error:
        raise Problem(MALFORMED_JSON, str(error)) from error
    except ValidationError as error:
        raise invalid(INVALID_REQUEST, field_errors(error.errors(include_url=False))) from error
