"""A column for texts that others wrote."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from hosted_ce.written import written


class Words(sa.TypeDecorator[str]):
    """Text that people at a site may have written: what no database takes is escaped, never an error.

    What looks like a secret is masked: a batch system's message may repeat the command that it failed at.

    Sites send bytes that are no UTF-8 (here: lone surrogates) and PostgreSQL refuses NUL; one such text must
    not keep the changes of all other pilots from being written.
    """

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        """The text as it is stored."""
        return None if value is None else written(value)
