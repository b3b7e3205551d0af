"""What a request goes through before its endpoint, whichever that is."""

from __future__ import annotations

from starlette.middleware import Middleware

from hosted_ce.api.middleware.audit import Audit
from hosted_ce.api.middleware.headers import SafeHeaders
from hosted_ce.api.middleware.hurry import Hurry
from hosted_ce.api.middleware.linger import Linger
from hosted_ce.api.middleware.request_log import RequestLog
from hosted_ce.api.middleware.slow_down import SlowDown
from hosted_ce.api.problems.problem import Answer
from hosted_ce.api.services import Services


def stack(services: Services, answer: Answer) -> list[Middleware]:
    """It, outermost first. Its own problems are answered by `answer`."""
    return [
        Middleware(Linger),
        Middleware(SafeHeaders),
        Middleware(RequestLog, answer=answer),
        Middleware(Audit, auditor=services.audit, reads=services.audit_reads),
        Middleware(SlowDown, rates=services.rates, answer=answer, proxies=services.proxies),
        Middleware(Hurry),
    ]
