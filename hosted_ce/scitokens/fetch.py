"""Documents of issuers over HTTPS: bounded in size and time, no redirects, no proxies' surprises."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import httpx

from hosted_ce.scitokens.errors import CannotFetch

LARGEST = 256 * 1024
DEADLINE_S = 10.0


class HttpsFetch:
    """Call it with an address. `trusted_ca`: a file or folder of certificates instead of the system's."""

    def __init__(self, trusted_ca: Path | None = None):
        self._trusted_ca = trusted_ca

    async def __call__(self, address: str) -> bytes:
        """Raises CannotFetch, also after DEADLINE_S seconds."""
        if not address.startswith("https://"):
            raise CannotFetch(f"{address} is not https")
        try:
            async with asyncio.timeout(DEADLINE_S):
                return await self._get(address)
        except TimeoutError as error:
            raise CannotFetch(f"{address} has not answered within {DEADLINE_S:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ssl.SSLError) as error:
            raise CannotFetch(f"{address}: {str(error) or type(error).__name__}") from error

    async def _get(self, address: str) -> bytes:
        async with (
            httpx.AsyncClient(verify=self._context(), timeout=DEADLINE_S, follow_redirects=False) as client,
            client.stream("GET", address, headers={"Accept": "application/json"}) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise CannotFetch(f"{address} answered with status {answer.status_code}")
            found = b""
            async for part in answer.aiter_bytes():
                found += part
                if len(found) > LARGEST:
                    raise CannotFetch(f"{address} is larger than {LARGEST} bytes")
            return found

    def _context(self) -> ssl.SSLContext:
        if self._trusted_ca is None:
            return ssl.create_default_context()
        if self._trusted_ca.is_dir():
            return ssl.create_default_context(capath=str(self._trusted_ca))
        return ssl.create_default_context(cafile=str(self._trusted_ca))
