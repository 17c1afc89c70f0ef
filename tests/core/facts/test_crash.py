"""A process killed in mid-import leaves the store as before; the sweep names what it left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.skipif(
    "sqlite" not in settings.DATABASES["default"]["ENGINE"], reason="drills the embedded store"
)

SCRIPT = """
import os, signal, sys, time
from pathlib import Path
os.environ["DJANGO_SETTINGS_MODULE"] = "jingtu.portal.settings.local"
import django
django.setup()
from jingtu.core.facts import store
from jingtu.core.facts.models import FactBatch, FactImport
from jingtu.core.facts.services import import_path, store_elements
from jingtu.core.facts.services import imports
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.regions.models import Region, RegionTree
from jingtu.engine.elements import Element, ElementKind

step, home = sys.argv[1], Path(os.environ["JINGTU_HOME"])
if step == "prepare":
    tree = RegionTree.objects.create(slug="t", name_zh="t", name_en="t")
    Region.objects.create(tree=tree, code="1", name="一", level="county", position=0, last=0)
    store_elements(SYSTEM, [Element("cases", "案件", "Cases", ElementKind.FLOW, "cases")])
tree = RegionTree.objects.get(slug="t")
if step == "prepare":
    (home / "a.csv").write_text("region,element,period,value\\n1,cases,2024-01,5\\n")
    (home / "b.csv").write_text("region,element,period,value\\n1,cases,2024-01,9\\n")
    import_path(SYSTEM, tree, home / "a.csv")
if step == "killed":
    def die(*_, **__):
        os.kill(os.getpid(), signal.SIGKILL)
    imports.commit = die
    import_path(SYSTEM, tree, home / "b.csv")
if step == "look":
    facts = store.read(tree.pk)
    for path in store.folder().rglob("*.parquet"):
        os.utime(path, (0, 0))
    print([row.value for row in facts.rows()], FactBatch.objects.count(), len(store.sweep(remove=True)),
          len(store.sweep(remove=False)), len(store.damaged()),
          FactImport.objects.filter(state="stored").count())
if step == "again":
    import_path(SYSTEM, tree, home / "b.csv")
    print([row.value for row in store.read(tree.pk).rows()])
"""


def run(step: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "JINGTU_HOME": str(home),
        "JINGTU_DATABASE_URL": f"sqlite:///{home / 'crash.sqlite3'}",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, step], env=environment, capture_output=True, text=True, check=False
    )


def test_a_kill_between_file_and_commit_changes_nothing_and_the_import_can_be_repeated(
    tmp_path: Path, installed_in: Callable[[Path], None]
) -> None:
    installed_in(tmp_path / "crash.sqlite3")
    prepared = run("prepare", tmp_path)
    assert prepared.returncode == 0, prepared.stderr
    assert run("killed", tmp_path).returncode == -signal.SIGKILL
    assert run("look", tmp_path).stdout.split() == ["[5]", "1", "1", "0", "0", "1"]
    assert run("again", tmp_path).stdout.split() == ["[9]"]
