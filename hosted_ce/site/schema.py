"""The JSON schema of the site file, for editors and generated documentation.

`python -m hosted_ce.site.schema` writes it; with `--check` it says whether the one on disk is current.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from hosted_ce.site.model import SiteFile

_DEFAULT_PATH = Path("routes/site.schema.json")


class _Generator(GenerateJsonSchema):
    """Says what the loader does: no nulls, no keys beyond the pattern; and no titles that repeat names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def nullable_schema(self, schema: Any) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: Any) -> dict[str, Any]:
        described = super().default_schema(schema)
        return {key: value for key, value in described.items() if (key, value) != ("default", None)}

    def dict_schema(self, schema: Any) -> dict[str, Any]:
        return super().dict_schema(schema) | {"additionalProperties": False}


def site_schema() -> dict[str, Any]:
    """The schema as plain data (draft 2020-12)."""
    generated = SiteFile.model_json_schema(schema_generator=_Generator)
    head = {"$schema": GenerateJsonSchema.schema_dialect, "$id": "urn:hosted-ce:site-file"}
    return head | generated | {"title": "Hosted CE site file"}


def schema_text() -> str:
    """The schema as it is stored in `routes/site.schema.json`."""
    return json.dumps(site_schema(), indent=2, ensure_ascii=False) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes or checks the schema file; the exit code is 1 when a check finds it out of date."""
    parser = argparse.ArgumentParser(prog="python -m hosted_ce.site.schema", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail when it is out of date")
    parser.add_argument("path", nargs="?", type=Path, default=_DEFAULT_PATH, help="default: %(default)s")
    options = parser.parse_args(arguments)
    path: Path = options.path
    if not options.check:
        path.write_text(schema_text(), encoding="utf-8")
    elif not path.is_file() or path.read_text(encoding="utf-8") != schema_text():
        print(f"{path} is out of date; run: python -m hosted_ce.site.schema {path}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
