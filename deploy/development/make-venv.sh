#!/bin/sh
# Makes the virtual environment in the folder $1. On a bare Debian, as root, it installs python3-venv first.
set -eu
folder=$1

find_python() {
    for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    echo "hosted_ce needs Python 3.11 or later, and found none. Install it, or name it: make run PYTHON=/path/to/python3" >&2
    return 1
}

python=$(find_python)
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        echo "$python has no venv module. Install it first: sudo apt-get install python3-venv" >&2
        exit 1
    fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >&2
fi
"$python" -m venv "$folder"
