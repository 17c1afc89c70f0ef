"""Keeping files: streamed to a private folder, measured, typed, hashed, then given a row."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import tempfile
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import transaction

from jingtu.core.audit.actions import register_actions, register_objects, register_reads
from jingtu.core.audit.services import record
from jingtu.core.files import pictures, rules
from jingtu.core.files.models import StoredFile
from jingtu.core.files.queries import blob_path
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import PermissionDenied
from jingtu.engine.problems import refuse

register_actions(
    {
        "files.stored": ("保存文件", "File stored"),
        "files.downloaded": ("下载文件", "File downloaded"),
        "files.swept": ("清理无主文件", "Unreferenced files removed"),
        "files.expired": ("清理过期文件", "Expired files removed"),
    }
)
register_objects({"file": ("文件", "File")})
register_reads("files.downloaded")

Upload = tuple[str, Iterable[bytes]]
"""A file that comes in: its name, and its content block by block."""

ORPHAN_AFTER_SECONDS = 3600  # a younger file may belong to a writer that has yet to commit
EXPANSION = 8  # an uploaded archive may unpack to this many times the upload limit


def receive(
    actor: Actor,
    blocks: Iterable[bytes],
    name: str,
    *,
    purpose: str,
    accepted: Collection[str],
    region_id: int | None = None,
) -> StoredFile:
    """Keep an upload given as blocks of bytes; never holds it whole in memory.

    ``accepted`` lists the kinds the purpose can use. Raises InvalidInput for a file that is too large,
    empty, not accepted, misnamed or dangerous; then nothing of it is kept.
    """
    limit: int = settings.UPLOAD_LIMIT_BYTES
    return _keep(actor, blocks, name, purpose, accepted, region_id, limit)


def keep_made(
    actor: Actor, source: Path, name: str, *, purpose: str, region_id: int | None = None
) -> StoredFile:
    """Keep a file the system itself made (an export, a marked sheet, a bulletin) for ``actor``."""
    with source.open("rb") as stream:
        return _keep(actor, _blocks(stream), name, purpose, None, region_id, None)


def _keep(
    actor: Actor,
    blocks: Iterable[bytes],
    name: str,
    purpose: str,
    accepted: Collection[str] | None,
    region_id: int | None,
    limit: int | None,
) -> StoredFile:
    name = _plain_name(name)
    incoming = settings.STORE / "files" / "incoming"
    incoming.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=incoming)
    path = Path(temporary)
    try:
        digest, size = _write(descriptor, blocks, limit)
        kind = Path(name).suffix.removeprefix(".")  # what the system made is what it says
        if limit is not None and accepted is not None:
            kind = _inspected(path, name, accepted, limit)
            if kind in pictures.FORMATS:
                pictures.strip(path, kind)
                digest, size = _measured(path)
        _publish(path, digest)
    finally:
        path.unlink(missing_ok=True)
    with transaction.atomic():
        stored = StoredFile.objects.create(
            sha256=digest,
            size=size,
            kind=kind,
            name=name,
            purpose=purpose,
            owner_id=user_id_of(actor),
            region_id=region_id,
            created_at=now(),
        )
        record(
            actor,
            "files.stored",
            target_type="file",
            target_id=stored.pk,
            after={"name": name, "sha256": digest, "size": size, "purpose": purpose},
            region_id=region_id,
        )
    return stored


def _inspected(path: Path, name: str, accepted: Collection[str], limit: int) -> str:
    """The kind of an upload by its content. Raises InvalidInput when it is not welcome."""
    detected = rules.detect(path, limit * EXPANSION)
    if detected.kind not in accepted:
        raise refuse(
            "files.not_accepted_here",
            kind=detected.kind.upper(),
            accepted=", ".join(sorted(kind.upper() for kind in accepted)),
        )
    rules.check_name(name, detected.kind)
    return detected.kind


def _measured(path: Path) -> tuple[str, int]:
    """The hash and size of a file that was written anew; flushed to disk."""
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())
        return hashlib.file_digest(stream, "sha256").hexdigest(), path.stat().st_size


def record_download(actor: Actor, stored: StoredFile) -> None:
    """Say in the audit trail that the file was handed out."""
    record(
        actor,
        "files.downloaded",
        target_type="file",
        target_id=stored.pk,
        after={"name": stored.name},
        region_id=stored.region_id,
    )


def _plain_name(name: str) -> str:
    """The last part of a path, without control characters, cut to what the row can hold."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(letter for letter in base if letter.isprintable()).strip()
    stem, dot, suffix = plain.rpartition(".")
    if dot and len(suffix) <= 8:
        return f"{stem[:200]}.{suffix}"
    return plain[:200] or "file"


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    while block := stream.read(rules.CHUNK):
        yield block


def _write(descriptor: int, blocks: Iterable[bytes], limit: int | None) -> tuple[str, int]:
    digest = hashlib.sha256()
    size = 0
    with os.fdopen(descriptor, "wb") as handle:
        for block in blocks:
            size += len(block)
            if limit is not None and size > limit:
                raise refuse("files.too_large", limit_mb=limit // rules.MEGABYTE)
            digest.update(block)
            handle.write(block)
        handle.flush()
        os.fsync(handle.fileno())
    return digest.hexdigest(), size


def _publish(path: Path, digest: str) -> None:
    target = blob_path(digest)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        # Its age is renewed, so that no sweep takes a left-over before its new row commits.
        os.utime(target)
        return
    os.replace(path, target)
    os.chmod(target, 0o440)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def expire(actor: Actor, purpose: str, before: dt.datetime) -> int:
    """Remove the files of ``purpose`` made before a moment; for files that nothing but a link refers to."""
    with transaction.atomic():
        old = list(StoredFile.objects.select_for_update().filter(purpose=purpose, created_at__lt=before))
        if not old:
            return 0
        StoredFile.objects.filter(pk__in=[stored.pk for stored in old]).delete()
        record(
            actor,
            "files.expired",
            target_type="file",
            target_id=purpose,
            after={"files": [stored.pk for stored in old]},
        )
    # Another row may name the same content; what is left over here, the sweep finds.
    named = set(
        StoredFile.objects.filter(sha256__in=[one.sha256 for one in old]).values_list("sha256", flat=True)
    )
    for stored in old:
        path = blob_path(stored.sha256)
        if stored.sha256 not in named and path.exists() and path.stat().st_mtime < before.timestamp():
            path.unlink(missing_ok=True)
    return len(old)


def sweep(actor: Actor, *, remove: bool) -> list[Path]:
    """Contents that no row names and no writer can still be about to name; deletes them when ``remove``.

    For ``doctor``; raises PermissionDenied without the right to maintain.
    """
    if not actor.can(Permission.SYSTEM_MAINTAIN):
        raise PermissionDenied(Permission.SYSTEM_MAINTAIN)
    root = Path(settings.STORE) / "files"
    oldest = now().timestamp() - ORPHAN_AFTER_SECONDS
    old = [path for path in root.rglob("*") if path.is_file() and path.stat().st_mtime < oldest]
    # Named after the folder was read: a row that commits meanwhile keeps its content.
    named = set(StoredFile.objects.values_list("sha256", flat=True)) if old else set()
    orphans = sorted(path for path in old if path.parent.name == "incoming" or path.name not in named)
    if remove and orphans:
        for path in orphans:
            path.unlink(missing_ok=True)
        record(actor, "files.swept", target_type="file", target_id="store", after={"count": len(orphans)})
    return orphans
