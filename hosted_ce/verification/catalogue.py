"""Every kind of advice: its id, a title, and why it matters. The ids stay; new ones are added at the end."""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """A kind of advice."""

    title: str
    why: str


KINDS = {
    "VF-1": Kind("Other cores than asked", "A pilot offers as many cores as it believes to have."),
    "VF-2": Kind("Other memory than asked", "A pilot that offers more memory than it has is killed for it."),
    "VF-3": Kind("Less time than asked", "A pilot that does not know its end takes too long jobs."),
    "VF-4": Kind("Other GPUs than asked", "GPU jobs need the GPUs that the pilot promises."),
    "VF-5": Kind("Another queue than asked", "Limits, priority and nodes are those of the queue."),
    "VF-6": Kind("Another account or QOS than asked", "The wrong budget pays, or the wrong limits hold."),
    "VF-7": Kind("More than one node", "A pilot uses one node: what it has of others lies idle."),
    "VF-8": Kind("The cores are hardly used", "The site gives cores that nobody computes on."),
    "VF-9": Kind("More CPU than granted", "Pilots take from their neighbours what was not given to them."),
    "VF-10": Kind("The memory is hardly used", "Memory that is asked and not used keeps other jobs out."),
    "VF-11": Kind("The memory is nearly full", "A little more, and the batch system kills the pilot."),
    "VF-12": Kind("The walltime is hardly used", "A job that asks for less starts sooner: it fits gaps."),
    "VF-13": Kind("Ended by walltime", "What a pilot does when its time is up is lost."),
    "VF-14": Kind("Ended for memory", "All that ran in the pilot is lost."),
    "VF-15": Kind("Preempted", "What ran is lost; many short runs do less than few long ones."),
    "VF-16": Kind("Ended by failures of nodes", "What ran is lost, and the node may do it again."),
    "VF-17": Kind("Removed at the site", "Something at the site ends pilots: it should be known why."),
    "VF-18": Kind("Ended at a limit of the site's own", "There is a limit of which pilots are not told."),
    "VF-19": Kind("Vanished", "No record of the end: what was used, and why it ended, is not known."),
    "VF-20": Kind("Ran nobody's job", "Pilots that fail at their start take cores and give nothing."),
    "VF-21": Kind("Cores that no pilot can use", "The shape does not fill the nodes: the rest stays empty."),
    "VF-22": Kind("Memory leaves cores unused", "Memory runs out before the cores do."),
    "VF-23": Kind("GPUs leave cores unused", "GPUs run out before the cores do."),
    "VF-24": Kind("Fits no node", "Such a pilot waits for ever."),
    "VF-25": Kind("The batch system does not say", "What is not recorded cannot be verified."),
}  # fmt: skip
