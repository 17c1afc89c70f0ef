"""Backing up and restoring, with the permission asked and the audit entry written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jingtu.core.audit.actions import register_actions, register_objects
from jingtu.core.audit.services import record
from jingtu.core.kernel import vault
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import PermissionDenied
from jingtu.portal.maintenance import archive

register_actions(
    {
        "maintenance.backup_made": ("备份", "Backup made"),
        "maintenance.backup_restored": ("恢复备份", "Backup restored"),
        "keys.rotated": ("更换加密密钥", "Encryption keys rotated"),
    }
)
register_objects({"backup": ("备份", "Backup"), "key": ("加密密钥", "Encryption key")})


def make_backup(actor: Actor, path: Path, progress: archive.Progress) -> archive.Summary:
    """Write a backup to ``path``. Raises PermissionDenied, InvalidInput."""
    require_maintainer(actor)
    summary = archive.create(path, progress)
    record(
        actor,
        "maintenance.backup_made",
        target_type="backup",
        target_id=path.name,
        after={"files": summary.files, "size_bytes": summary.size_bytes},
    )
    return summary


def restore_backup(actor: Actor, path: Path, *, replace: bool, progress: archive.Progress) -> archive.Summary:
    """Put a backup in place; its own audit trail then says so. Raises PermissionDenied, InvalidInput."""
    require_maintainer(actor)
    summary = archive.restore(path, replace=replace, progress=progress)
    record(
        actor,
        "maintenance.backup_restored",
        target_type="backup",
        target_id=path.name,
        after={"made_at": summary.made_at, "version": summary.version},
    )
    return summary


def require_maintainer(actor: Actor) -> None:
    """Raise PermissionDenied unless the actor may maintain the system."""
    if not actor.can(Permission.SYSTEM_MAINTAIN):
        raise PermissionDenied(Permission.SYSTEM_MAINTAIN)


@dataclass(frozen=True)
class Rotation:
    """The key now in use, how many secrets moved to it, and the keys nothing needs any more."""

    version: int
    moved: int
    dropped: list[int]


def rotate_keys(actor: Actor) -> Rotation:
    """Add a key and move every secret to it, while the site serves. Raises PermissionDenied."""
    require_maintainer(actor)
    version = vault.add_key()
    moved = vault.reencrypt_all()
    dropped = sorted(vault.drop_keys(vault.used_versions()))
    record(
        actor,
        "keys.rotated",
        target_type="key",
        target_id=version,
        after={"moved": moved, "dropped": dropped},
    )
    return Rotation(version, moved, dropped)
