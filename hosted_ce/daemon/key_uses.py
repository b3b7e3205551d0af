"""When each key was used last, kept in a file for each below the state folder, for whoever changes keys."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncssh
import structlog

from bosco.ssh.identity import KeyUse
from hosted_ce.authorized_keys import public_half
from hosted_ce.daemon.expiries import key_until
from hosted_ce.engine.ports import Clock
from hosted_ce.first_contact.key_files import next_of, old_of
from hosted_ce.metric_groups.keys import KeyMetrics
from hosted_ce.site import SiteFile
from hosted_ce.site.cluster import Hop, SshAccess

log = structlog.get_logger(__name__)
FOLDER = "keys"


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What is known of a key's use. Times in seconds since the epoch."""

    fingerprint: str
    key: str
    login: str
    first_used_at: float
    last_used_at: float
    logins: int = 1


class KeyUses:
    """Writes down each login that went well. `state` is the CE's state folder."""

    def __init__(self, state: Path, metrics: KeyMetrics, now: Clock):
        self._folder, self._metrics, self._now = state / FOLDER, metrics, now

    def used(self, use: KeyUse) -> None:
        """A login by this key went well. It counts also if it cannot be written down."""
        now = self._now()
        self._metrics.used(str(use.key), now, made_at(use.key))
        path = _path(self._folder, use.fingerprint)
        before = _read(path)
        record = KeyRecord(use.fingerprint, str(use.key), use.login, now, now)
        if before:
            record = replace(record, first_used_at=before.first_used_at, logins=before.logins + 1)
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            half = path.with_suffix(f".{os.getpid()}")
            half.write_text(json.dumps(asdict(record)), encoding="utf-8")
            half.replace(path)
        except OSError as error:
            log.warning("the use of a key is not written down", path=str(path), reason=str(error))


def made_at(key: Path) -> float | None:
    """When its file was made; None: it has gone."""
    try:
        return key.stat().st_mtime
    except OSError:
        return None


def key_records(state: Path) -> Mapping[str, KeyRecord]:
    """All that is written down, by fingerprint."""
    found = (_read(path) for path in sorted((state / FOLDER).glob("*.json")))
    return {record.fingerprint: record for record in found if record}


def _path(folder: Path, fingerprint: str) -> Path:
    return folder / f"{hashlib.sha256(fingerprint.encode()).hexdigest()[:32]}.json"


def _read(path: Path) -> KeyRecord | None:
    """None: it was never used, or the file is not ours."""
    try:
        return KeyRecord(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def keys_of(site: SiteFile, state: Path) -> list[dict[str, Any]]:
    """Each key that the site file names, with the next one and the old one of a change, as a record.

    Times as RFC 3339; None for what is not known.
    """
    records, found = key_records(state), {}
    for cluster in site.clusters.values():
        ways: list[SshAccess | Hop] = [cluster.ssh, *cluster.ssh.jump] if cluster.ssh else []
        for way in ways:
            for use, path in (
                ("in use", way.key), ("next", next_of(way.key)), ("old", old_of(way.key)),
            ):  # fmt: skip
                if use == "in use" or path.is_file():
                    named = way.certificate if use == "in use" else None
                    found[path] = _record(use, path, named, records)
    return list(found.values())


def _record(
    use: str, path: Path, certificate: Path | None, records: Mapping[str, KeyRecord]
) -> dict[str, Any]:
    try:
        fingerprint = public_half(path).get_fingerprint()
    except (OSError, asyncssh.KeyImportError):
        fingerprint = None
    known = records.get(fingerprint) if fingerprint else None
    until = key_until(certificate or path.with_name(f"{path.name}-cert.pub"))
    return {
        "use": use, "path": str(path), "fingerprint": fingerprint, "made": _shown(made_at(path)),
        "last_used": _shown(known.last_used_at if known else None), "logins": known.logins if known else 0,
        "certified_until": _shown(until),
    }  # fmt: skip


def _shown(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
