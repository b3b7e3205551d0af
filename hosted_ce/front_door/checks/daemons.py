"""What the running collector and schedd say. Pure: the answers come from `ask`."""

from __future__ import annotations

from collections.abc import Iterator

from hosted_ce.front_door.ask import Answers
from hosted_ce.front_door.checks.finding import Finding, failed, passed, warned
from hosted_ce.front_door.checks.subject import Subject
from hosted_ce.intake.condor.attributes import PROTECTED

NEEDED = ("OSG_Resource", "OSG_ResourceGroup", "OSG_BatchSystems", "OSG_ResourceCatalog", "grid_resource")
"""Without these factories make no entries for us."""

_START = "start it with `hosted-ce front-door start`; its logs are in front-door/log of the state folder"


def judge_daemons(subject: Subject, answers: Answers) -> Iterator[Finding]:
    """Collector, schedd, and what we may do there."""
    yield _judge_collector(subject, answers)
    yield _judge_schedd(answers)
    yield _judge_manager(answers)


def _judge_collector(subject: Subject, answers: Answers) -> Finding:
    if "schedds" in answers.errors:
        return failed("collector", f"it does not answer: {answers.errors['schedds']}", _START)
    host = subject.wanted.host
    ads = {ad["Name"]: ad for ad in answers.values["schedds"]}
    if host not in ads:
        known = ", ".join(ads) or "none"
        return failed("collector", f"it knows no schedd {host}, but: {known}", f"wait a minute, or {_START}")
    if absent := [name for name in NEEDED if name not in ads[host]]:
        todo = "run `hosted-ce front-door config`; a front door run elsewhere needs them in its SCHEDD_ATTRS"
        return failed("collector", f"the schedd's ad has no {', '.join(absent)}", todo)
    if ads[host]["OSG_Resource"] != subject.site.resource:
        seen = f"the schedd's ad is for resource {ads[host]['OSG_Resource']}, not {subject.site.resource}"
        return failed("collector", seen, "run `hosted-ce front-door config`")
    return passed("collector", f"it has the ad of {host}, with what factories look for")


def _judge_schedd(answers: Answers) -> Finding:
    if "jobs" in answers.errors:
        return failed("schedd", f"it does not answer: {answers.errors['jobs']}", _START)
    return passed("schedd", f"it answers; {answers.values['jobs']} pilots are in its queue")


def _judge_manager(answers: Answers) -> Finding:
    if wrong := [
        answers.errors[name] for name in ("identity", "users", "settings") if name in answers.errors
    ]:
        return failed("manager", f"what we may do is not known: {wrong[0]}", _START)
    name, settings = answers.values["identity"], answers.values["settings"]
    if name not in _words(settings["QUEUE_SUPER_USERS"]):
        todo = "run this as the user of the front door, or add this name to its QUEUE_SUPER_USERS"
        return failed("manager", f"the schedd takes us as {name}, who is no queue super user", todo)
    if name not in answers.values["users"]:
        todo = "run the front door as the same user, or add the name there with condor_qusers"
        return failed("manager", f"the schedd has no record of {name}, and takes no edits of others", todo)
    protected = {each.lower() for each in _words(settings["PROTECTED_JOB_ATTRS"])}
    if bare := [each for each in PROTECTED if each.lower() not in protected]:
        todo = "add them to its PROTECTED_JOB_ATTRS: factories could change them otherwise"
        return warned("manager", f"we are {name}; not protected: {', '.join(bare)}", todo)
    return passed("manager", f"we are {name}, queue super user; our attributes are protected")


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()
