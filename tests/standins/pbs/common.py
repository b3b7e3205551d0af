"""What all of PBS's commands do: their options, ids, and the words of a server that is away."""

from __future__ import annotations

import re
import sys
from typing import Any

from machine import client
from machine.state import Place

VERSION = {"openpbs": "pbs_version = 23.06.06\n", "torque": "Version: 6.1.3\nCommit: \n"}
AWAY_CODE = {"openpbs": 162, "torque": 111}


class Refused(Exception):
    """The command fails with these lines and this exit code."""

    def __init__(self, code: int, text: str = ""):
        super().__init__(text)
        self.code, self.text = code, text


def version(flavour: str, arguments: list[str]) -> bool:
    """`--version`: OpenPBS tells it on standard output, Torque on standard error."""
    if arguments != ["--version"]:
        return False
    (sys.stdout if flavour == "openpbs" else sys.stderr).write(VERSION[flavour])
    return True


def options(arguments: list[str], valued: str, plain: str) -> tuple[list[tuple[str, str]], list[str]]:
    """getopt's: options end at the first operand. Raises Refused."""
    found, rest = [], list(arguments)
    while rest and rest[0].startswith("-") and rest[0] != "-":
        word = rest.pop(0)[1:]
        while word:
            letter, word = word[0], word[1:]
            if letter in valued:
                if not word and not rest:
                    raise Refused(2, f"option requires an argument -- '{letter}'\nusage:\n")
                found.append((letter, word or rest.pop(0)))
                word = ""
            elif letter in plain:
                found.append((letter, ""))
            else:
                raise Refused(2, f"invalid option -- '{letter}'\nusage:\n")
    return found, rest


def number_of(place: Place, flavour: str, command: str, operand: str) -> int:
    """The job that is meant. Raises Refused."""
    found = re.fullmatch(r"(\d+)(?:\.(.*))?", operand)
    server = place.settings["server"]
    if not found or (found[2] and found[2].split(".")[0] != server.split(".")[0]):
        raise Refused(1, f"{command}: illegally formed job identifier: {operand}\n")
    return int(found[1])


def away(place: Place, flavour: str, command: str) -> str:
    """What a command says when there is no server."""
    server = place.settings["server"]
    if flavour == "torque":
        unable = (
            f"\nUnable to communicate with {server}(10.88.0.2)\n"
            f"Cannot connect to specified server host '{server}'.\n"
        )
        tail = "qstat: Error (111 - Connection refused) \n" if command == "qstat" else ""
        times = 3 if command == "qstat" else 1
        return (
            unable * times
            + f"{command}: cannot connect to server {server} (errno=111) Connection refused\n{tail}"
        )
    if command == "qdel":
        return f"Connection refused\nCouldn't connect to cluster: {server}\n"
    return f"Connection refused\n{command}: cannot connect to server {server} (errno=15010)\n"


def run(folder: str, flavour: str, command: str, work: Any, *, away_code: int | None = None) -> int:
    """Does the work, with the words of what goes wrong."""
    try:
        return int(work() or 0)
    except Refused as refused:
        sys.stderr.write(refused.text)
        return refused.code
    except client.Away:
        sys.stderr.write(away(Place(folder), flavour, command))
        return away_code or AWAY_CODE[flavour]


def job_id(place: Place, number: int) -> str:
    """As printed."""
    return f"{number}.{place.settings['server']}"


def visible(job: dict[str, Any], *, history: bool, flavour: str) -> bool:
    """Whether qstat and qselect show it."""
    return job["phase"] != "ended" or flavour == "torque" or history
