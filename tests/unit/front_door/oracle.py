"""HTCondor's own reading of its files: the library's parsers, without any daemon."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import htcondor2  # isort: skip - before classad2: it switches the library to HTCondor's semantics
import classad2  # isort: skip

_READER = """
import json, sys
import htcondor2
for line in sys.stdin:
    htcondor2.reload_config()
    print(json.dumps({name: str(htcondor2.param[name]) for name in htcondor2.param}), flush=True)
"""

_numbers = itertools.count()


class ConfigReader:
    """Reads configuration files, each as if it were the only one, in a process of its own."""

    def __init__(self, file: Path, process: subprocess.Popen[str]) -> None:
        self._file = file
        self._process = process

    def read(self, text: str) -> dict[str, str]:
        """Every macro that has a value, with HTCondor's defaults."""
        self._file.write_text(text, encoding="utf-8")
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print("again", file=self._process.stdin, flush=True)
        found: dict[str, str] = json.loads(self._process.stdout.readline())
        return found


@contextmanager
def config_reader(folder: Path) -> Iterator[ConfigReader]:
    """A reader for as long as the context lasts."""
    argv = [sys.executable, "-c", _READER]
    pipes: Mapping[str, Any] = {
        "stdin": subprocess.PIPE,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.DEVNULL,
    }
    file = folder / "condor_config"
    file.touch()
    with subprocess.Popen(
        argv, text=True, env={**os.environ, "CONDOR_CONFIG": str(file)}, **pipes
    ) as process:
        yield ConfigReader(file, process)


class TokenMap:
    """A mapfile as HTCondor reads it, for tokens."""

    def __init__(self, folder: Path, text: str) -> None:
        self._name = f"map{next(_numbers)}"
        file = folder / self._name
        lines = [line for line in text.splitlines() if line.startswith("SCITOKENS ")]
        file.write_text("".join(f"*{line.removeprefix('SCITOKENS')}\n" for line in lines))
        htcondor2.load_a_config_usermap_file(self._name, str(file))

    def identity(self, issuer: str, subject: str) -> str | None:
        """Whom a token comes as; None: nobody."""
        ad = classad2.ClassAd({"Principal": f"{issuer},{subject}"})
        found = classad2.ExprTree(f'userMap("{self._name}", Principal)').eval(ad)
        return None if isinstance(found, classad2.Value) else str(found)


def evaluated(expression: str) -> Any:
    """The value of a ClassAd expression as the configuration has it."""
    ad = classad2.parseOne(f"X = {expression}", classad2.ParserType.Old)
    return ad.eval("X")
