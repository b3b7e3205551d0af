"""Routes: how they are loaded, which one takes a pilot and why, and the defaults of HTCondor-CE."""

from __future__ import annotations

import pytest

from hosted_ce.routing.htcondor.ad_text import AdTextError, read_ad, write_ad
from hosted_ce.routing.htcondor.defaults import ce_defaults
from hosted_ce.routing.htcondor.matching import Choice, choose
from hosted_ce.routing.htcondor.read import read_config
from hosted_ce.routing.htcondor.remaps import remapped
from hosted_ce.routing.htcondor.router import Router, load_router, route_ad
from hosted_ce.routing.htcondor.routes import Route
from hosted_ce.routing.htcondor.run import TransformFailed

PILOT = 'ClusterId = 12\nProcId = 0\nJobUniverse = 5\nOwner = "osg01"\nqueue = "a"\nx = 1\n'
CONSTRAINT = "JOB_ROUTER_SOURCE_JOB_CONSTRAINT = target.JobUniverse =?= 5\n"


def load(text: str, *, defaults: bool = False) -> Router:
    files = [ce_defaults()] if defaults else [("base", CONSTRAINT)]
    router = load_router(read_config([*files, ("site", text)], {"COLLECTOR_HOST": "ce:9619"})).router
    assert router
    return router


def routes(*wanted: str) -> str:
    """Routes A, B, … with these REQUIREMENTS, "" for none."""
    names = "ABCDEF"[: len(wanted)]
    text = f"JOB_ROUTER_ROUTE_NAMES = {' '.join(names)}\n"
    for name, requirements in zip(names, wanted, strict=True):
        line = f"REQUIREMENTS {requirements}\n" if requirements else ""
        text += f"JOB_ROUTER_ROUTE_{name} @=e\n{line}TargetUniverse = 9\n@e\n"
    return text


def chosen(text: str, pilot: str = PILOT, full: dict[str, str] | None = None) -> Choice:
    router = load(text)
    rooms = full or {}
    return choose(router.routes, router.constraint, read_ad(pilot), lambda route: rooms.get(route.name))


@pytest.mark.parametrize(
    ("wanted", "route"),
    [
        (['queue == "b"', 'queue == "a"', ""], "B"),
        (["", 'queue == "a"'], "A"),
        (["x"], "A"),
        (['MY.queue == "a"', ""], "A"),
        (['MY.queue == "a"'], None),
        (['TARGET.queue == "a"', ""], "B"),
        (["false", "undefined"], None),
        (["size(x) == 1", ""], None),  # an error hides the pilot from all routes
        (["", "size(x) == 1"], "A"),
        ([r'regexp("^\w$", queue)'], None),
        ([r'regexp("^[a-z]$", queue)'], "A"),
    ],
)
def test_the_first_route_that_htcondor_would_take(wanted: list[str], route: str | None) -> None:
    choice = chosen(routes(*wanted))
    assert (choice.route.name if choice.route else None) == route


def test_reasons() -> None:
    choice = chosen(routes('queue == "b"', 'missing == "a"', "1 / 0", "x > 0"), full={"D": "4 of 4 pilots"})
    assert [(trial.route, trial.obstacle, trial.full) for trial in choice.trials] == [
        ("A", '`queue == "b"` is false', False),
        ("B", '`missing == "a"` is undefined', False),
        ("C", "`1 / 0` is error", False),
        ("D", "HTCondor keeps the pilot from all routes, since `1 / 0` is an error for it", False),
    ]
    choice = chosen(routes("x > 0", ""), full={"A": "4 of 4 pilots"})
    assert choice.route
    assert [(trial.route, trial.obstacle, trial.full) for trial in choice.trials] == [
        ("A", "4 of 4 pilots", True),
        ("B", None, False),
    ]
    assert chosen(routes("MY.x == 1")).trials[0].obstacle == (
        "HTCondor's query does not select the pilot: there `MY.` is nothing, and strings have escapes"
    )
    other = chosen(routes(""), PILOT.replace("JobUniverse = 5", "JobUniverse = 7"))
    assert other.trials[0].obstacle == (
        "the source constraint `target.JobUniverse =?= 5` does not select the pilot"
    )


