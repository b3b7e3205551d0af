"""HTCondor's own conversion of old routes: condor_transform_ads -convert."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path

_ROUTE = re.compile(r"^##### JOB_ROUTER_ENTRIES \[\d+\] #####\n", re.MULTILINE)
_NAME = re.compile(r"^NAME (.*)$", re.MULTILINE)


def converted(program: Path, config: str) -> str:
    """The routes of a configuration in new syntax, by HTCondor's own program, as configuration."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "config"
        file.write_text(f"LOG = {name}\n{config}", encoding="utf-8")
        environment = {**os.environ, "CONDOR_CONFIG": str(file)}
        ended = subprocess.run(
            [program, "-convert"], env=environment, capture_output=True, check=True, timeout=60
        )
    routes: dict[str, str] = {}
    for text in _ROUTE.split(ended.stdout.decode())[1:]:
        found = _NAME.search(text)
        assert found, text
        routes[re.sub(r"[^A-Za-z0-9_]+", "_", found[1])] = text.strip()
    blocks = (f"JOB_ROUTER_ROUTE_{name} @=end\n{text}\n@end\n" for name, text in routes.items())
    return f"JOB_ROUTER_ROUTE_NAMES = {' '.join(routes)}\n{''.join(blocks)}"
