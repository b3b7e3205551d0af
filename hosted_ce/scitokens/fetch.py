"""Documents of issuers over HTTPS: bounded in size and time, and without redirects."""

from __future__ import annotations

import asyncio
import ssl

from hosted_ce.scitokens.errors import CannotFetch, RefusedByIssuer

LARGEST = 256 * 1024
DEADLINE_S = 10.0
HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}
"""Some kB of what is compressed twice are gigabytes, before anybody could count them."""


class HttpsFetch:
    """Call it with an address. The authorities of certificates are those of a file, or else the system's."""

    def __init__(self, authorities: str | None = None):
        self._authorities = authorities

    async def __call__(self, address: str) -> bytes:
        """Raises CannotFetch, also after DEADLINE_S seconds."""
        if not address.startswith("https://"):
            raise CannotFetch(f"{address} is not https")
        import httpx

        try:
            async with asyncio.timeout(DEADLINE_S):
                return await self._get(address)
        except TimeoutError as error:
            raise CannotFetch(f"{address} has not answered within {DEADLINE_S:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ssl.SSLError) as error:
            raise CannotFetch(f"{address}: {str(error) or type(error).__name__}") from error

    async def _get(self, address: str) -> bytes:
        import httpx

        async with (
            httpx.AsyncClient(
                verify=ssl.create_default_context(cafile=self._authorities),
                timeout=DEADLINE_S,
                follow_redirects=False,
            ) as client,
            client.stream("GET", address, headers=HEADERS) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise RefusedByIssuer(address, answer.status_code)
            if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
                raise CannotFetch(f"{address} answered compressed, which it was not asked for")
            found = b""
            async for part in answer.aiter_raw():
                found += part
                if len(found) > LARGEST:
                    raise CannotFetch(f"{address} is larger than {LARGEST} bytes")
            return found