def test_hundreds_of_routes_are_no_difficulty() -> None:
    """HTCondor joins all REQUIREMENTS into one expression, whose depth its library bounds."""
    text = "JOB_ROUTER_ROUTE_NAMES = " + " ".join(f"R{n}" for n in range(1000)) + "\n"
    for n in range(1000):
        text += f"JOB_ROUTER_ROUTE_R{n} @=e\nREQUIREMENTS x == {n - 998}\n@e\n"
    choice = chosen(text)
    assert choice.route
    assert choice.route.name == "R999"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("", (100, 50, 9, "")),
        ("MaxJobs = 10\nMaxIdleJobs = 2 * 3", (10, 6, 9, "")),
        ("MaxJobs = many", (100, 50, 9, "")),
        ("N = 5\nMaxJobs = $(N)0\nN = 6", (60, 50, 9, "")),
        ("UNIVERSE vanilla\nTargetUniverse = 9", (100, 50, 5, "")),
        ('GridResource = "batch slurm"', (100, 50, 9, "batch slurm")),
        ("GridResource = batch slurm $(MY.Owner)@host", (100, 50, 9, "batch slurm @host")),
        ('GridResource = "', (100, 50, 9, "")),
        ('TargetUniverse = 5\nGridResource = "x"', (100, 50, 5, "")),
        ("if $(nope)\nMaxJobs = 1\nelse\nMaxJobs = 2\nendif", (2, 50, 9, "")),
    ],
)
def test_what_a_route_says_of_itself(lines: str, expected: tuple[int, int, int, str]) -> None:
    route = load(f"JOB_ROUTER_ROUTE_NAMES = A\nJOB_ROUTER_ROUTE_A @=e\nSET a 1\n{lines}\n@e\n").routes[0]
    assert (route.max_jobs, route.max_idle, route.universe, route.grid_resource) == expected


def test_limits_come_from_the_configuration_where_the_route_has_none() -> None:
    settings = "JOB_ROUTER_DEFAULT_MAX_JOBS_PER_ROUTE = 7\nJOB_ROUTER_DEFAULT_MAX_IDLE_JOBS_PER_ROUTE = 3\n"
    route = load(settings + routes("")).routes[0]
    assert (route.max_jobs, route.max_idle, route.failure_rate) == (7, 3, 0.03)


def test_a_route_that_htcondor_refuses_is_left_out_and_told() -> None:
    text = routes("", "Owner = 1", "") + "JOB_ROUTER_ROUTE_A @=e\nNONSENSE\n@e\n"
    loading = load_router(read_config([("base", CONSTRAINT), ("site", text)]))
    assert loading.router
    assert [route.name for route in loading.router.routes] == ["C"]
    assert [(finding.code, str(finding.place)) for finding in loading.findings] == [
        ("route", "site:13"),
        ("requirements", "site:6"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "JOB_ROUTER_ROUTE_NAMES =\n",
        routes("") + "JOB_ROUTER_PRE_ROUTE_TRANSFORM_NAMES = Missing\n",
        routes("") + "JOB_ROUTER_POST_ROUTE_TRANSFORM_NAMES = X\nJOB_ROUTER_TRANSFORM_X = REQUIREMENTS (\n",
        "JOB_ROUTER_ROUTE_NAMES = $(A)\nA = $(JOB_ROUTER_ROUTE_NAMES)\n",
    ],
)
def test_where_htcondor_would_route_nothing_there_is_no_router(text: str) -> None:
    assert load_router(read_config([("base", CONSTRAINT), ("site", text)])).router is None


def test_macros_live_through_all_transforms_of_a_pilot_and_no_longer() -> None:
    text = (
        "JOB_ROUTER_PRE_ROUTE_TRANSFORM_NAMES = P\nJOB_ROUTER_POST_ROUTE_TRANSFORM_NAMES = Q\n"
        "JOB_ROUTER_TRANSFORM_P @=e\nm = $(m)p\nEVALMACRO n x + 1\n@e\n"
        "JOB_ROUTER_ROUTE_NAMES = A\nJOB_ROUTER_ROUTE_A @=e\nm = $(m)r\n@e\n"
        'JOB_ROUTER_TRANSFORM_Q @=e\nSET out "$(m)$(n)"\n@e\n'
    )
    router = load(text)
    for _ in range(2):
        assert route_ad(router, router.routes[0], read_ad(PILOT)).ad.value("out") == "pr2"


