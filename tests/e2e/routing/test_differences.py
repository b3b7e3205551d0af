"""Where we differ from HTCondor on purpose: what it does, and what we do (docs/developers/routing.md)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hosted_ce.routing.htcondor.ad_text import read_ad
from hosted_ce.routing.htcondor.matching import choose
from hosted_ce.routing.htcondor.router import route_ad
from hosted_ce.routing.htcondor.run import TransformFailed
from tests.e2e.routing import ours
from tests.e2e.routing.batches import PLAIN
from tests.e2e.routing.oracle import Oracle, OracleDied

HEAD = "JOB_ROUTER_SOURCE_JOB_CONSTRAINT = true\nJOB_ROUTER_ROUTE_NAMES = A\n"


def route(*lines: str, before: str = "") -> str:
    return f"{HEAD}{before}JOB_ROUTER_ROUTE_A @=end\n" + "".join(f"{line}\n" for line in lines) + "@end\n"


def theirs(oracle: Oracle, config: str, pilot: str = PLAIN) -> dict[str, str] | None:
    return oracle.judge(config, [pilot]).ads.get("1.0")


def by_us(config: str, pilot: str = PLAIN) -> dict[str, str] | None:
    return ours.judge(ours.load(config), [pilot]).get("1.0")


def test_a_pilot_s_text_is_not_expanded(oracle: Oracle) -> None:
    """Whoever sends a pilot could otherwise read the configuration and the environment of the CE."""
    config = route('SET x "$(MY.queue)"', before="secret = s3\n")
    pilot = f'{PLAIN}queue = "<$(secret)>"\n'
    assert (theirs(oracle, config, pilot) or {})["x"] == '"<s3>"'
    assert (by_us(config, pilot) or {})["x"] == '"<$(secret)>"'


def test_the_environment_of_the_ce_is_not_seen(oracle: Oracle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTED_CE_SECRET", "s3")
    config = route('SET x "$ENV(HOSTED_CE_SECRET)"')
    assert (theirs(oracle, config) or {})["x"] == '"s3"'
    assert (by_us(config) or {})["x"] == '"UNDEFINED"'


def test_macros_without_end(oracle: Oracle) -> None:
    config = route("a = $(b)", "b = $(a)", "SET x $(a)")
    with pytest.raises(OracleDied, match="did not end"):
        oracle.judge(config, [PLAIN], timeout=3)
    router = ours.load(config)
    assert router
    with pytest.raises(TransformFailed, match="config:6: more than 10000 macros"):
        route_ad(router, router.routes[0], read_ad(PLAIN))


def test_requirements_over_which_htcondor_ends_itself(oracle: Oracle) -> None:
    config = route("REQUIREMENTS true // everybody", "SET x 1")
    with pytest.raises(OracleDied, match="Failed to parse umbrella constraint") as caught:
        oracle.judge(config, [PLAIN])
    assert not caught.value.signal
    assert (by_us(config) or {})["x"] == "1"


def test_more_routes_than_the_library_evaluates_in_a_row(oracle: Oracle) -> None:
    names = [f"R{number}" for number in range(600)]
    config = f"{HEAD}JOB_ROUTER_ROUTE_NAMES = {' '.join(names)}\n"
    for number, name in enumerate(names):
        config += f"JOB_ROUTER_ROUTE_{name} @=end\nREQUIREMENTS x == {number}\nSET y 1\n@end\n"
    pilot = f"{PLAIN}x = 3\n"
    assert theirs(oracle, config, pilot) is None
    assert (by_us(config, pilot) or {})["RouteName"] == '"R3"'


def test_a_comma_that_touches_a_name(oracle: Oracle) -> None:
    """HTCondor makes a NUL of it, at which what it prints ends; its queue would take the name before it."""
    config = route("SET aa, 1", "SET b 2")
    assert "\naa\x00" not in oracle.judge(config, [PLAIN]).output
    assert theirs(oracle, config) is None
    routed = by_us(config) or {}
    assert (routed["aa"], routed["b"]) == ("1", "2")


def test_names_that_no_attribute_can_have(oracle: Oracle) -> None:
    config = route("SET a-b 1", "SET c 2")
    assert "\na-b = 1\n" in oracle.judge(config, [PLAIN]).output
    router = ours.load(config)
    assert router
    routed = route_ad(router, router.routes[0], read_ad(PLAIN))
    assert routed.ad.value("c") == 2
    assert [note.message for note in routed.notes] == [
        "this is passed over: 'a-b' cannot be the name of an attribute"
    ]


def test_an_ad_in_an_expression(oracle: Oracle) -> None:
    config = route("EVALSET x [ a = Owner ].a")
    assert (theirs(oracle, config) or {})["x"] == "undefined"
    assert (by_us(config) or {})["x"] == '"o"'


def test_functions_that_can_run_without_end(oracle: Oracle) -> None:
    config = route('EVALSET x eval("1 + 1")', "SET y 1")
    assert (theirs(oracle, config) or {})["x"] == "2"
    routed = by_us(config) or {}
    assert (routed.get("x"), routed["y"]) == (None, "1")


def test_metaknobs_in_conditions(oracle: Oracle) -> None:
    config = route("if defined use feature:GPUs", "SET x 1", "endif")
    assert (theirs(oracle, config) or {})["x"] == "1"
    assert ours.load(config) == replace(ours.load(config) or pytest.fail("no router"), routes=())


def test_output_remaps_in_a_circle(oracle: Oracle) -> None:
    pilot = f'{PLAIN}Out = "o"\nTransferOutputRemaps = "o=p;p=o"\n'
    config = route("SET x 1")
    assert "<abort>" in (theirs(oracle, config, pilot) or {})["Out"]
    assert (by_us(config, pilot) or {})["Out"] == '"o"'


def test_a_pilot_hidden_by_an_error_is_told_why() -> None:
    """The same as HTCondor, which says nothing."""
    other = "JOB_ROUTER_ROUTE_B = SET y 1\nJOB_ROUTER_ROUTE_NAMES = A B\n"
    config = route("REQUIREMENTS size(x) == 1", before=other)
    router = ours.load(config)
    assert router
    choice = choose(router.routes, router.constraint, read_ad(f"{PLAIN}x = 1\n"))
    assert choice.route is None
    assert choice.trials[1].obstacle == (
        "HTCondor keeps the pilot from all routes, since `size(x) == 1` is an error for it"
    )
