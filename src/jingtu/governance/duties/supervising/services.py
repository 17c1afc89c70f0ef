"""What people do with notices, one verb a function: each takes the actor, asks the rules, writes the audit trail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.urls import reverse

from jingtu.assessment.indicators.store import catalogue_of
from jingtu.assessment.runs.models import Run
from jingtu.core.accounts.models import Unit
from jingtu.core.audit.actions import register_actions, register_objects, register_states
from jingtu.core.audit.services import record
from jingtu.core.files.models import StoredFile
from jingtu.core.files.rules import EVIDENCE
from jingtu.core.files.services import Upload, receive
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, InvalidInput, PermissionDenied, Problem, refuse
from jingtu.core.numbering.queries import series_for
from jingtu.core.numbering.services import allocate, void_of
from jingtu.core.regions.models import Region
from jingtu.core.regions.queries import get_region, is_within
from jingtu.engine.workdays import is_working_day
from jingtu.governance.duties.plans.models import Task
from jingtu.governance.duties.plans.visibility import visible_tasks

from . import telling
from .models import Supervision, SupervisionFile, SupervisionStep
from .queries import facts_of, get_notice, published_run
from .rules import (
    MOST_FILES,
    TABLE,
    USUAL,
    WAITING,
    Days,
    Hand,
    NoticeAction,
    NoticeState,
    Subject,
    days_problems,
    due_after_return,
    due_problem,
    reason_problem,
    refusal,
    reminder_due,
    text_problem,
)
from .words import STATES

PURPOSE = "supervision"
LOOK_AHEAD = 31
"""Calendar days within which the first reminder of a notice may come: ten working days, with the longest holiday."""

register_actions(
    {
        "supervising.drafted": ("起草督办件", "Supervision notice drafted"),
        "supervising.issued": ("下达督办件", "Supervision notice issued"),
        "supervising.answered": ("答复督办件", "Supervision notice answered"),
        "supervising.accepted": ("督办答复审核通过", "Answer to supervision accepted"),
        "supervising.returned": ("退回督办答复", "Answer to supervision returned"),
        "supervising.withdrawn": ("撤回督办件", "Supervision notice withdrawn"),
        "supervising.followed": ("督办随区划变更转办", "Supervision went to a successor"),
        "supervising.printed": ("打印督办件", "Supervision notice printed"),
        "supervising.exported": ("导出督办清单", "List of supervision exported"),
    }
)
register_objects({"supervision": ("督办", "Supervision notice")})
register_states("supervision", STATES)


@dataclass(frozen=True)
class Asked:
    """What a notice asks: of whom, what, by when. ``task_id``, or ``run_id`` with ``indicator``, or neither."""

    title: str
    text: str
    due: dt.date
    issuer: str
    place_id: int | None = None
    unit_id: int | None = None
    task_id: int | None = None
    run_id: int | None = None
    indicator: str = ""
    days: Days = USUAL


def draft(actor: Actor, region_id: int, asked: Asked) -> Supervision:
    """Draw up a notice of the office of a region. A task's notice goes to its region and unit unless said otherwise.

    Raises PermissionDenied, InvalidInput (what is missing, a day too early, a place that is not the office's).
    """
    if not actor.can(Permission.SUPERVISION_ISSUE, region_id):
        raise PermissionDenied(Permission.SUPERVISION_ISSUE)
    region = get_region(actor, region_id)
    problems = _problems(asked)
    if problems:
        raise InvalidInput(problems)
    subject, task, run, label, label_en = _subject(actor, asked)
    place_id = asked.place_id or (task.region_id if task is not None else None)
    unit_id = asked.unit_id
    if unit_id is None and task is not None and asked.place_id in (None, task.region_id):
        unit_id = task.unit_id
    place = _place(region, place_id, unit_id)
    with transaction.atomic():
        notice = Supervision.objects.create(
            region=region,
            place=place,
            unit_id=unit_id,
            subject=subject.value,
            task=task,
            run=run,
            indicator=asked.indicator if run is not None else "",
            label=label[:300],
            label_en=label_en[:300],
            title=asked.title.strip()[:200],
            text=asked.text.strip(),
            issuer=asked.issuer.strip()[:64],
            first_due=asked.due,
            due=asked.due,
            remind_before=asked.days.before,
            remind_again=asked.days.repeat,
            return_days=asked.days.after_return,
            drafted_by_id=user_id_of(actor),
            drafted_at=now(),
        )
        _step(actor, notice, NoticeAction.DRAFT, "", [])
        _audit(
            actor, "supervising.drafted", notice, after={"due": asked.due.isoformat(), "what": notice.title}
        )
    return notice


def issue(actor: Actor, notice_id: int, series_id: int | None = None) -> Supervision:
    """Send a notice out; it takes the next number of a series of the office or of one above it.

    Raises NotFound, PermissionDenied, Conflict, InvalidInput (the series, or a last day that has come near).
    """
    with transaction.atomic():
        notice = _begin(actor, notice_id, NoticeAction.ISSUE)
        problem = due_problem(notice.due, today())
        if problem is not None:
            raise InvalidInput([problem])
        number = ""
        if series_id is not None:
            if series_id not in {series.pk for series in series_for(SYSTEM, notice.region_id)}:
                raise InvalidInput([Problem("supervising.not_the_offices_series", column="series")])
            number = allocate(
                actor,
                series_id,
                subject=f"督办通知：{notice.title}",
                subject_en=f"Supervision notice: {notice.title}",
                target=f"supervision:{notice.pk}",
                link=reverse("supervising:detail", args=[notice.pk]),
            ).text
        _move(
            actor,
            notice,
            NoticeAction.ISSUE,
            "supervising.issued",
            issued_by_id=user_id_of(actor),
            issued_at=now(),
            number=number,
        )
        telling.to_unit(actor, notice, "supervising.issued")
    return notice


def answer(actor: Actor, notice_id: int, text: str, files: Sequence[Upload] = ()) -> Supervision:
    """Answer a notice for the place or unit asked, with evidence.

    Raises NotFound, PermissionDenied, Conflict, InvalidInput.
    """
    notice = get_notice(actor, notice_id)
    _require(actor, notice, NoticeAction.ANSWER)
    problem = reason_problem(NoticeAction.ANSWER, text)
    if problem is not None:
        raise InvalidInput([problem])
    if len(files) > MOST_FILES:
        raise refuse("supervising.too_many_files", column="files", most=MOST_FILES)
    stored = [
        receive(actor, blocks, name, purpose=PURPOSE, accepted=EVIDENCE, region_id=notice.place_id)
        for name, blocks in files
    ]
    with transaction.atomic():
        notice = _begin(actor, notice_id, NoticeAction.ANSWER, text)
        _move(
            actor,
            notice,
            NoticeAction.ANSWER,
            "supervising.answered",
            text,
            stored,
            answered_on=today(),
            first_answered_on=notice.first_answered_on or today(),
        )
        telling.to_office(actor, notice, "supervising.answered")
    return notice


def accept(actor: Actor, notice_id: int, note: str = "") -> Supervision:
    """Accept the answer; the notice is settled. Raises NotFound, PermissionDenied, Conflict, InvalidInput."""
    with transaction.atomic():
        notice = _begin(actor, notice_id, NoticeAction.ACCEPT, note)
        _move(actor, notice, NoticeAction.ACCEPT, "supervising.accepted", note, closed_at=now())
        telling.to_unit(actor, notice, "supervising.accepted")
    return notice


def return_answer(actor: Actor, notice_id: int, reason: str) -> Supervision:
    """Give the answer back with the reason; the unit gets some working days more.

    Raises NotFound, PermissionDenied, Conflict, InvalidInput.
    """
    with transaction.atomic():
        notice = _begin(actor, notice_id, NoticeAction.RETURN, reason)
        _move(
            actor,
            notice,
            NoticeAction.RETURN,
            "supervising.returned",
            reason,
            due=due_after_return(notice.due, today(), notice.days),
            level=0,
            reminded_on=None,
        )
        telling.to_unit(actor, notice, "supervising.returned")
    return notice


def withdraw(actor: Actor, notice_id: int, reason: str) -> Supervision:
    """Take a notice back; its number is void. Raises NotFound, PermissionDenied, Conflict, InvalidInput."""
    with transaction.atomic():
        notice = _begin(actor, notice_id, NoticeAction.WITHDRAW, reason)
        was_out = notice.state != NoticeState.DRAFTED
        _move(actor, notice, NoticeAction.WITHDRAW, "supervising.withdrawn", reason, closed_at=now())
        if notice.number:
            void_of(actor, f"supervision:{notice.pk}", reason)
        if was_out:
            telling.to_unit(actor, notice, "supervising.withdrawn")
    return notice


def remind() -> int:
    """Remind with rising level before, on and after the last day; for the ticker."""
    day = today()
    if not is_working_day(day):
        return 0
    soon = day + dt.timedelta(days=LOOK_AHEAD)
    waiting = Supervision.objects.filter(state__in=sorted(WAITING), due__lte=soon)
    done = 0
    for notice in waiting.select_related("place", "region", "unit").order_by("pk"):
        level = reminder_due(notice.due, day, notice.level, notice.reminded_on, notice.days)
        if not level:
            continue
        with transaction.atomic():
            # Of two tickers one changes the row, and that one tells.
            claimed = Supervision.objects.filter(
                pk=notice.pk, level=notice.level, reminded_on=notice.reminded_on, state=notice.state
            )
            if claimed.update(level=level, reminded_on=day):
                telling.remind(notice, level)
                done += 1
    return done


def _problems(asked: Asked) -> list[Problem]:
    problems = [
        Problem("supervising.missing", column=name)
        for name in ("title", "text", "issuer")
        if not getattr(asked, name).strip()
    ]
    for name in ("title", "text", "issuer"):
        unfit = text_problem(getattr(asked, name), name)
        if unfit is not None:
            problems.append(unfit)
    problems += days_problems(asked.days)
    early = due_problem(asked.due, today())
    return [*problems, early] if early is not None else problems


def _subject(actor: Actor, asked: Asked) -> tuple[Subject, Task | None, Run | None, str, str]:
    if asked.task_id is not None:
        task = Task.objects.filter(visible_tasks(actor), pk=asked.task_id).first()
        if task is None:
            raise refuse("supervising.no_such_subject", column="task")
        return Subject.TASK, task, None, task.title, ""
    if asked.run_id is not None:
        run = published_run(actor, asked.run_id)
        known = catalogue_of(run.catalogue).indicators.get(asked.indicator) if run is not None else None
        if run is None or known is None:
            raise refuse("supervising.no_such_subject", column="indicator")
        return Subject.INDICATOR, None, run, known.name_zh, known.name_en
    return Subject.MATTER, None, None, "", ""


def _place(region: Region, place_id: int | None, unit_id: int | None) -> Region:
    """The place asked: inside the office's own region; for one of its member units the region itself."""
    unit = Unit.objects.filter(pk=unit_id, is_active=True).first() if unit_id is not None else None
    place = Region.objects.select_related("tree").filter(pk=place_id or 0, valid_to__isnull=True).first()
    fits = place is not None and is_within(place.pk, region.pk) and (unit_id is None) == (unit is None)
    if place is None or not fits or (unit is None and place.pk == region.pk):
        raise refuse("supervising.no_such_place", column="place")
    if unit is not None and place.pk not in {unit.region_id, unit.unit_region_id}:
        raise refuse("supervising.no_such_place", column="unit")
    return place


def _begin(actor: Actor, notice_id: int, action: NoticeAction, text: str = "") -> Supervision:
    """The notice, its row locked, once the rules allow the act. Call inside the transaction of the act."""
    get_notice(actor, notice_id)
    notice = (
        Supervision.objects.select_for_update(of=("self",))
        .select_related("region", "place")
        .get(pk=notice_id)
    )
    _require(actor, notice, action)
    problem = reason_problem(action, text)
    if problem is not None:
        raise InvalidInput([problem])
    return notice


def _require(actor: Actor, notice: Supervision, action: NoticeAction) -> None:
    problem = refusal(action, facts_of(actor, notice))
    if problem is None:
        return
    if problem.code == "supervising.not_permitted":
        office = TABLE[action].hand is Hand.OFFICE
        raise PermissionDenied(Permission.SUPERVISION_ISSUE if office else Permission.SUPERVISION_ANSWER)
    raise Conflict(problem)


def _move(
    actor: Actor,
    notice: Supervision,
    action: NoticeAction,
    audited: str,
    text: str = "",
    files: Sequence[StoredFile] = (),
    **changes: object,
) -> None:
    before = notice.state
    state = TABLE[action].target.value
    if not Supervision.objects.filter(pk=notice.pk, state=before).update(state=state, **changes):
        raise Conflict(Problem("supervising.wrong_state"))
    notice.refresh_from_db()
    _step(actor, notice, action, text, files)
    _audit(actor, audited, notice, before={"state": before}, after={"state": state}, reason=text.strip())


def _step(
    actor: Actor, notice: Supervision, action: NoticeAction, text: str, files: Sequence[StoredFile]
) -> None:
    step = SupervisionStep.objects.create(
        notice=notice,
        action=action.value,
        to_state=notice.state,
        person_id=user_id_of(actor),
        at=now(),
        text=text.strip(),
    )
    SupervisionFile.objects.bulk_create(SupervisionFile(step=step, file=one) for one in files)


def _audit(actor: Actor, action: str, notice: Supervision, **values: object) -> None:
    record(
        actor,
        action,
        target_type="supervision",
        target_id=notice.pk,
        region_id=notice.place_id,
        **values,  # type: ignore[arg-type]
    )
