"""A node that a job must run on: each batch system's words for it. Pure.

`node` is its name in the batch system, or None for any node.
"""

from __future__ import annotations

from collections.abc import Iterator


def nodelist(node: str | None) -> Iterator[str]:
    """sbatch's option. Behind those of others: sbatch goes by the last."""
    if node:
        yield f"--nodelist={node}"


def is_member(node: str | None) -> Iterator[str]:
    """What HTCondor's requirements have to say; upper and lower case are the same to it."""
    if node:
        yield f'TARGET.Machine == "{node}"'


def chunk(node: str | None) -> Iterator[str]:
    """A part of OpenPBS's chunk. `host` is what `exec_host` has."""
    if node:
        yield f"host={node}"


def on_hosts(node: str | None) -> Iterator[str]:
    """bsub's option."""
    if node:
        yield from ("-m", node)
