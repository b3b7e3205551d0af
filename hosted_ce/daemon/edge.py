"""The API's edge in this process: its server, and its certificate, which follows its files."""

from __future__ import annotations

import asyncio

import structlog
from starlette.types import ASGIApp

from hosted_ce.daemon.errors import SetUpWrong
from hosted_ce.daemon.process.descriptors import raised, room
from hosted_ce.listening.errors import NotSoOpen, TlsUnusable
from hosted_ce.listening.exposure import check_exposure
from hosted_ce.listening.hello import MOST as HANDSHAKES
from hosted_ce.listening.places import Places
from hosted_ce.listening.proxies import proxies_of
from hosted_ce.listening.server import Server
from hosted_ce.listening.tls import Tls
from hosted_ce.metric_groups.edge import EdgeMetrics
from hosted_ce.settings import Settings
from hosted_ce.store.files import write_whole

log = structlog.get_logger(__name__)
LOOK_S = 10.0
"""Between two looks at the certificate's files. What two of them show alike is written to its end."""


class Edge:
    """Raises SetUpWrong when the API may not listen as the settings say, or cannot."""

    def __init__(self, settings: Settings, metrics: EdgeMetrics):
        self._settings, self._metrics = settings, metrics
        self.proxies = proxies_of(settings.trusted_proxies)
        try:
            self.tls = _tls(settings)
            check_exposure(
                settings.host, tls=self.tls is not None, proxies=self.proxies, plain_http=settings.plain_http
            )
        except (TlsUnusable, NotSoOpen) as error:
            raise SetUpWrong(str(error)) from error
        self._looked = self._tried = self.tls.marks() if self.tls else None

    def server(self, app: ASGIApp) -> Server:
        """The HTTP server. From now on the command line knows its certificate."""
        self._publish()
        wished = self._settings.max_connections
        descriptors = raised()
        most = room(wished, descriptors - (HANDSHAKES if self.tls else 0))
        if most < wished:
            log.warning("there is room for fewer connections", connections=most, open_files=descriptors)
        places = Places(most, self.proxies)
        return Server(
            app, places, proxies=self.proxies, tls=self.tls, plain_http=self._settings.plain_http,
            shaken=self._metrics.handshake, crowded=self._metrics.crowded,
        )  # fmt: skip

    async def run(self) -> None:
        """Runs for ever: reads the certificate again when its files have changed."""
        while True:
            await asyncio.sleep(LOOK_S)
            await self.tick()

    async def tick(self) -> None:
        """Looks once at the files."""
        if not self.tls:
            return
        marks = await asyncio.to_thread(self.tls.marks)
        settled, self._looked = marks == self._looked, marks
        if settled and marks != self._tried:
            self._tried = marks
            await asyncio.to_thread(self._reload, self.tls)

    def close(self) -> None:
        """Nobody is to know the certificate any more."""
        self._settings.certificate_file.unlink(missing_ok=True)

    def _reload(self, tls: Tls) -> None:
        try:
            tls.reload()
        except TlsUnusable as error:
            log.error("the API's new certificate is not taken; the one before stays", problem=str(error))
            self._metrics.certificate(refused=True)
            return
        self._publish()
        self._metrics.certificate(refused=False)
        until = tls.leaf.not_valid_after_utc.isoformat()
        log.info("the API has another certificate", certificate=str(tls.certificate), until=until)

    def _publish(self) -> None:
        if self.tls:
            write_whole(self._settings.certificate_file, self.tls.leaf_pem)


def _tls(settings: Settings) -> Tls | None:
    """Raises TlsUnusable."""
    if (settings.tls_certificate is None) != (settings.tls_key is None):
        raise TlsUnusable("HOSTED_CE_TLS_CERTIFICATE and HOSTED_CE_TLS_KEY go together: set both, or none")
    if settings.tls_certificate is None or settings.tls_key is None:
        return None
    return Tls(settings.tls_certificate, settings.tls_key)
