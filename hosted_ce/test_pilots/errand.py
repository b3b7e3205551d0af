"""What a test pilot or a check is to do at the site, and where."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.spec import FileRef, PilotSpec, Scalar
from hosted_ce.routing.aim import ANYWHERE, Aim

AIM = "aim"
"""In a pilot's specification: where it is to go."""
PATIENCE = "patience_s"
"""In a pilot's specification: it is removed if it has not begun so many seconds after it came."""
PATIENCE_S = 1800.0


@dataclass(frozen=True, slots=True)
class Errand:
    """A script, run with these arguments where `aim` says; given up if it has not begun within `patience_s`.

    The purpose is TEST or CHECK.
    """

    name: str
    """What it does in a word; its executable is called so."""
    purpose: Purpose
    script: bytes
    arguments: tuple[str, ...] = ()
    aim: Aim = ANYWHERE
    patience_s: float = PATIENCE_S

    def uploads(self) -> dict[str, bytes]:
        """Its files, by their SHA-256."""
        return {hashlib.sha256(self.script).hexdigest(): self.script}

    def document(self) -> dict[str, Any]:
        """The pilot's specification, as JSON. Raises ValueError for what no pilot may say."""
        executable = f"{self.name}.sh"
        [sha256] = self.uploads()
        spec = PilotSpec(
            executable=executable,
            arguments=self.arguments,
            inputs=(FileRef(name=executable, sha256=sha256, executable=True),),
            attributes=_attributes(self.aim),
        )
        return {**spec.model_dump(mode="json"), AIM: self.aim.written(), PATIENCE: self.patience_s}


def _attributes(aim: Aim) -> dict[str, Scalar]:
    """The shape in the words of a factory, for the conditions of routes."""
    minutes = None if aim.walltime_s is None else -(-aim.walltime_s // 60)
    asked = {"xcount": aim.cpus, "maxMemory": aim.memory_mb, "maxWallTime": minutes, "RequestGPUs": aim.gpus}
    said: dict[str, Scalar] = {name: value for name, value in asked.items() if value is not None}
    return said | ({"queue": aim.queue} if aim.queue else {})
