"""lsid: the version, the cluster, its master. It needs no mbatchd."""

from __future__ import annotations


def main(folder: str, flavour: str, arguments: list[str]) -> int:
    """Prints them."""
    print(f"IBM Spectrum LSF Standard {flavour}.0.12, Jul 07 2021\n")
    print("My cluster name is c1\nMy master name is node1")
    return 0