def test_a_transform_that_is_not_for_the_pilot_is_left_out() -> None:
    text = (
        "JOB_ROUTER_PRE_ROUTE_TRANSFORM_NAMES = P Q\n"
        "JOB_ROUTER_ROUTE_NAMES = A\nJOB_ROUTER_ROUTE_A = SET r 1\n"
        "JOB_ROUTER_TRANSFORM_P @=e\nREQUIREMENTS x == 2\nNONSENSE\n@e\n"
        "JOB_ROUTER_TRANSFORM_Q @=e\nREQUIREMENTS x == 1\nSET x 2\n@e\n"
    )
    router = load(text)
    assert route_ad(router, router.routes[0], read_ad(PILOT)).ad.value("x") == 2
    with pytest.raises(TransformFailed, match="site:6: `NONSENSE` is not a statement"):
        route_ad(router, router.routes[0], read_ad(PILOT.replace("x = 1", "x = 2")))


def routed(lines: str, pilot: str) -> dict[str, str]:
    site = f"JOB_ROUTER_ROUTE_NAMES = A\nJOB_ROUTER_ROUTE_A @=e\n{lines}\n@e\n"
    router = load(site, defaults=True)
    choice = choose(router.routes, router.constraint, read_ad(pilot))
    assert choice.route
    result = route_ad(router, choice.route, read_ad(pilot))
    assert result.notes == ()
    return result.ad.texts()


def test_the_golden_numbers_of_htcondor_ce() -> None:
    """Recorded from condor_job_router_info 23.9.6 with HTCondor-CE's own defaults."""
    route = (
        'TargetUniverse = 9\nGridResource = "batch slurm"\ndefault_queue = osg_queue\n'
        "default_maxMemory = 3000\ndefault_xcount = 4\ndefault_maxWallTime = 1440"
    )
    asked = "maxMemory = 5000\nRequestCpus = 1\nRequestMemory = 128\n"
    ad = routed(route, PILOT.replace('queue = "a"\n', "") + asked)
    expected = {
        "BatchQueue": '"osg_queue"', "BatchRuntime": "86400",
        "CERequirements": '"CondorCE"', "CondorCE": "1",
        "RequestCpus": "4", "RequestMemory": "5000", "JobMemory": "RequestMemory",
        "remote_SMPGranularity": "4",
        "remote_NodeNumber": "4", "RoutedJob": "true", "RouteName": '"A"', "RoutedBy": '"htcondor-ce"',
        "RoutedFromJobId": '"12.0"', "Remote_JobUniverse": "5", "JobUniverse": "9", "JobStatus": "1",
        "GridResource": '"batch slurm"', "environment": '"CONDORCE_COLLECTOR_HOST=ce:9619"',
    }  # fmt: skip
    assert {name: ad.get(name) for name in expected} == expected
    assert "ClusterId" not in ad


