"""How the site contributes, and under which names."""

from __future__ import annotations

from collections.abc import Callable

from hosted_ce.site_init.question import UNKNOWN, Answers, Question, fixed

HOSTED, LOCAL, CONTAINERS = "1a", "1b", "2"
"""The options of the OSPool's integration process."""


def is_hosted(answers: Answers) -> bool:
    """Whether OSG runs the CE, and it goes to the site by SSH."""
    return answers.get("option") == HOSTED


def has_batch_system(answers: Answers) -> bool:
    """Whether the site contributes by a batch system, and so by a CE."""
    return answers.get("option") in (HOSTED, LOCAL)


def _of_site(suffix: str) -> Callable[[Answers], str | None]:
    def default(answers: Answers) -> str | None:
        site = str(answers.get("site", UNKNOWN))
        return None if site == UNKNOWN or len(site) > 100 else f"{'-'.join(site.split())}{suffix}"  # noqa: PLR2004

    return default


NAMES = (
    Question(
        "option",
        "How the site contributes",
        "There are three ways. In 1a OSG runs the CE and submits to your batch system by SSH, through an "
        "account at a login node; you run nothing for us. In 1b you run the same CE on a machine of yours. "
        "In 2 you run containers that join the OSPool, without a CE.",
        "1a",
        "choice",
        default=fixed(HOSTED),
        choices={
            HOSTED: "a Hosted CE: OSG runs it, and comes by SSH",
            LOCAL: "a CE that the site runs on its own machine",
            CONTAINERS: "containers that the site starts, and no CE",
        },
    ),
    Question(
        "site",
        "Name of the site in OSG Topology",
        "OSG Topology is OSG's register of sites. Accounting, the factory and the maps of contributions "
        "find you by this name, so all have to spell it alike. If you are not registered yet, propose a "
        "name: your institution, with hyphens.",
        "Example-University",
        "topology",
        unknown="the site's name in OSG Topology",
        asked_if=has_batch_system,
        place=("site",),
        stands_in="Example-University",
    ),
    Question(
        "resource",
        "Name of the resource in OSG Topology",
        "The resource is this CE. A site with two clusters has two of them, so the name usually ends with a "
        "number.",
        "Example-CE1",
        "topology",
        default=_of_site("-CE1"),
        unknown="the CE's name in OSG Topology",
        asked_if=has_batch_system,
        place=("resource",),
        stands_in="Example-CE1",
    ),
    Question(
        "resource_group",
        "Name of the resource group in OSG Topology",
        "A resource group holds the resources of one cluster or department. Small sites have one group with "
        "the name of the site.",
        "Example-University",
        "topology",
        default=_of_site(""),
        unknown="the resource group's name in OSG Topology",
        asked_if=has_batch_system,
        place=("resource_group",),
    ),
    Question(
        "contacts",
        "Mail addresses of those who look after the cluster",
        "We write to them when your cluster refuses our jobs, before we change anything, and to nobody "
        "else. A list that several people read outlives holidays.",
        "hpc-admins@example.edu, jane@example.edu",
        "emails",
        unknown="who looks after the cluster",
        asked_if=has_batch_system,
        place=("contacts",),
    ),
)
