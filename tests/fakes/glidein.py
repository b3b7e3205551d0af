"""A script like the factory's glidein_startup.sh: bash, about 93 kB, with a tarball behind its end."""

from __future__ import annotations

import io
import random
import tarfile

PAYLOAD = random.Random(1).randbytes(60_000)
_UNPACK = r"""#!/bin/bash
me=${BASH_SOURCE[0]}
skip=$(grep --binary-files=text -n '^#EOF$' "$me" | head -1 | cut -d: -f1)
tail -n +$((skip + 1)) "$me" | tar -xzf - || exit 1
"""


def glidein(script: str) -> bytes:
    """Unpacks `payload` from behind its own end, then runs these lines of bash."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        entry = tarfile.TarInfo("payload")
        entry.size = len(PAYLOAD)
        tar.addfile(entry, io.BytesIO(PAYLOAD))
    comments = "# one of the many lines of a real one\n" * 850
    return f"{_UNPACK}{script}\n{comments}exit 0\n#EOF\n".encode() + archive.getvalue()
