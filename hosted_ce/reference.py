"""Writes docs/reference from the code, so that it cannot differ from it.

python -m hosted_ce.reference          # writes
python -m hosted_ce.reference --check  # exit code 1 when a file is not current
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from hosted_ce.api.app import create_app
from hosted_ce.api.openapi import complete
from hosted_ce.api.services import Services
from hosted_ce.checks.reference import checks_page
from hosted_ce.cli_reference import command_line_page
from hosted_ce.metrics import Metrics
from hosted_ce.routing.htcondor.codes import CODES
from hosted_ce.session.reference import checklist_page
from hosted_ce.settings import Settings
from hosted_ce.site.schema import site_schema

FOLDER = Path("docs/reference")


def settings_page() -> str:
    """All settings, in Markdown."""
    rows = [
        [f"`HOSTED_CE_{name.upper()}`", f"`{field.default}`", field.description or ""]
        for name, field in Settings.model_fields.items()
    ]
    text = (
        "Settings of the process come from the environment; `hosted-ce serve --help` lists those with a "
        "flag. A variable of another name that begins with HOSTED_CE_ changes nothing; `serve` warns of it."
    )
    return _page("Settings", text, ["variable", "default", "meaning"], rows)


def metrics_page() -> str:
    """All metrics, in Markdown."""
    rows = [
        [f"`{family.name}`", family.type, ", ".join(f"`{label}`" for label in labels), family.documentation]
        for family, labels in Metrics(dict).described()
    ]
    text = (
        "What `/metrics` exposes. Counters end in `_total` there, histograms in `_bucket`, `_sum`, `_count`, "
        "those of what is so now (gaugehistogram) in `_bucket`, `_gsum`, `_gcount`."
    )
    return _page("Metrics", text, ["metric", "type", "labels", "meaning"], sorted(rows))


def site_file_page() -> str:
    """All keys of the site file, in Markdown."""
    schema = site_schema()
    rows = list(_keys(schema, schema.get("$defs", {}), ""))
    text = (
        "The keys of `routes/<site>.yaml`. An editor that knows YAML schemas takes them from "
        "`routes/site.schema.json`; `routes/example.yaml` is one to copy."
    )
    return _page("Site file", text, ["key", "default", "meaning"], rows)


def route_findings_page() -> str:
    """All kinds of findings in HTCondor-CE configurations, in Markdown."""
    text = (
        "What is found in a configuration of HTCondor-CE, by the word in brackets at its end. Errors "
        "are what HTCondor refuses or logs; warnings are what it takes in silence."
    )
    rows = [[f"`{code}`", meaning] for code, meaning in CODES.items()]
    return _page("Findings in routes", text, ["finding", "meaning"], rows)


def openapi_document() -> str:
    """The OpenAPI document of the API."""
    services: Any = _Nothing()
    return json.dumps(complete(create_app(services)), indent=2, sort_keys=True) + "\n"


PAGES: Mapping[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "metrics.md": metrics_page,
    "site-file.md": site_file_page,
    "route-findings.md": route_findings_page,
    "openapi.json": openapi_document,
    "command-line.md": command_line_page,
    "checks.md": checks_page,
    "session.md": checklist_page,
}


class _Nothing:
    """Stands for the services of a running CE, which the document does not depend on."""

    def __getattr__(self, name: str) -> Any:
        if name not in Services.__dataclass_fields__:
            raise AttributeError(name)
        limits = {"max_input_file": 0, "max_request": 0, "max_batch": 0}
        return {"token": "none", "version": "1", **limits}.get(name)


def _keys(schema: Mapping[str, Any], types: Mapping[str, Any], prefix: str) -> Iterator[list[str]]:
    for name, field in schema.get("properties", {}).items():
        default = f"`{json.dumps(field['default'])}`" if field.get("default") is not None else ""
        required = "required" if name in schema.get("required", ()) else default
        yield [f"`{prefix}{name}`", required, field.get("description", "")]
        if inner := _referred(field):
            yield from _keys(types[inner[0]], types, f"{prefix}{name}{inner[1]}.")


def _referred(field: Mapping[str, Any]) -> tuple[str, str] | None:
    """The type that a field refers to, and how its keys are written below the field's name."""
    named = [field.get("additionalProperties"), *field.get("patternProperties", {}).values()]
    either = ((part, "") for part in field.get("anyOf", ()))
    for part, suffix in (
        (field, ""), (field.get("items"), "[]"), *((part, ".<name>") for part in named), *either
    ):  # fmt: skip
        if isinstance(part, Mapping) and "$ref" in part:
            return part["$ref"].rpartition("/")[2], suffix
    return None


def _page(title: str, text: str, head: list[str], rows: list[list[str]]) -> str:
    cells = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in (head, *rows)]
    cells.insert(1, ["---"] * len(head))
    table = "\n".join(f"| {' | '.join(row)} |" for row in cells)
    return f"# {title}\n\nGenerated by `make reference`; do not edit.\n\n{text}\n\n{table}\n"


def main(arguments: list[str]) -> int:
    """Writes or checks the pages; returns the exit code."""
    outdated = []
    for name, page in PAGES.items():
        path, text = FOLDER / name, page()
        if "--check" in arguments:
            if not path.is_file() or path.read_text() != text:
                outdated.append(str(path))
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    if outdated:
        print(f"not current: {', '.join(outdated)}; run `make reference`", file=sys.stderr)
    return 1 if outdated else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
