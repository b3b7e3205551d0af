"""All harnesses, by name."""

from __future__ import annotations

from collections.abc import Mapping

from tests.fuzz.target import Target
from tests.fuzz.targets import batch, classads, frames, shown, spool, texts

TARGETS: Mapping[str, Target] = {
    target.name: target
    for module in (frames, spool, batch, classads, texts, shown)
    for target in module.TARGETS
}
