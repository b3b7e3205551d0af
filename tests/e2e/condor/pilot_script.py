"""An executable like GlideinWMS's glidein_startup.sh. Pure.

The real one is about 93 kB: shell text, then `exit 0`, then a gzip tarball as it is, binary, which the text
takes out of its own file. So it works only if every byte of it arrives, and only if it is run from a file.
"""

from __future__ import annotations

import gzip
import io
import random
import tarfile
from hashlib import sha1

_SIZE = 93_000

_TEXT = """\
#!/bin/bash
# Unpacks what is behind the line #EOF of this file, and becomes its main.sh in the start directory.
glidein_dir=$(mktemp -d "$PWD/glidein_XXXXXX") || exit 1
tail -c +$(({offset} + 1)) "${{BASH_SOURCE[0]}}" | tar -xzf - -C "$glidein_dir" || exit 1
(cd "$glidein_dir" && sha1sum --quiet --check SHA1SUMS) || exit 1
. "$glidein_dir/main.sh"
{filler}
exit 0
#EOF
"""


def glidein_startup(main: str) -> bytes:
    """The executable: it runs `main`, shell text that sees "$@", in its start directory.

    Its exit code is 0 unless `main` exits with another.
    """
    tail = _tarball({"main.sh": main.encode(), "noise": random.Random(main).randbytes(20_000)})
    offset = _SIZE - len(tail)
    text = _TEXT.format(offset=offset, filler="")
    filler = "#" * (offset - len(text.encode()))
    return _TEXT.format(offset=offset, filler=filler).encode() + tail


def _tarball(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as tar,
    ):
        for name, content in {**files, "SHA1SUMS": _sums(files)}.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _sums(files: dict[str, bytes]) -> bytes:
    return b"".join(f"{sha1(content).hexdigest()}  {name}\n".encode() for name, content in files.items())
