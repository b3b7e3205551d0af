"""The manifests are what Kubernetes takes, keep two CEs apart, and fit what the CE asks of its files."""

from __future__ import annotations

import shutil
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from hosted_ce.routing.compile import check_expression
from hosted_ce.site.source import check_text
from tests.unit.deployment.files import (
    EXAMPLE,
    KUBERNETES,
    Manifest,
    base,
    containers,
    manifests,
    pod,
    rendered,
)

VERSIONS = ("1.32", "1.37")
"""The oldest that the manifests are for, and the newest whose schemas are here."""
NOT_ITS_OWN = {"Certificate", "ServiceMonitor"}
"""Kinds of cert-manager and of the Prometheus operator: their schemas are not here."""

needs_kubectl = pytest.mark.skipif(
    not shutil.which("kubectl"), reason="needs kubectl, which renders overlays"
)


def of_kubernetes(documents: list[Manifest]) -> list[Manifest]:
    return [each for each in documents if each["kind"] not in NOT_ITS_OWN]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_manifest_fits_its_schema(version: str) -> None:
    files = [each for each in sorted(KUBERNETES.rglob("*.yaml")) if each != EXAMPLE / "site.yaml"]
    found = of_kubernetes(manifests(*files))
    kinds = {each["kind"] for each in found}
    assert kinds >= {"StatefulSet", "Service", "NetworkPolicy", "Namespace", "ConfigMap", "Pod"}
    for each in found:
        kubernetes_validate.validate(each, version, strict=True)


def test_a_slip_of_the_pen_is_seen() -> None:
    stateful = base()["StatefulSet"]
    stateful["spec"]["replica"] = 1
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(stateful, VERSIONS[0], strict=True)


def test_there_are_never_two() -> None:
    spec = base()["StatefulSet"]["spec"]
    (claim,) = spec["volumeClaimTemplates"]
    assert spec["replicas"] == 1
    assert claim["spec"]["accessModes"] == ["ReadWriteOncePod"]
    assert spec["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"}
    assert "updateStrategy" not in spec, "the default ends the pod before it begins another"


