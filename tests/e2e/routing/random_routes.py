"""Random choices between routes: REQUIREMENTS, source constraints, orders, limits, universes."""

from __future__ import annotations

from random import Random

from tests.e2e.routing.random_expressions import expression
from tests.e2e.routing.random_transforms import block

_REQUIREMENTS = (
    "x == 1", "MY.x == 1", "TARGET.x == 1", "isUndefined(x)", 'regexp("^[a-z]\\d*$", s)', 'regexp("\\.", s)',
    "size(x) > 0", "b", 'queue == "a"', "undefined", "1", "! b", "x =!= undefined", "s",
)  # fmt: skip
_CONSTRAINTS = (
    "true", "target.JobUniverse =?= 5", "JobUniverse == 5", "1", "x > 0", "MY.x is undefined", "TARGET.b", "",
    "undefined", "$(CON)", "JobUniverse == 5 && (target.x =!= 7)",
)  # fmt: skip
_LINES = (
    "MaxJobs = 7000", "MaxJobs = 100 * 10", "MaxIdleJobs = $INT(Q)", "Q = 3000", "Q = 4000 + 4",
    "MaxJobs = x", "TargetUniverse = 5", "TargetUniverse = 10/2", "UNIVERSE vanilla", "UNIVERSE 12",
    "GridResource =", 'GridResource = "batch pbs $(MY.Owner) x"', "GridResource = batch $(Q)",
    'GridResource = "a', 'GridResource = "', "NAME foo", "FailureRateThreshold = 0.5",
    "JobShouldBeSandboxed = true", "JobShouldBeSandboxed = b", "MaxIdleJobs = 3000.9",
)  # fmt: skip
REMAPS = ("o=/x/y", "o=a;/d=/f", "a=b; o = c", "o=p;p=q", "/d=/d2;/d2=/d3", "zz", r"o\=x=1;o=2")


def routes(random: Random) -> str:
    """Some routes with any REQUIREMENTS, in any order. No limit is small: HTCondor counts what it routes."""
    names = [f"{random.choice('AbCdEfG')}{index}" for index in range(random.randrange(1, 5))]
    order = random.choice((names, names[::-1]))
    text = f"JOB_ROUTER_ROUTE_NAMES = {random.choice((', ', ' ', '  ', ',')).join(order)}\nCON = true\n"
    if random.random() < 0.8:
        text += f"JOB_ROUTER_SOURCE_JOB_CONSTRAINT = {random.choice(_CONSTRAINTS)}\n"
    if random.random() < 0.3:
        limit = random.choice(("777", "700+7", "abc", ""))
        text += f"JOB_ROUTER_DEFAULT_MAX_IDLE_JOBS_PER_ROUTE = {limit}\n"
    for name in names:
        body = [random.choice(_LINES) for _ in range(random.randrange(3))]
        body.insert(random.randrange(len(body) + 1), f'SET hit "{name}"')
        if random.random() < 0.85:
            wanted = random.choice((expression(random), *_REQUIREMENTS))
            body.insert(random.randrange(len(body) + 1), f"REQUIREMENTS {wanted}")
        text += block(f"JOB_ROUTER_ROUTE_{name}", body)
    return text
