"""The image, the manifests and the units of systemd say the same, and of things that exist."""

from __future__ import annotations

import shlex
import tomllib
from pathlib import PurePosixPath

import pytest
import yaml

from hosted_ce.settings import Settings
from tests.unit.deployment.files import (
    EXAMPLE,
    ROOT,
    base,
    containers,
    image_environment,
    instructions,
    pod,
    unit,
)

UNITS = {"hosted-ce": "hosted-ce.service", "front-door": "hosted-ce-front-door.service"}
SETTINGS = {f"HOSTED_CE_{name.upper()}" for name in Settings.model_fields}


def given() -> dict[str, str]:
    """All variables of ours that the image and the manifests set."""
    found = dict(image_environment())
    for container in containers().values():
        found |= {each["name"]: each["value"] for each in container.get("env", ())}
    found |= yaml.safe_load((EXAMPLE / "settings.yaml").read_text())["data"]
    return {name: value for name, value in found.items() if name.startswith("HOSTED_CE_")}


def test_every_variable_is_a_setting() -> None:
    assert given()
    assert given().keys() - SETTINGS == set()


def test_the_settings_can_be_used_together(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in given().items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    https = next(each for each in containers()["hosted-ce"]["ports"] if each["name"] == "https")
    assert settings.port == https["containerPort"]
    assert settings.tls_certificate is not None
    assert settings.tls_key is not None


@pytest.mark.parametrize("name", UNITS)
def test_a_container_runs_what_the_unit_runs(name: str) -> None:
    program, *words = shlex.split(unit(UNITS[name])["ExecStart"])
    plain = words[: words.index("--site")]
    environment = image_environment()
    assert containers()[name]["args"] == [PurePosixPath(program).name, *plain]
    assert str(PurePosixPath(program).parent) in environment["PATH"].split(":")
    options = dict(zip(words[len(plain) :: 2], words[len(plain) + 1 :: 2], strict=True))
    assert options["--site"] == environment["HOSTED_CE_SITE"]
    assert environment["HOSTED_CE_STATE"].startswith(f"{options['--state']}/"), "a folder in the volume"


def test_what_the_image_names_is_mounted() -> None:
    environment = image_environment()
    for container in containers().values():
        mounted = {each["name"]: PurePosixPath(each["mountPath"]) for each in container["volumeMounts"]}
        assert PurePosixPath(environment["HOSTED_CE_SITE"]).parent == mounted["site"]
        assert PurePosixPath(environment["HOSTED_CE_STATE"]).parent == mounted["state"]
    assert {"state", *(each["name"] for each in pod()["volumes"])} == {"state", "site", "tmp"}


def test_the_account_is_one() -> None:
    account = pod()["securityContext"]["runAsUser"]
    assert instructions("USER") == [f"{account}:{account}"]
    (made,) = (line for line in instructions("RUN") if "useradd" in line)
    assert f"--uid {account} --gid {account}" in made


def test_the_end_may_take_as_long_as_systemd_gives_it() -> None:
    assert pod()["terminationGracePeriodSeconds"] == int(unit(UNITS["front-door"])["TimeoutStopSec"])


def test_ports_are_those_of_the_image() -> None:
    exposed = {int(port) for line in instructions("EXPOSE") for port in line.split()}
    assert {port["containerPort"] for each in containers().values() for port in each["ports"]} == exposed
    named = {port["name"] for each in containers().values() for port in each["ports"]}
    assert {port["targetPort"] for port in base()["Service"]["spec"]["ports"]} == named


def test_the_image_has_all_that_the_wheel_is_made_of() -> None:
    copied = [shlex.split(line)[:-1] for line in instructions("COPY") if "--from" not in line]
    sources = [source for line in copied for source in line]
    for source in sources:
        assert (ROOT / source).exists(), source
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    for wanted in (*wheel["packages"], *wheel["force-include"], "pyproject.toml", "README.md", "LICENSE"):
        assert wanted in sources


def test_nothing_is_installed_without_its_checksum() -> None:
    installs = [
        part
        for line in instructions("RUN")
        for part in line.split("&&")
        if "pip" in part and "install" in part
    ]
    assert len(installs) == 3
    for each in installs:
        assert "--require-hashes" in each or "--no-index" in each, each
