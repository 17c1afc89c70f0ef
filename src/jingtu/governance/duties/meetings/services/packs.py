"""Papers put together as a job, and kept."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.audit.actions import register_actions, register_reads
from jingtu.core.files.services import keep_made
from jingtu.core.jobs.models import Job
from jingtu.core.jobs.registry import Progress
from jingtu.core.jobs.services import submit
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, PermissionDenied, Problem
from jingtu.engine.problems import Language

from ..minuting import FORMATS, minutes_of
from ..models import Meeting, Pack
from ..packing import make_pack
from ..rules import TOOK_PLACE
from .common import audited, known, managed_meeting, wrong_state

JOB_KIND = "meetings.pack"
PACK_PURPOSE = "meeting-pack"

register_actions(
    {
        "meetings.packed": ("汇编会议材料", "Papers of a meeting bound"),
        "meetings.printed": ("下载会议纪要", "Minutes downloaded"),
    }
)
register_reads("meetings.printed")


def ask_for_pack(actor: Actor, meeting_id: int, language: Language) -> Job:
    """Have the papers bound as a job. Raises PermissionDenied, Conflict for an empty agenda."""
    meeting = _to_pack(actor, meeting_id)
    params = {"meeting": meeting.pk, "language": language}
    return submit(actor, JOB_KIND, params, meeting.region_id)


def pack_as_job(job: Job, actor: Actor, progress: Progress) -> Mapping[str, Any]:
    """What the job does."""
    language: Language = "en" if job.params.get("language") == "en" else "zh"
    made = keep_pack(actor, int(job.params["meeting"]), language, progress)
    return {"meeting": made.meeting_id, "file": made.file_id, "pages": made.pages}


def keep_pack(actor: Actor, meeting_id: int, language: Language, progress: Progress | None = None) -> Pack:
    """Bind the papers as they stand now and keep the file beside earlier ones."""
    meeting = _to_pack(actor, meeting_id)
    moment = now()
    pack = make_pack(actor, meeting, language, progress)
    name = f"{meeting.held_on.isoformat()}_{meeting.title}_{'材料' if language == 'zh' else 'papers'}.pdf"
    with tempfile.TemporaryDirectory() as folder, transaction.atomic():
        path = Path(folder) / "pack"
        path.write_bytes(pack.content)
        stored = keep_made(actor, path, name, purpose=PACK_PURPOSE, region_id=meeting.region_id)
        made = Pack.objects.create(
            meeting=meeting,
            language=language,
            pages=pack.pages,
            file=stored,
            made_at=moment,
        )
        audited(actor, "meetings.packed", meeting, after={"pages": pack.pages, "language": language})
    return made


def pack_outcome(job: Job) -> tuple[str, str] | None:
    """Where a pack that was made can be had."""
    meeting_id = job.result.get("meeting")
    if meeting_id is None:
        return None
    return _("打开会议页取用材料"), reverse("meetings:detail", args=[meeting_id])


def _to_pack(actor: Actor, meeting_id: int) -> Meeting:
    if user_id_of(actor) is None:
        raise PermissionDenied(Permission.MEETINGS_MANAGE)  # papers hold what a person may read
    meeting = managed_meeting(actor, meeting_id)
    if not meeting.items.exists():
        raise Conflict(Problem("meetings.nothing_on_agenda"))
    return meeting


def print_minutes(actor: Actor, meeting_id: int, extension: str, language: Language) -> tuple[str, bytes]:
    """The minutes by the official layout, with a file name; the download goes into the audit trail.

    Raises NotFound for a meeting that is not the actor's to know, Conflict before it was held.
    """
    meeting = known(actor, meeting_id)
    if meeting.state not in TOOK_PLACE:
        raise Conflict(wrong_state(meeting))
    content = FORMATS[extension](minutes_of(meeting, language))
    audited(actor, "meetings.printed", meeting, after={"format": extension, "language": language})
    word = "纪要" if language == "zh" else "minutes"
    return f"{meeting.held_on.isoformat()}_{meeting.title}_{word}.{extension}", content
