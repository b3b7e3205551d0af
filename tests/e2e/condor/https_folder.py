"""An https server for the files of one folder (a program: `python -m tests.e2e.condor.https_folder ...`).

Arguments: folder, port of loopback, file with the certificate chain, file with its key.
"""

from __future__ import annotations

import ssl
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

from tests.e2e.lab.daemons import HOST


def main(folder: str, port: str, certificate: str, key: str) -> None:
    """Serve until the process is ended."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with ThreadingHTTPServer(
        (HOST, int(port)), partial(SimpleHTTPRequestHandler, directory=folder)
    ) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
