"""What people do with duty reports, one verb a function."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from jingtu.core.audit.actions import register_actions, register_objects, register_states
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.characters import unprintable
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, NotFound, PermissionDenied, Problem, refuse

from . import notices
from .models import DutyComment, DutyReport, UnitEvaluation
from .queries import get_report, get_unit_run, own_units, unit_rows
from .rules import AFTER, AUTHORS, TEXT_MOST, Act, State
from .sections import gathered
from .words import STATES

register_actions(
    {
        "dutyreports.begun": ("开始撰写述职报告", "Duty report begun"),
        "dutyreports.written": ("修改述职报告", "Duty report written"),
        "dutyreports.submitted": ("提交述职报告", "Duty report submitted"),
        "dutyreports.commented": ("讲评述职报告", "Duty report commented on"),
        "dutyreports.closed": ("办结述职报告", "Duty report closed"),
        "dutyreports.printed": ("打印述职报告", "Duty report printed"),
        "dutyreports.unit_evaluated": ("评价成员单位", "Member unit evaluated"),
    }
)
register_objects({"duty_report": ("述职报告", "Duty report")})
register_states("duty_report", STATES)


def begin(actor: Actor, region_id: int, post: str, year: int, *, unit_id: int | None = None) -> DutyReport:
    """Begin one's own report of a post for a year. Raises PermissionDenied, InvalidInput."""
    person = user_id_of(actor)
    if person is None or not actor.can(Permission.DUTIES_READ, region_id):
        raise PermissionDenied(Permission.DUTIES_READ)
    post = post.strip()[:128]
    if not post:
        raise refuse("dutyreports.post_missing", column="post")
    if unprintable(post):
        raise refuse("dutyreports.unprintable", column="post")
    if not 2000 <= year <= today().year:
        raise refuse("dutyreports.bad_year", column="year")
    if unit_id is not None and unit_id not in {unit.pk for unit in own_units(actor, [region_id])}:
        raise refuse("dutyreports.unit_elsewhere", column="unit")
    try:
        with transaction.atomic():
            report = DutyReport.objects.create(
                region_id=region_id,
                unit_id=unit_id,
                person_id=person,
                post=post,
                year=year,
                created_at=now(),
            )
            _record(actor, "dutyreports.begun", report)
    except IntegrityError as error:
        raise refuse("dutyreports.there_already", column="post") from error
    return report


@transaction.atomic
def draft(actor: Actor, region_id: int, post: str, year: int, text: str = "") -> DutyReport:
    """Begin one's own report together with its first words, or neither. Raises as :func:`begin` and :func:`write`."""
    report = begin(actor, region_id, post, year)
    return write(actor, report.pk, text) if text else report


def write(actor: Actor, report_id: int, text: str) -> DutyReport:
    """The author's own words, while it is a draft."""
    with transaction.atomic():
        report = _step(actor, report_id, Act.WRITE)
        report.text = _checked(text)
        report.save(update_fields=["text"])
        _record(actor, "dutyreports.written", report)
    return report


def submit(actor: Actor, report_id: int) -> DutyReport:
    """Hand it in; what the system knows of the year is kept with it from now on."""
    with transaction.atomic():
        report = _step(actor, report_id, Act.SUBMIT)
        _checked(report.text)
        report.content = gathered(actor, report)
        report.submitted_at = now()
        report.save(update_fields=["state", "content", "submitted_at"])
        _record(actor, "dutyreports.submitted", report)
        notices.submitted(actor, report)
    return report


def comment(actor: Actor, report_id: int, text: str) -> DutyComment:
    """Comment on somebody else's report (述职讲评)."""
    text = _checked(text)
    with transaction.atomic():
        report = _step(actor, report_id, Act.COMMENT)
        report.save(update_fields=["state"])
        said = DutyComment.objects.create(
            report=report, person_id=user_id_of(actor) or 0, at=now(), text=text
        )
        _record(actor, "dutyreports.commented", report)
        notices.commented(actor, report)
    return said


def close(actor: Actor, report_id: int) -> DutyReport:
    """Close a report that was commented on."""
    with transaction.atomic():
        report = _step(actor, report_id, Act.CLOSE)
        report.closed_at, report.closed_by_id = now(), user_id_of(actor)
        report.save(update_fields=["state", "closed_at", "closed_by"])
        _record(actor, "dutyreports.closed", report)
        notices.closed(actor, report)
    return report


def record_printing(actor: Actor, report: DutyReport, extension: str) -> None:
    """Say in the audit trail that a report was taken out."""
    _record(actor, "dutyreports.printed", report, format=extension)


def evaluate_unit(actor: Actor, run_id: int, region_id: int, text: str) -> UnitEvaluation:
    """The office's words on a member unit, beside its own scorecard; written anew they replace the earlier ones."""
    run = get_unit_run(actor, run_id)
    if not actor.can(Permission.BODIES_MANAGE, run.region_id):
        raise PermissionDenied(Permission.BODIES_MANAGE)
    if region_id not in {row.region.pk for row in unit_rows(actor, run)}:
        raise NotFound(region_id, "region")
    text = _checked(text)
    with transaction.atomic():
        before = UnitEvaluation.objects.filter(run=run, region_id=region_id).first()
        values = {"text": text, "person_id": user_id_of(actor), "at": now()}
        evaluation, _made = UnitEvaluation.objects.update_or_create(
            run=run, region_id=region_id, defaults=values
        )
        record(
            actor,
            "dutyreports.unit_evaluated",
            target_type="run",
            target_id=run.pk,
            region_id=region_id,
            before={"text": before.text} if before else None,
            after={"text": text},
        )
    return evaluation


def _step(actor: Actor, report_id: int, act: Act) -> DutyReport:
    """The report, locked and in its next state. Raises Conflict, PermissionDenied, NotFound."""
    get_report(actor, report_id)
    report = (
        DutyReport.objects.select_for_update(of=("self",)).select_related("region__tree").get(pk=report_id)
    )
    own = report.person_id == user_id_of(actor)
    if act in AUTHORS and not own:
        raise Conflict(Problem("dutyreports.authors_only"))
    if act not in AUTHORS:
        if own:
            raise Conflict(Problem("dutyreports.own_report"))
        if user_id_of(actor) is None or not actor.can(Permission.DUTY_REPORTS_READ, report.region_id):
            raise PermissionDenied(Permission.DUTY_REPORTS_READ)
    after = AFTER.get((State(report.state), act))
    if after is None:
        raise Conflict(Problem("dutyreports.wrong_state"))
    report.state = after.value
    return report


def _checked(text: str) -> str:
    text = text.strip()
    if not text:
        raise refuse("dutyreports.text_missing", column="text")
    if len(text) > TEXT_MOST:
        raise refuse("dutyreports.text_too_long", column="text", most=TEXT_MOST)
    if unprintable(text):
        raise refuse("dutyreports.unprintable", column="text")
    return text


def _record(actor: Actor, action: str, report: DutyReport, **more: object) -> None:
    record(
        actor,
        action,
        target_type="duty_report",
        target_id=report.pk,
        region_id=report.region_id,
        after={"year": report.year, "state": report.state, **more},
    )
