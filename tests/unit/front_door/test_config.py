"""The configuration, as HTCondor's own parser reads it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hosted_ce.front_door import values
from hosted_ce.front_door.ads import attributes
from hosted_ce.front_door.config import condor_config
from hosted_ce.front_door.errors import Unwritable
from hosted_ce.front_door.layout import Layout
from hosted_ce.front_door.programs import Programs
from hosted_ce.intake.condor.attributes import PROTECTED
from hosted_ce.site import FrontDoor, SiteFile
from tests.unit.front_door.oracle import ConfigReader, config_reader, evaluated
from tests.unit.front_door.sites import machine, site_with

anything = st.text(max_size=30) | st.sampled_from(
    [
        "a\nALLOW_WRITE = *",
        "a\\",
        "$(HOME)",
        "$ENV(HOME)",
        "$$(x)",
        '"',
        'a" b',
        "a # b",
        "@=end",
        "a, b",
        " a",
        "a ",
    ]
)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConfigReader]:
    with config_reader(tmp_path_factory.mktemp("config")) as opened:
        yield opened


def read(reader: ConfigReader, site: SiteFile, **of_machine: Any) -> dict[str, str]:
    assert site.front_door is not None
    return reader.read(condor_config(site, site.front_door, machine(**of_machine), "1.2.3"))


def test_places_and_limits(reader: ConfigReader) -> None:
    found = read(reader, site_with(door={"port": 9700, "max_jobs": 77}))
    assert found["SPOOL"] == "/var/lib/hosted-ce/front-door/spool"
    assert found["CERTIFICATE_MAPFILE"] == "/var/lib/hosted-ce/front-door/mapfile"
    assert found["SHARED_PORT"] == "/usr/libexec/condor/condor_shared_port"
    assert found["SCHEDD"] == "/usr/sbin/condor_schedd"
    assert (found["SHARED_PORT_PORT"], found["COLLECTOR_PORT"]) == ("9700", "9700")
    assert found["MAX_JOBS_SUBMITTED"] == "77"
    assert found["SCITOKENS_SERVER_AUDIENCE"] == (
        "ce.example.edu:9700, https://ce.example.edu:9700, condor://ce.example.edu:9700"
    )
    assert set(found["PROTECTED_JOB_ATTRS"].split()) == set(PROTECTED)
    assert found["QUEUE_SUPER_USERS"] == "hosted-ce@users.htcondor.org"


def test_where_libexec_is_not_beside_the_programs_the_default_stays(reader: ConfigReader) -> None:
    found = read(reader, site_with(), programs=Programs(Path("/opt/condor/sbin/condor_master")))
    assert found["LIBEXEC"] == "/opt/condor/libexec"


@pytest.mark.parametrize(
    ("bind", "interface", "collector", "forwarding"),
    [
        (None, "*", "127.0.0.1:9619", None),
        ("0.0.0.0", "*", "127.0.0.1:9619", "ce.example.edu"),
        ("::", "*", "127.0.0.1:9619", "ce.example.edu"),
        ("192.0.2.7", "192.0.2.7", "192.0.2.7:9619", "ce.example.edu"),
        ("2001:db8::7", "2001:db8::7", "[2001:db8::7]:9619", "ce.example.edu"),
        ("127.0.0.1", "127.0.0.1", "127.0.0.1:9619", None),
    ],
)
def test_what_is_listened_on_and_what_clients_are_told(
    reader: ConfigReader, bind: str | None, interface: str, collector: str, forwarding: str | None
) -> None:
    found = read(reader, site_with(door={"bind": bind} if bind else {}))
    assert (found["NETWORK_INTERFACE"], found["COLLECTOR_HOST"]) == (interface, collector)
    assert found.get("TCP_FORWARDING_HOST") == forwarding
    assert (found["BIND_ALL_INTERFACES"] == "True") == (interface == "*")


def test_authorities_and_central_collectors(reader: ConfigReader) -> None:
    plain = read(reader, site_with())
    assert plain["AUTH_SSL_CLIENT_USE_DEFAULT_CAS"] == "True"
    assert "CONDOR_VIEW_HOST" not in plain
    asked = {"trusted_ca": "/ca", "advertise_to": ["a.example.org:9619", "b.example.org:9619"]}
    as_file, as_folder = (
        read(reader, site_with(door=asked), ca_is_folder=is_folder) for is_folder in (False, True)
    )
    assert (as_file["AUTH_SSL_CLIENT_CAFILE"], as_folder["AUTH_SSL_CLIENT_CADIR"]) == ("/ca", "/ca")
    assert as_file["AUTH_SSL_CLIENT_USE_DEFAULT_CAS"] == "False"
    assert as_file["CONDOR_VIEW_HOST"] == "a.example.org:9619, b.example.org:9619"
    assert as_file["CONDOR_VIEW_CLASSAD_TYPES"] == "Scheduler"


def test_ads_say_what_factories_look_for(reader: ConfigReader) -> None:
    routes = [
        {
            "name": "gpu", "limits": {"pilots": 8},
            "request": {"cpus": 8, "memory": "32 GB", "walltime": "24h", "queue": "gpu", "gpus": 2},
        },
        {"name": "whole", "request": {"whole_node": True}},
    ]  # fmt: skip
    found = read(reader, site_with(routes=routes, resource_group="Example"))
    published = found["SCHEDD_ATTRS"].split()
    told = {name: evaluated(found[name]) for name in published if name in found}
    assert told["OSG_Resource"] == "Example-CE1"
    assert told["OSG_ResourceGroup"] == "Example"
    assert told["OSG_BatchSystems"] == "SLURM"
    assert told["grid_resource"] == "condor ce.example.edu ce.example.edu:9619"
    assert told["HTCondorCEVersion"] == "hosted-ce 1.2.3"
    gpu, whole = told["OSG_ResourceCatalog"]
    assert dict(gpu) == {
        "Name": "gpu", "IsPilotEntry": True, "CPUs": 8, "Memory": 32768, "MaxWallTime": 1440, "MaxPilots": 8,
        "Queue": "gpu", "GPUs": 2,
    }  # fmt: skip
    assert whole["WholeNode"] is True
    assert "Queue" not in whole
    assert "GPUs" not in whole


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(text=anything)
def test_values_are_read_as_they_were_or_refused(reader: ConfigReader, text: str) -> None:
    for check in (values.word, values.string, lambda given: values.path(Path(given))):
        try:
            written = check(text)
        except Unwritable:
            continue
        found = reader.read(f"LOCAL_CONFIG_FILE =\nX_BEFORE = 1\nX_VALUE = {written}\nX_AFTER = 2\n")
        assert (found["X_BEFORE"], found["X_VALUE"], found["X_AFTER"]) == ("1", written, "2")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
@given(
    text=anything,
    field=st.sampled_from(["resource", "site", "host", "certificate", "queue", "folder", "user"]),
)
@example(text=".", field="host")
def test_no_value_breaks_out_of_its_place(reader: ConfigReader, text: str, field: str) -> None:
    """Models made past their checks: what the site file's own checks let through is not the last line."""
    site, on = site_with(routes=[{"name": "default", "request": {"queue": "osg"}}]), machine()
    door = site.front_door
    assert door is not None
    baseline = reader.read(condor_config(site, door, on, "1"))
    try:
        written = condor_config(*_spoiled(site, door, field, text), _machine(field, text), "1")
    except Unwritable:
        return
    found = reader.read(written)
    derived = {"HOSTNAME"}  # HTCondor's own, of the host's first label; "." has none
    assert found.keys() | derived == baseline.keys() | derived
    for name in ("ALLOW_WRITE", "ALLOW_ADMINISTRATOR", "DENY_WRITE", "DAEMON_LIST", "MAX_JOBS_SUBMITTED"):
        assert found[name] == baseline[name] or field == "user"


