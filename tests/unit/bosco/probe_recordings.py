"""Whole probes as they were recorded (tests/e2e/record_probe.py), given to a codec command by command."""

from __future__ import annotations

import json
from pathlib import Path

from bosco.batch.facts import BatchFacts
from bosco.batch.model import CommandResult
from bosco.batch.protocol import BatchSystem

CORPORA = Path(__file__).parents[2] / "corpora"
USER = "hce-site"


def probed(codec: BatchSystem, corpus: str, name: str) -> BatchFacts:
    """What the codec makes of a recording. It must ask for exactly the commands that were recorded."""
    folder, dialogue, number = CORPORA / corpus, codec.probe(USER), 0
    command = next(dialogue)
    while True:
        number += 1
        recording = folder / f"probe-{name}-{number}"
        assert list(command.argv) == json.loads(recording.with_suffix(".argv").read_text())
        out, err = (recording.with_suffix(f".{output}").read_bytes() for output in ("stdout", "stderr"))
        try:
            command = dialogue.send(CommandResult(int(recording.with_suffix(".rc").read_text()), out, err))
        except StopIteration as end:
            assert not (folder / f"probe-{name}-{number + 1}.argv").exists(), "more was recorded"
            found: BatchFacts = end.value
            return found
