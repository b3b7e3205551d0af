"""What stands for a specification that was not read: of thousands of pilots it is most of what they take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class Unread(Mapping[str, Any]):
    """Whoever looks at it is told so, with a RuntimeError: it must never pass for an empty one."""

    def __getitem__(self, name: str) -> Any:
        raise _error()

    def __iter__(self) -> Iterator[str]:
        raise _error()

    def __len__(self) -> int:
        raise _error()


UNREAD = Unread()


def _error() -> RuntimeError:
    return RuntimeError("this pilot was read without its specification; read it by its id for that")
