"""Asks a login node and its batch system, over a link, all that the checks of a site want to know."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace

from bosco.batch.inspections import condition_of, rehearsal_of
from bosco.batch.model import BatchRequest
from bosco.batch.protocol import BatchSystem
from bosco.commands import Commands
from bosco.examined import Examination, Listed
from bosco.link import Link
from bosco.look import looked, looking
from bosco.probe import COMMAND_TIMEOUT_S, login_facts


async def examine(
    link: Link, batch: BatchSystem, commands: Commands, requests: Mapping[str, BatchRequest]
) -> AsyncGenerator[Examination, None]:
    """What is known after each step. `requests`: by route, what is tried. Raises what a link raises.

    It reads only, but for a small file that it makes and removes in the home and in the spool.
    """
    brief, user = replace(commands, timeout=min(commands.timeout, COMMAND_TIMEOUT_S)), link.facts["user"]
    login = await login_facts(link, batch, brief)
    known = Examination(login)
    yield known
    known = replace(known, look=looked(await brief.run(link, looking(login))))
    yield known
    known = replace(known, listed=await _listed(link, batch, brief, user))
    yield known
    if known.listed is None or not known.listed.listing.complete:
        return  # each further command would wait for the same controller
    known = replace(known, batch=await brief.talk(link, batch.probe(user)))
    yield known
    known = replace(known, condition=await brief.talk(link, condition_of(batch, user)))
    yield known
    for route, request in requests.items():
        tried = await brief.talk(link, rehearsal_of(batch, request))
        known = replace(known, asked_at=time.time(), rehearsals={**known.rehearsals, route: tried})
        yield known


async def _listed(link: Link, batch: BatchSystem, commands: Commands, user: str) -> Listed:
    began = time.monotonic()
    listing = await commands.talk(link, batch.listing(user))
    return Listed(listing, time.monotonic() - began)