def _spoiled(site: SiteFile, door: FrontDoor, field: str, text: str) -> tuple[SiteFile, FrontDoor]:
    match field:
        case "resource" | "site":
            name = "resource" if field == "resource" else "resource_group"
            return site.model_copy(update={name: text}), door
        case "host":
            return site, door.model_copy(update={"host": text})
        case "certificate":
            return site, door.model_copy(update={"certificate": Path(f"/{text}")})
        case "queue":
            route = site.routes[0]
            request = route.request.model_copy(update={"queue": text})
            return site.model_copy(update={"routes": (route.model_copy(update={"request": request}),)}), door
        case _:
            return site, door


def _machine(field: str, text: str) -> Any:
    if field == "folder":
        return machine(layout=Layout(Path(f"/{text}")))
    return machine(user=text) if field == "user" else machine()


def test_a_path_that_cannot_be_written_is_told_with_what_may_be_in_it() -> None:
    site = site_with()
    assert site.front_door is not None
    with pytest.raises(Unwritable, match="use one of letters, digits and"):
        condor_config(site, site.front_door, machine(layout=Layout(Path("/var/lib/my state"))), "1")


def test_attributes_of_a_walltime_below_a_minute_are_still_a_minute() -> None:
    site = site_with(routes=[{"name": "short", "request": {"walltime": "1m"}}])
    assert site.front_door is not None
    assert "MaxWallTime = 1;" in attributes(site, site.front_door, "1")["OSG_ResourceCatalog"]
