"""Why the API cannot listen as it is set up.

Exception
  TlsUnusable           the certificate or its key cannot be used; the text says what to do
  NotSoOpen             it would listen in the clear, where others can listen too
"""

from __future__ import annotations


class TlsUnusable(Exception):
    """The certificate and its key cannot be used; the text says why and what to do."""


class NotSoOpen(Exception):
    """The API would send tokens in the clear over a network; the text says what to set."""