@pytest.mark.parametrize(
    ("route", "pilot", "name", "value"),
    [
        ("", "", "RequestCpus", "1"),
        ("default_xcount = 4", "RequestCpus = 1\n", "RequestCpus", "4"),
        ("default_xcount = 4", "RequestCpus = 8\n", "RequestCpus", "8"),
        ("default_xcount = 4", "xcount = 2\nRequestCpus = 8\n", "RequestCpus", "2"),
        ("default_xcount = 4", "RequestCpus = 8\n", "remote_SMPGranularity", "4"),  # does not look at it
        ("", "RequestMemory = 9999\n", "RequestMemory", "2000"),
        ("default_maxMemory = 3000", "", "RequestMemory", "3000"),
        ("default_maxMemory = 3000", "maxMemory = 100\n", "RequestMemory", "100"),
        ("SET RequestMemory 5", "", "RequestMemory", "2000"),
        ("", "", "BatchRuntime", "259200"),
        ("default_maxWallTime = 60", "", "BatchRuntime", "3600"),
        ("default_maxWallTime = 60", "BatchRuntime = 7\n", "BatchRuntime", "7"),
        ("default_maxWallTime = 60", "BatchRuntime = 7\nmaxWallTime = 2\n", "BatchRuntime", "120"),
        ("default_queue = d", "", "BatchQueue", '"a"'),
        ('SET BatchQueue "r"', "", "BatchQueue", '"r"'),
        ("default_queue = d", 'BatchQueue = "b"\n', "BatchQueue", '"b"'),
        ("", "WantWholeNode = true\n", "WholeNodes", "true"),
        ("TargetUniverse = 5", "WantWholeNode = true\n", "RequestCpus", "TARGET.TotalCpus ?: JobCpus"),
        ("", 'AuthTokenSubject = "s"\n', "orig_AuthTokenSubject", '"s"'),
        ('SET default_CERequirements "A,B"', "", "CERequirements", '"A,B,CondorCE"'),
        ('default_pilot_job_env = "Z=2"', 'Environment = "Z=1 Y=1"\n', "Environment",
         '"CONDORCE_COLLECTOR_HOST=ce:9619 Y=1 Z=2"'),
        ("", "Requirements = true\n", "Requirements", "(RequestGpus ?: 0) >= (TARGET.Gpus ?: 0)"),
        ("", "Requirements = x > 1\n", "Requirements", "x > 1"),
        ("", "minWalltime = 10\n", "OnExitHoldSubcode", "CondorCE_OnExitHoldSubcode"),
    ],
)  # fmt: skip
def test_precedences_of_htcondor_ce(route: str, pilot: str, name: str, value: str) -> None:
    grid = "" if "TargetUniverse" in route else "TargetUniverse = 9\n"
    assert routed(grid + route, PILOT + pilot).get(name) == value


@pytest.mark.parametrize(
    ("remaps", "file", "new"),
    [
        ("o=/x/y", "o", "/x/y"),
        ("a=b; o = c ", "o", "c"),
        ("o=p;p=q", "o", "q"),
        ("/d=/e", "/d/f", "/e/f"),
        (r"o\=x=1;o=2", "o=x", "1"),
        ("a=b", "o", None),
        ("o=p;p=o", "o", "o"),
        ("nonsense", "o", None),
    ],
)
def test_output_remaps(remaps: str, file: str, new: str | None) -> None:
    assert remapped(remaps, file) == new


def test_a_sandboxed_pilot_keeps_its_remaps() -> None:
    pilot = PILOT + 'Out = "o"\nTransferOutputRemaps = "o=/x"\n'
    router = load(routes("").replace("TargetUniverse", "JobShouldBeSandboxed = x == 1\nTargetUniverse"))
    assert route_ad(router, router.routes[0], read_ad(pilot)).ad.value("Out") == "o"
    other = pilot.replace("x = 1", "x = 2")
    assert route_ad(router, router.routes[0], read_ad(other)).ad.value("Out") == "/x"


def test_ads_as_text() -> None:
    ad = read_ad('# a pilot\n\nb = "x\\"y"\na = 1 + b\n')
    assert write_ad(ad) == 'a = 1 + b\nb = "x\\"y"\n'
    for text, line in (("a = 1\nb", 2), ("a = (", 1), ("a == 1", 1), ("1 = 2", 1), ("a = 1 2", 1)):
        with pytest.raises(AdTextError) as caught:
            read_ad(text, "f")
        assert str(caught.value).startswith(f"f:{line}: ")


def test_the_pilot_s_own_ad_stays_as_it_is() -> None:
    router = load("JOB_ROUTER_ROUTE_NAMES = A\nJOB_ROUTER_ROUTE_A @=e\nDELETE Owner\nSET x 2\n@e\n")
    ad = read_ad(PILOT)
    route: Route = router.routes[0]
    assert route_ad(router, route, ad).ad.value("x") == 2
    assert write_ad(ad) == write_ad(read_ad(PILOT))
