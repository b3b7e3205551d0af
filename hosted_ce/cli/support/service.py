"""What the running CE says of itself: health, clusters, entries, metrics, the pilots that need somebody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx

from hosted_ce.cli.endpoint import Endpoint
from hosted_ce.cli.errors import CliError

DEADLINE_S = 15.0
PILOTS = 200
_PRIVATE = ("attributes",)
API = "/api/v1"
PARTS: Mapping[str, str] = {
    "api/site.json": f"{API}/site",
    "api/nodes.json": f"{API}/nodes",
    "api/entries.json": f"{API}/entries",
    "api/readyz.json": "/readyz",
    "api/healthz.json": "/healthz",
    "metrics.txt": "/metrics",
}


class Service:
    """Asks the CE at this endpoint; None: there is none, for the reason in `absent`."""

    def __init__(self, endpoint: Endpoint | None, absent: str | None):
        self._endpoint, self._absent = endpoint, absent

    def parts(self) -> Mapping[str, Callable[[], Any]]:
        """All that it can be asked."""
        asked: dict[str, Callable[[], Any]] = {name: partial(self._get, path) for name, path in PARTS.items()}
        asked["api/pilots-in-need.json"] = self._pilots
        return asked

    def site_file(self) -> Path | None:
        """The site file that the running CE has read; None: that is not known."""
        try:
            file = self._get(f"{API}/site").get("file")
        except CliError:
            return None
        return Path(file["path"]) if file else None

    def _pilots(self) -> Any:
        """Held ones and those in doubt, without what they brought."""
        pages = [self._get(f"{API}/pilots?state={state}&limit={PILOTS}") for state in ("held", "unknown")]
        found = (one for page in pages for one in page["items"])
        return [{name: value for name, value in one.items() if name not in _PRIVATE} for one in found]

    def _get(self, path: str) -> Any:
        """Raises CliError. 503 of /readyz is an answer, too."""
        if self._endpoint is None:
            raise CliError(self._absent or "no CE is running")
        headers = {"Authorization": f"Bearer {self._endpoint.token}"}
        try:
            answer = httpx.get(
                f"{self._endpoint.url}{path}",
                headers=headers,
                timeout=DEADLINE_S,
                trust_env=False,
                verify=self._endpoint.trust,
            )
        except httpx.HTTPError as error:
            raise CliError(
                f"no CE answers at {self._endpoint.url}: {error or type(error).__name__}"
            ) from error
        if answer.status_code not in {HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE}:
            raise CliError(f"{path} was answered with {answer.status_code}")
        return answer.json() if "json" in answer.headers.get("content-type", "") else answer.text
