"""Backups: the database and the store together, in one file whose manifest names every hash.

The database is copied first, through its own online backup, so every file it names is already there when
the store is read afterwards (files are immutable). Keys are not part of a backup.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from jingtu import __version__
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.wall import SYSTEM_READER
from jingtu.engine.problems import refuse, register_texts

register_texts(
    {
        "backup.exists": (
            "文件“{path}”已存在，请换一个文件名。",
            'The file "{path}" exists; choose another name.',
        ),
        "backup.no_folder": (
            "目录“{path}”不存在，请先建立。",
            'The folder "{path}" does not exist; make it first.',
        ),
        "backup.not_found": ("没有找到备份文件“{path}”。", 'No backup file "{path}".'),
        "backup.not_a_backup": (
            "“{path}”不是净土的备份文件，或已损坏。",
            '"{path}" is not a Jingtu backup, or is damaged.',
        ),
        "backup.altered": (
            "备份中的“{name}”与清单不符，未作任何恢复。",
            '"{name}" in the backup does not match its manifest; nothing was restored.',
        ),
        "backup.other_database": (
            "该备份来自{theirs}，当前配置为{ours}，请先把 JINGTU_DATABASE_URL 设为同类数据库。",
            "The backup is of {theirs}, the present settings are for {ours}; set JINGTU_DATABASE_URL to the same kind first.",
        ),
        "backup.not_empty": (
            "当前数据目录已有数据。确认要替换时加 --replace，原数据会改名保留。",
            "There is data already. Add --replace to put the backup in its place; the old data is kept under another name.",
        ),
        "backup.no_program": (
            "备份 PostgreSQL 需要 {program}，请安装同版本的 PostgreSQL 客户端。",
            "Backing up PostgreSQL needs {program}; install the client programs of the same version.",
        ),
        "backup.program_failed": ("{program} 失败：{what}", "{program} failed: {what}"),
    }
)

Progress = Callable[[int, int], None]
MANIFEST = "manifest.json"


def _silent(done: int, total: int) -> None:
    """Progress nobody watches."""


@dataclass(frozen=True)
class Summary:
    """What a backup holds."""

    made_at: str
    version: str
    database: str
    files: int
    size_bytes: int


def create(path: Path, progress: Progress = _silent) -> Summary:
    """Write a backup to ``path``, which must not exist. It appears under its name only when complete."""
    if path.exists():
        raise refuse("backup.exists", path=str(path))
    if not path.parent.is_dir():
        raise refuse("backup.no_folder", path=str(path.parent))
    partial = path.with_name(path.name + ".partial")
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        database = Path(folder) / "database"
        _dump(database)
        stored = sorted(item for item in _store_files())
        entries: dict[str, str] = {}
        try:
            with tarfile.open(partial, "w:gz", compresslevel=3) as archive:
                entries["database"] = _add(archive, database, "database")
                for number, item in enumerate(stored, start=1):
                    name = f"store/{item.relative_to(settings.STORE).as_posix()}"
                    entries[name] = _add(archive, item, name)
                    progress(number, len(stored))
                manifest = {
                    "made_at": now().isoformat(),
                    "version": __version__,
                    "database": connection.vendor,
                    "files": entries,
                }
                content = json.dumps(manifest, indent=1).encode()
                info = tarfile.TarInfo(MANIFEST)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
            with partial.open("rb") as handle:
                os.fsync(handle.fileno())
            partial.rename(path)
        finally:
            partial.unlink(missing_ok=True)
    return Summary(
        str(manifest["made_at"]), __version__, connection.vendor, len(entries), path.stat().st_size
    )


def restore(path: Path, *, replace: bool, progress: Progress = _silent) -> Summary:
    """Put a backup in place of the present data. Everything is unpacked and checked before anything moves."""
    if not path.is_file():
        raise refuse("backup.not_found", path=str(path))
    home = Path(settings.HOME)
    home.mkdir(parents=True, exist_ok=True)
    if not replace and _has_data():
        raise refuse("backup.not_empty")
    with tempfile.TemporaryDirectory(dir=home) as folder:
        unpacked = Path(folder)
        manifest = _unpack(path, unpacked, progress)
        if manifest["database"] != connection.vendor:
            raise refuse("backup.other_database", theirs=manifest["database"], ours=connection.vendor)
        connection.close()
        aside = home / f"before-restore-{now():%Y%m%d-%H%M%S}"
        aside.mkdir()
        store = Path(settings.STORE)
        if store.exists():
            store.rename(aside / "store")
        _load(unpacked / "database", aside)
        (unpacked / "store").mkdir(exist_ok=True)
        (unpacked / "store").rename(store)
        if not any(aside.iterdir()):
            aside.rmdir()
    return Summary(
        manifest["made_at"],
        manifest["version"],
        manifest["database"],
        len(manifest["files"]),
        path.stat().st_size,
    )


def _store_files() -> Iterator[Path]:
    """Everything in the store but half-written files."""
    store = Path(settings.STORE)
    for item in store.rglob("*") if store.exists() else ():
        if item.is_file() and "incoming" not in item.relative_to(store).parts:
            yield item


def _add(archive: tarfile.TarFile, path: Path, name: str) -> str:
    with path.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    archive.add(path, arcname=name)
    return digest


def _unpack(path: Path, folder: Path, progress: Progress) -> dict[str, Any]:
    try:
        with tarfile.open(path, "r:gz") as archive:
            archive.extractall(folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        expected: dict[str, str] = manifest["files"]
    except (tarfile.TarError, OSError, EOFError, ValueError, KeyError) as error:
        raise refuse("backup.not_a_backup", path=str(path)) from error
    for number, (name, digest) in enumerate(sorted(expected.items()), start=1):
        item = folder / name
        if not item.is_file():
            raise refuse("backup.altered", name=name)
        with item.open("rb") as handle:
            if hashlib.file_digest(handle, "sha256").hexdigest() != digest:
                raise refuse("backup.altered", name=name)
        progress(number, len(expected))
    return manifest


def _has_data() -> bool:
    if connection.vendor == "sqlite":
        return Path(str(connection.settings_dict["NAME"])).exists()
    return bool(connection.introspection.table_names())


def _dump(target: Path) -> None:
    if connection.vendor == "sqlite":
        with (
            sqlite3.connect(str(connection.settings_dict["NAME"])) as source,
            sqlite3.connect(target) as copy,
        ):
            source.backup(copy)
        return
    # Row-level security would refuse the role a whole copy; the session says that it is the system's.
    _postgres("pg_dump", "--enable-row-security", "--format=custom", "--no-owner", "--file", str(target))


def _load(dump: Path, aside: Path) -> None:
    if connection.vendor == "sqlite":
        database = Path(str(connection.settings_dict["NAME"]))
        for suffix in ("", "-wal", "-shm"):
            present = database.with_name(database.name + suffix)
            if present.exists():
                present.rename(aside / present.name)
        shutil.move(dump, database)
        return
    _postgres("pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", str(dump))


def _postgres(program: str, *arguments: str) -> None:
    """Run a client program of PostgreSQL against the configured database."""
    found = shutil.which(program)
    if found is None:
        raise refuse("backup.no_program", program=program)
    options = connection.settings_dict
    environment = os.environ | {
        "PGPASSWORD": str(options.get("PASSWORD") or ""),
        "PGOPTIONS": f"-c jingtu.reader={SYSTEM_READER}",
    }
    command = [
        found,
        "--host",
        str(options["HOST"]),
        "--port",
        str(options["PORT"] or 5432),
        "--username",
        str(options["USER"]),
    ]
    command += ["--dbname", str(options["NAME"]), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise refuse("backup.program_failed", program=program, what=done.stderr.strip().splitlines()[-1])
