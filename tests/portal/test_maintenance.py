"""Backup, restore and doctor as an administrator runs them: whole processes on a private installation."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.skipif(
    "sqlite" not in settings.DATABASES["default"]["ENGINE"], reason="drills the embedded store"
)


class Installation:
    """An installation of its own in a temporary folder."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("JINGTU_")}
        self.environment |= {
            "JINGTU_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "jingtu.portal.settings.local",
            "PYTHONPATH": "src",
            "JINGTU_LANG": "en",
        }

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "jingtu", *words],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def sql(self, statement: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.home / "jingtu.sqlite3") as database:
            return database.execute(statement).fetchall()


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, installed_in: Callable[[Path], None]) -> Installation:
    installation = Installation(tmp_path_factory.mktemp("home"))
    installed_in(installation.home / "jingtu.sqlite3")
    store = installation.home / "store" / "facts"
    store.mkdir(parents=True)
    (store / "kept.bin").write_bytes(b"kept")
    return installation


def test_an_empty_home_is_said_to_be_not_set_up_yet(tmp_path: Path) -> None:
    examined = Installation(tmp_path).run("doctor")
    assert examined.returncode == 1
    assert "Nothing is set up here yet" in examined.stdout
    assert "jingtu demo" in examined.stdout


def test_a_backup_restores_database_and_files_elsewhere(installed: Installation, tmp_path: Path) -> None:
    made = installed.run("backup", str(tmp_path / "b.tar.gz"))
    assert made.returncode == 0, made.stderr
    other = Installation(tmp_path / "other")
    restored = other.run("restore", str(tmp_path / "b.tar.gz"))
    assert restored.returncode == 0, restored.stderr
    assert (other.home / "store" / "facts" / "kept.bin").read_bytes() == b"kept"
    assert other.sql("SELECT count(*) FROM django_migrations") == installed.sql(
        "SELECT count(*) FROM django_migrations"
    )
    examined = other.run("doctor", "--json")
    assert examined.returncode == 0, examined.stdout
    assert {item["verdict"] for item in json.loads(examined.stdout)} <= {"sound", "warning"}


def test_a_restore_never_overwrites_data_unasked(installed: Installation, tmp_path: Path) -> None:
    installed.run("backup", str(tmp_path / "b.tar.gz"))
    refused = installed.run("restore", str(tmp_path / "b.tar.gz"))
    assert refused.returncode == 2
    assert "--replace" in refused.stderr


def test_an_altered_backup_is_refused_and_changes_nothing(installed: Installation, tmp_path: Path) -> None:
    installed.run("backup", str(tmp_path / "b.tar.gz"))
    folder = tmp_path / "unpacked"
    with tarfile.open(tmp_path / "b.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    (folder / "store" / "facts" / "kept.bin").write_bytes(b"tampered")
    with tarfile.open(tmp_path / "bad.tar.gz", "w:gz") as archive:
        for item in sorted(folder.rglob("*")):
            if item.is_file():
                archive.add(item, arcname=str(item.relative_to(folder)))
    other = Installation(tmp_path / "other")
    refused = other.run("restore", str(tmp_path / "bad.tar.gz"))
    assert refused.returncode == 2
    assert "kept.bin" in refused.stderr
    assert not (other.home / "jingtu.sqlite3").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["restore", "nothing.tar.gz"], "nothing.tar.gz"),
        (["restore", "pyproject.toml", "--replace"], "not a Jingtu backup"),
        (["backup", "no/such/folder/b.tar.gz"], "does not exist"),
        (["doctor", "--as", "nobody"], "nobody"),
    ],
)
def test_wrong_use_is_one_clear_line_and_exit_2(installed: Installation, words: list[str], said: str) -> None:
    done = installed.run(*words)
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_says_when_the_database_is_older_than_the_program(
    installed: Installation, tmp_path: Path
) -> None:
    old = Installation(tmp_path)
    shutil.copytree(installed.home, old.home, dirs_exist_ok=True)
    old.sql("DELETE FROM django_migrations WHERE app = 'bulletins'")
    examined = old.run("doctor")
    assert examined.returncode == 1
    assert "migrate" in examined.stdout
