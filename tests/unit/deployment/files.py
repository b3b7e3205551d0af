"""What is in deploy/, read: units of systemd, the image's recipe, manifests of Kubernetes."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
KUBERNETES = ROOT / "deploy/kubernetes"
CONTAINERFILE = ROOT / "deploy/container/Containerfile"
EXAMPLE = KUBERNETES / "sites/example"

Manifest = dict[str, Any]


def manifests(*paths: Path) -> list[Manifest]:
    """All documents of these files, kustomizations left out."""
    read = [yaml.safe_load(path.read_text()) for path in paths if path.name != "kustomization.yaml"]
    return [each for each in read if each]


def base() -> dict[str, Manifest]:
    """The documents of the base, by their kinds."""
    return {each["kind"]: each for each in manifests(*sorted((KUBERNETES / "base").glob("*.yaml")))}


def pod() -> Manifest:
    """The pod that the base asks for."""
    found: Manifest = base()["StatefulSet"]["spec"]["template"]["spec"]
    return found


def containers() -> dict[str, Manifest]:
    """Its containers, by their names."""
    return {each["name"]: each for each in pod()["containers"]}


def rendered(folder: Path, *components: str) -> list[Manifest]:
    """What `kubectl apply -k` would send of the example, with a key in it and these parts as the first.

    The copy is made in `folder`.
    """
    example = shutil.copytree(KUBERNETES, folder / "kubernetes") / "sites/example"
    (example / "site.key").write_text("a key\n")
    own = yaml.safe_load((example / "kustomization.yaml").read_text())
    own["components"] = [*components, *own["components"]]
    (example / "kustomization.yaml").write_text(yaml.safe_dump(own))
    asked = ["kubectl", "kustomize", str(example)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def unit(name: str) -> dict[str, str]:
    """The part [Service] of a unit of systemd; of a key that is there twice, the last."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(ROOT / "deploy/systemd" / name)
    return dict(parser["Service"])


def instructions(word: str) -> list[str]:
    """What stands behind this word in the image's recipe, comments out and lines joined."""
    text = re.sub(r"^\s*#.*\n", "", CONTAINERFILE.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [line.split(maxsplit=1)[1] for line in text.splitlines() if line.startswith(f"{word} ")]


def image_environment() -> dict[str, str]:
    """The variables that the image sets."""
    return dict(each.split("=", 1) for line in instructions("ENV") for each in shlex.split(line))  # type: ignore[misc]
