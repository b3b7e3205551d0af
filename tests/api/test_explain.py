"""Explanations: of pilots, of pilots that might come, and on the pages."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import httpx
import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.conftest import client_of
from tests.api.requests import PILOTS, submit
from tests.api.test_pages import HOSTILE, Page
from tests.api.world import TOKEN, World

EXPLAIN = "/api/v1/routes/explain"
REQUEST: dict[str, Any] = {
    "cpus": 8, "memory_mb": 2000, "walltime_s": 3600, "queue": "osg", "account": None, "qos": None, "gpus": 0,
    "whole_node": False, "extra": ["--licenses=a"], "base_environment": {},
    "environment": {"R": "route-secret"}, "prologue": "export P=prologue-secret\n",
}  # fmt: skip


async def asked(client: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    answer = await client.post(EXPLAIN, json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def outcomes(found: dict[str, Any]) -> dict[str, str]:
    return {trial["route"]: trial["outcome"] for trial in found["trials"]}


async def test_the_route_that_takes_it_and_those_behind_it(client: httpx.AsyncClient) -> None:
    found = await asked(client, attributes={"XCOUNT": 8, "maxMemory": 16000}, account="osg01")
    assert (found["route"], found["cluster"], found["waits_for"]) == ("large", "hpc", None)
    assert outcomes(found) == {"large": "taken", "any": "not_tried"}
    assert (found["pilot_id"], found["account"], found["vo"]) == (None, "osg01", "osg01")
    [large, after] = found["trials"]
    assert [(limit["whose"], limit["name"]) for limit in large["limits"]] == [
        ("route", "large"), ("cluster", "hpc"),
    ]  # fmt: skip
    assert after["limits"] == []
    assert found["kept_back"] == ["cluster hpc: nothing is submitted now: the site has not been listed yet"]
    assert found["ad"]["RequestCpus"] == "8"
    assert found["ad"]["RouteName"] == '"large"'


async def test_the_script_that_would_be_submitted(client: httpx.AsyncClient) -> None:
    body = {
        "attributes": {"xcount": 8}, "executable": "glidein.sh", "arguments": ["-v", "it's"],
        "environment": {"A": "b"}, "credentials": ["token"], "proxy": "proxy",
    }  # fmt: skip
    job = (await asked(client, **body))["job"]
    assert (job["attempt"], job["argv"]) == (None, ["sbatch", "--parsable", "job.sh"])
    assert job["folder"] == f"/shared/hosted-ce/pilots/{job['stamp']}"
    assert {"#SBATCH --partition=osg", "#SBATCH --cpus-per-task=8"} < set(job["directives"])
    for part in ("./glidein.sh -v 'it'\"'\"'s'", "export A=b", "export SITE_SECRET=s1te-secret",
                 "HCE_CREDENTIALS=token", 'X509_USER_PROXY="$PWD"/proxy'):  # fmt: skip
        assert part in job["script"]
    assert not [line for line in job["directives"] if "secret" in line]


async def test_the_clause_that_was_false_and_the_limit_that_is_full(
    client: httpx.AsyncClient, world: World
) -> None:
    for pilot_id in await submit(client, 2):
        await world.begin(pilot_id)
    found = await asked(client, attributes={"xcount": 9})
    assert (found["route"], found["waits_for"], found["unroutable"]) == (None, "large", False)
    assert found["trials"][0]["obstacle"] == "2 of its 2 pilots are at the site"
    assert found["trials"][0]["limits"][0]["usage"]["pilots"] == 2
    assert "#SBATCH --cpus-per-task=9" in found["job"]["directives"], "what it will be, when there is room"

    found = await asked(client, attributes={"xcount": 7}, account="nobody")
    assert (found["unroutable"], found["job"], found["ad"]) == (True, None, {})
    assert {trial["obstacle"] for trial in found["trials"]} == {
        "is for account osg01, and the pilot's is nobody"
    }
    found = await asked(client)
    assert outcomes(found) == {"large": "no", "any": "no"}
    assert "`xcount < 8` is undefined (xcount is not there)" in found["reason"]


async def test_a_limit_of_the_pilots_vo_is_shown(client: httpx.AsyncClient) -> None:
    found = await asked(client, attributes={"xcount": 8, "x509UserProxyVOName": "osg"})
    assert found["vo"] == "osg"
    assert [limit["name"] for limit in found["trials"][0]["limits"] if limit["whose"] == "vo"] == ["osg"]


async def test_a_pilot_that_waits_and_one_at_the_site(client: httpx.AsyncClient, world: World) -> None:
    waits, at_site, old = await submit(client, 3, arguments=["--token", "s3cret"])
    await world.begin(at_site, request=REQUEST)
    found = (await client.get(f"{PILOTS}/{waits}/explain")).json()
    assert (found["pilot_id"], found["route"], found["job"]["attempt"]) == (waits, "large", None)
    job = (await client.get(f"{PILOTS}/{at_site}/explain")).json()["job"]
    stamp = f"hstamp{at_site:09d}"
    assert (job["attempt"], job["stamp"]) == (1, stamp)
    assert f"#SBATCH --job-name={stamp}" in job["directives"]
    assert "#SBATCH --licenses=a" in job["directives"]
    assert "export R=route-secret" in job["script"]
    assert "eval 'export P=prologue-secret\n' >&2" in job["script"]
    assert job["ask"]["prologue"] == "export P=prologue-secret\n"
    await world.begin(old)  # its request has not what today's have
    found = (await client.get(f"{PILOTS}/{old}/explain")).json()
    assert found["job"] is None
    assert "the batch script of attempt 1 cannot be shown" in found["notes"][0]
    assert (await client.get(f"{PILOTS}/99/explain")).status_code == 404


async def test_a_held_pilot_says_so(client: httpx.AsyncClient) -> None:
    [pilot_id] = await submit(client)
    await client.post(f"{PILOTS}/{pilot_id}/hold")
    found = (await client.get(f"{PILOTS}/{pilot_id}/explain")).json()
    assert found["kept_back"][0].startswith("it is ")
    assert "held" in found["kept_back"][0]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"attributes": {"xcount": 0}}, "attributes.xcount"),
        ({"attributes": {"XCOUNT": "x"}}, "attributes.XCOUNT"),
        ({"attributes": {"queue": "a b"}}, "attributes.queue"),
        ({"attributes": {"x": [1]}}, "attributes.x"),
        ({"attributes": {f"a{n}": 1 for n in range(501)}}, "attributes"),
        ({"attributes": {"xcount": 1, "Xcount": 2}}, ""),
        ({"account": "a\nb"}, "account"),
        ({"account": ""}, "account"),
        ({"executable": "../x"}, "executable"),
        ({"environment": {"1": "x"}}, ""),
        ({"credentials": ["pilot.sh"]}, "credentials"),
        ({"proxy": "pilot.sh"}, "proxy"),
        ({"shell": "x"}, "shell"),
    ],
)
async def test_what_no_pilot_can_say_is_refused_with_its_place(
    client: httpx.AsyncClient, body: dict[str, Any], path: str
) -> None:
    answer = await client.post(EXPLAIN, json=body)
    assert answer.status_code == 422
    assert path in [error["path"] for error in answer.json()["errors"]]


async def test_bodies_are_bounded_and_json(client: httpx.AsyncClient) -> None:
    assert (await client.post(EXPLAIN, content=b" " * 5_000_000)).status_code == 413
    assert (await client.post(EXPLAIN, content=b"{")).status_code == 400
    refused = await client.post(EXPLAIN, content=b"{}", headers={"Content-Type": "text/plain"})
    assert refused.status_code == 415


async def test_answers_are_what_the_schema_says(client: httpx.AsyncClient, world: World) -> None:
    await submit(client, 2)
    await world.begin(2, request=REQUEST)
    schema = (await client.get("/openapi.json")).json()
    wanted = {"$ref": "#/components/schemas/ExplanationOut", "components": schema["components"]}
    check = jsonschema.Draft202012Validator(wanted).validate
    for found in [
        await asked(client, attributes={"xcount": 8}), await asked(client),
        (await client.get(f"{PILOTS}/1/explain")).json(), (await client.get(f"{PILOTS}/2/explain")).json(),
    ]:  # fmt: skip
        check(found)


async def test_the_page_of_a_pilot_tells_why_and_no_secrets(
    stranger: httpx.AsyncClient, client: httpx.AsyncClient, world: World
) -> None:
    secret = {"environment": {"PASSWORD": "s3cret"}, "arguments": ["--token", "s3cret"]}
    waits, at_site = await submit(client, 2, attributes={"xcount": 8}, **secret)
    await world.begin(at_site, request=REQUEST)
    text = (await stranger.get(f"/pilots/{waits}")).raise_for_status().text
    page = Page(text)
    assert "Route large to hpc takes it." in text
    assert "What would be asked of the batch system" in text
    assert "#SBATCH --partition=osg" in text
    assert len(page.all("summary")) == 2, "the directives, and the attributes"
    other = (await stranger.get(f"/pilots/{at_site}")).raise_for_status().text
    assert "What was asked of the batch system" in other
    assert f"#SBATCH --job-name=hstamp{at_site:09d}" in other
    assert "takes it." not in other, "where it would go now is no matter"
    for each in (text, other):
        assert "secret" not in each.lower().replace("may hold secrets", "")


async def test_a_clause_over_the_environment_does_not_show_it(
    stranger: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    from hosted_ce.routing.classad import Ad
    from hosted_ce.routing.clauses import obstacle_in

    ad = Ad({"Environment": "PASSWORD=s3cret", "Args": "--token s3cret"})
    for text in ('regexp("x", Environment)', "Environment", "Args == Environment", "MY.Environment"):
        assert "s3cret" not in obstacle_in(text, ad)


async def test_the_page_of_the_routes_tries_a_pilot(stranger: httpx.AsyncClient) -> None:
    text = (await stranger.get("/routes")).raise_for_status().text
    Page(text)
    assert "What would become of it" not in text
    answer = await stranger.get(
        "/routes", params={"attributes": 'xcount = 8\r\nCmd = "/x"\r\nRank = x + 1\r\n', "account": "osg01"}
    )
    assert answer.status_code == 200
    assert "form-action 'self'" in answer.headers["Content-Security-Policy"]
    assert "Route large to hpc takes it." in answer.text
    assert "Left out, as no route can look at them: Cmd, Rank." in answer.text
    assert "s1te-secret" not in answer.text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"attributes": "xcount"}, "line:1: this is not `Name = expression`"),
        ({"attributes": "xcount = 0"}, "attributes.xcount: 0 is not a whole number of at least 1"),
        ({"attributes": "", "account": "a\tb"}, "account: has a control character"),
        ({"attributes": "x" * 16_001}, "are too many"),
    ],
)
async def test_what_is_no_pilot_is_told_on_the_page(
    stranger: httpx.AsyncClient, given: dict[str, str], said: str
) -> None:
    answer = await stranger.get("/routes", params=given)
    assert answer.status_code == 422
    Page(answer.text)
    assert said in answer.text


async def test_hostile_questions_are_text(stranger: httpx.AsyncClient) -> None:
    for params in (
        {"attributes": HOSTILE}, {"attributes": f"x = {json.dumps(HOSTILE)}", "account": HOSTILE},
        {"attributes": "xcount = 8\n</textarea><script>alert(1)</script> = 1"},
    ):  # fmt: skip
        page = Page((await stranger.get("/routes", params=params)).text)
        assert page.foreign() == []


SCALARS = (
    st.booleans() | st.integers() | st.integers(1, 64) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=40) | st.sampled_from(["\n#SBATCH --uid=0", "$(id)", "`id`", "'", '"; id; "', "\\"])
)  # fmt: skip
NAMES = st.sampled_from(
    ["xcount", "queue", "maxWallTime", "maxMemory", "RequestGPUs", "WantWholeNode", "BatchProject", "MY", "x",
     "default_queue", "Environment", "HostedCE_qos", "BatchExtraSubmitArgs", "RequestCpus", "Owner"]
) | st.text(max_size=8)  # fmt: skip
JSON = st.recursive(
    st.none() | SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
LIKELY = st.fixed_dictionaries(
    {},
    optional={
        "attributes": st.dictionaries(NAMES, SCALARS, max_size=6) | JSON,
        "account": st.none() | st.text(max_size=5) | st.just("osg01"),
        "environment": st.dictionaries(NAMES, st.text(max_size=30), max_size=3) | JSON,
        "arguments": st.lists(st.text(max_size=30), max_size=3) | JSON,
        "executable": st.just("a.sh") | JSON,
        "proxy": st.just("p") | JSON,
    },
)
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


async def _post(world: World, body: Any) -> httpx.Response:
    async with client_of(world) as client:
        content = json.dumps(body).encode()
        return await client.post(EXPLAIN, content=content, headers={"Authorization": f"Bearer {TOKEN}"})


@settings(max_examples=150, deadline=None, suppress_health_check=QUIET)
@given(body=LIKELY | JSON)
async def test_any_question_is_answered(world: World, body: Any) -> None:
    answer = await _post(world, body)
    assert answer.status_code in (200, 400, 422), answer.text


@settings(max_examples=100, deadline=None, suppress_health_check=QUIET)
@given(text=st.text(max_size=200) | st.lists(st.sampled_from(
    ["xcount = 8", "queue = \"a\"", "x = (", "Env = \"A=b\"", "[", "y = {1,2}", "\0", "z = 1e999"]
), max_size=5).map("\n".join))  # fmt: skip
async def test_any_text_on_the_page_is_answered(world: World, text: str) -> None:
    async with client_of(world) as stranger:
        answer = await stranger.get("/routes", params={"attributes": text.encode("utf-8", "replace")})
    assert answer.status_code in (200, 422)
    Page(answer.text)


TEXTS = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60
) | st.sampled_from(["\n#SBATCH --uid=0\n", "'\n#SBATCH --x\n'", "$(touch x)", "`id`", "\r\n", "@COMMAND@"])


@settings(max_examples=60, deadline=None, suppress_health_check=QUIET)
@given(
    environment=st.dictionaries(st.sampled_from(["A", "PATH", "B_1"]), TEXTS, max_size=3),
    arguments=st.lists(TEXTS, max_size=4),
    extra=st.dictionaries(st.sampled_from(["x", "y", "Owner"]), TEXTS, max_size=2),
)
async def test_hostile_texts_stay_words_of_the_script(
    world: World, environment: dict[str, str], arguments: list[str], extra: dict[str, str]
) -> None:
    quiet = {name: value for name, value in extra.items() if value.isprintable()}
    body = {"attributes": {"xcount": 8, **quiet}, "environment": environment, "arguments": arguments}
    answer = await _post(world, body)
    assert answer.status_code == 200, answer.text
    job = answer.json()["job"]
    plain = (await _post(world, {"attributes": {"xcount": 8}})).json()["job"]
    assert job["directives"] == plain["directives"], "nothing of it is a directive"
    assert job["argv"] == plain["argv"]
    names = [line.partition("=")[0] for line in job["directives"]]
    assert len(names) == len(set(names))
    head = job["script"].split("\n")[: len(job["directives"]) + 2]
    assert head[1:-1] == job["directives"]
    assert head[-1].startswith("# ---"), "comments of ours follow, which sbatch passes over"
    assert not head[-1].startswith("#SBATCH")
    parsed = subprocess.run(["bash", "-n"], input=job["script"].encode(), capture_output=True, check=False)
    assert (parsed.returncode, parsed.stderr) == (0, b"")