@pytest.mark.parametrize("name", ["hosted-ce", "front-door"])
def test_a_container_may_do_nothing_that_it_does_not_need(name: str) -> None:
    assert containers()[name]["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    assert pod()["securityContext"]["runAsNonRoot"]
    assert pod()["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not pod()["automountServiceAccountToken"]


def test_no_service_becomes_a_setting() -> None:
    """Of a Service named hosted-ce there would be a variable HOSTED_CE_PORT."""
    rest, _ = manifests(*sorted((KUBERNETES / "components/at-rest").glob("*.yaml")))
    assert [each["enableServiceLinks"] for each in (pod(), rest["spec"])] == [False, False]


def test_the_files_are_as_the_ce_asks() -> None:
    """tests/unit/test_secret_modes.py: a key of root's is taken if only a group of ours reads it."""
    account = pod()["securityContext"]
    assert account["fsGroup"] == account["runAsGroup"] == account["runAsUser"]
    assert account["fsGroupChangePolicy"] == "OnRootMismatch", "else the state is opened to the group"
    (site,) = (each["projected"] for each in pod()["volumes"] if each["name"] == "site")
    assert site["defaultMode"] == 0o440
    for container in containers().values():
        assert not [each for each in container["volumeMounts"] if "subPath" in each], (
            "they would not be renewed"
        )


def test_the_example_names_files_that_are_in_the_volume() -> None:
    site = check_text(
        (EXAMPLE / "site.yaml").read_text(), EXAMPLE / "site.yaml", check_expression=check_expression
    ).site
    own = yaml.safe_load((EXAMPLE / "kustomization.yaml").read_text())
    files = {
        name
        for kind in ("configMapGenerator", "secretGenerator")
        for each in own[kind]
        for name in each["files"]
    }
    (volume,) = (each["projected"]["sources"] for each in pod()["volumes"] if each["name"] == "site")
    files |= {item["path"] for source in volume for item in source.get("secret", {}).get("items", ())}
    (main,) = site.clusters.values()
    door = site.front_door
    assert door is not None
    named = [main.key, main.known_hosts, door.certificate, door.certificate_key]
    assert {Path("/etc/hosted-ce") / each for each in files - {"site.yaml"}} == set(named)
    assert door.bind == "0.0.0.0"
    settings = yaml.safe_load((EXAMPLE / "settings.yaml").read_text())["data"]
    assert settings["HOSTED_CE_PUBLIC_URL"] == f"https://{door.host}"


def test_at_rest_is_as_the_ce_but_for_what_it_does() -> None:
    """What is written there is the CE's to read, and what the one reaches, the other does."""
    rest, volume = manifests(*sorted((KUBERNETES / "components/at-rest").glob("*.yaml")))
    (container,) = rest["spec"]["containers"]
    (claim,) = base()["StatefulSet"]["spec"]["volumeClaimTemplates"]
    assert rest["spec"]["securityContext"] == pod()["securityContext"]
    assert container["securityContext"] == containers()["hosted-ce"]["securityContext"]
    assert container["volumeMounts"] == containers()["hosted-ce"]["volumeMounts"]
    assert volume["spec"] == claim["spec"]
    assert (
        volume["metadata"]["name"]
        == "state-hosted-ce-0"
        == rest["spec"]["volumes"][0]["persistentVolumeClaim"]["claimName"]
    )
    labels = base()["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"]
    assert labels.items() <= rest["metadata"]["labels"].items()


def test_no_key_is_ever_in_the_repository() -> None:
    ignored = (KUBERNETES / ".gitignore").read_text().splitlines()
    assert "sites/*/*.key" in ignored
    assert not [each for each in EXAMPLE.glob("*.key*") if "PRIVATE" in each.read_text()]


@needs_kubectl
def test_the_example_is_whole(tmp_path: Path) -> None:
    found = rendered(tmp_path)
    for each in of_kubernetes(found):
        kubernetes_validate.validate(each, VERSIONS[-1], strict=True)
    by_kind = {each["kind"]: each for each in found}
    host = "ce.example.edu"
    assert by_kind["Certificate"]["spec"]["dnsNames"] == [host]
    assert by_kind["Service"]["metadata"]["annotations"]["external-dns.alpha.kubernetes.io/hostname"] == host
    assert {each["metadata"].get("namespace", each["metadata"]["name"]) for each in found} == {"ce-example"}
    referred = {source[kind]["name"] for source in volume_sources(by_kind["StatefulSet"]) for kind in source}
    made = {each["metadata"]["name"] for each in found if each["kind"] in {"ConfigMap", "Secret"}}
    assert referred - made == {by_kind["Certificate"]["spec"]["secretName"]}, "made by cert-manager"
    labels = by_kind["StatefulSet"]["spec"]["template"]["metadata"]["labels"]
    for selector in (
        by_kind["StatefulSet"]["spec"]["selector"]["matchLabels"],
        by_kind["Service"]["spec"]["selector"],
        by_kind["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
    ):
        assert selector.items() <= labels.items()
        assert selector
    assert (
        by_kind["ServiceMonitor"]["spec"]["selector"]["matchLabels"].items()
        <= by_kind["Service"]["metadata"]["labels"].items()
    )


@needs_kubectl
def test_a_site_at_rest_has_no_ce_and_the_image_of_its_release(tmp_path: Path) -> None:
    found = rendered(tmp_path, "../../components/at-rest")
    by_name = {(each["kind"], each["metadata"]["name"]): each for each in found}
    stateful, rest = by_name["StatefulSet", "hosted-ce"], by_name["Pod", "at-rest"]
    assert stateful["spec"]["replicas"] == 0
    images = {
        each["image"]
        for each in (*rest["spec"]["containers"], *stateful["spec"]["template"]["spec"]["containers"])
    }
    assert images == {"registry.example.org/osg/hosted-ce:0.1.0"}


def volume_sources(stateful: Manifest) -> list[Manifest]:
    (site,) = (
        each["projected"]
        for each in stateful["spec"]["template"]["spec"]["volumes"]
        if each["name"] == "site"
    )
    found: list[Manifest] = site["sources"]
    return found
