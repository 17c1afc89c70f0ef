"""A process killed in mid-run, mid-publication or mid-issue: the store is as before, the work can be done again,
``doctor`` says what was left and clears it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.skipif(
    "sqlite" not in settings.DATABASES["default"]["ENGINE"], reason="drills the embedded store"
)

SCRIPT = '''
import json, os, signal, sys
from pathlib import Path
import django
django.setup()
from django.db import connections
from jingtu.assessment.bulletins import services as bulletins
from jingtu.assessment.bulletins.models import Bulletin
from jingtu.assessment.runs import services as runs, snapshots
from jingtu.assessment.runs.models import Publication, Run, RunPlace
from jingtu.assessment.runs.services import preparing, publishing
from jingtu.core.files.models import StoredFile
from jingtu.core.jobs import runner
from jingtu.core.jobs.models import Job
from jingtu.core.jobs.services import recover, submit
from jingtu.core.kernel.actor import SYSTEM
from jingtu.engine import snapshot
from jingtu.portal.maintenance.checks import examine
from tests.assessment.office import Office

office, told = Office(), {}
store = Path(os.environ["JINGTU_HOME"]) / "store"

def killed(owner, name, work):
    """Do the work in a process of its own that is killed where it first calls ``owner.name``."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        setattr(owner, name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
        try:
            work()
        finally:
            os._exit(1)  # it was never called: no kill, no pass
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, status

def doctor(fix=False):
    for path in [*store.rglob("*"), *store.rglob(".writing-*")]:
        os.utime(path, (0, 0))  # a young left-over could still be somebody's
    return {found.name_en: [found.verdict, *(problem.text("en") for problem in found.problems)]
            for found in examine(SYSTEM, fix=fix) if found.problems and "font" not in found.name_en}

def state():
    run = Run.objects.get()
    return [run.state, run.snapshot_digest != "", RunPlace.objects.count(), Publication.objects.count(),
            Bulletin.objects.count(), StoredFile.objects.count()]

def drill(name, owner, point, work):
    before = state()
    killed(owner, point, work)
    told[name] = {"same": state() == before, "found": doctor(), "cleared": doctor(fix=True), "then": doctor()}

run = office.new_run()
drill("files half written", snapshot, "_manifest", lambda: runs.prepare(office.analyst, run.pk))
drill("files written, row not", preparing, "locked", lambda: runs.prepare(office.analyst, run.pk))

job = submit(office.analyst, runs.JOB_KIND, {"run": run.pk}, office.city.pk)
drill("job", preparing, "find_in", lambda: runner.run_job.call(job.pk))
job.refresh_from_db()
told["job cut off"] = [job.state, Run.objects.get().state]
told["recovered"] = recover(SYSTEM, sole_worker=True)["requeued"]
runner.run_job.call(job.pk)
job.refresh_from_db()
told["job again"] = [job.state, job.attempts, Run.objects.get().state]

for finding in run.findings.filter(severity="error"):
    runs.answer_finding(office.analyst, finding.pk, "已与当地核实")
runs.submit_for_review(office.analyst, run.pk)
drill("publication", publishing, "_tell_readers", lambda: runs.approve_and_publish(office.reviewer, run.pk))
runs.approve_and_publish(office.reviewer, run.pk)

def issue():
    return bulletins.issue(office.reviewer, run.pk, number="示禁通〔2026〕1号", issuer_zh="示范市禁毒办")

bulletins.FORMATS = {"xlsx": bulletins.FORMATS["xlsx"]}
drill("bulletin", bulletins, "record", issue)
issue()
told["end"] = state()
told["sound"] = doctor()
print(json.dumps(told))
'''


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, installed_in: Callable[[Path], None]) -> dict[str, object]:
    home = tmp_path_factory.mktemp("home")
    installed_in(home / "crash.sqlite3")
    environment = {
        **os.environ,
        "JINGTU_HOME": str(home),
        "JINGTU_DATABASE_URL": f"sqlite:///{home / 'crash.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "jingtu.portal.settings.local",
        "PYTHONPATH": os.pathsep.join(["src", ".", *(path for path in sys.path if path)]),
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize(
    ("drill", "left"),
    [("files half written", 1), ("files written, row not", 1), ("publication", 0), ("bulletin", 2)],
)
def test_a_kill_leaves_everything_as_before_and_doctor_clears_what_was_left(
    told: dict[str, dict[str, object]], drill: str, left: int
) -> None:
    assert told[drill]["same"] is True
    if left == 0:
        assert told[drill]["found"] == {}
        return
    verdict, sentence = told[drill]["found"]["Interrupted writes"]  # type: ignore[index]
    assert verdict == "warning"
    assert sentence.startswith(f"{left} files were left")
    assert told[drill]["cleared"]["Interrupted writes"][1].startswith(f"Cleared {left}")  # type: ignore[index]
    assert told[drill]["then"] == {}


def test_a_job_cut_off_is_taken_up_again_and_ends(told: dict[str, object]) -> None:
    # What its first half stored stands by itself: a computed draft that is not checked.
    assert told["job cut off"] == ["running", "draft"]
    assert told["recovered"] == 1
    assert told["job again"] == ["done", 2, "checked"]


def test_after_all_drills_the_work_is_done_and_everything_is_sound(told: dict[str, object]) -> None:
    assert told["end"] == ["published", True, 2, 1, 1, 2]
    assert told["sound"] == {}
