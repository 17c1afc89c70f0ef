"""Whom a step of an appeal concerns, and what they are told. Called inside the transaction of the step."""

from __future__ import annotations

from django.urls import reverse

from jingtu.assessment.runs.models import Run
from jingtu.core.accounts.queries import holders, holders_inside
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission
from jingtu.core.notifications.services import notify
from jingtu.core.notifications.texts import NoticeText, register_notices
from jingtu.engine.periods import Period

from .models import Appeal
from .rules import OPEN_STATES

register_notices(
    {
        "appeals.window": NoticeText(
            "考核开放申诉：{run}",
            "Assessment open to appeal: {run}",
            "请核对本地区、本单位的数据；有异议的于{until}前提出申诉。",
            "Check the figures of your own region or unit; if one is wrong, file an appeal by {until}.",
        ),
        "appeals.filed": NoticeText(
            "新的申诉：{number}",
            "New appeal: {number}",
            "{place}对“{what}”提出申诉，请于{due}前决定是否受理。",
            "{place} disputes “{what}”; accept or dismiss the appeal by {due}.",
        ),
        "appeals.accepted": NoticeText(
            "申诉已受理：{number}",
            "Appeal accepted: {number}",
            "{place}对“{what}”的申诉已受理，{due}前裁定。",
            "The appeal of {place} about “{what}” is accepted and will be decided by {due}.",
        ),
        "appeals.decided": NoticeText(
            "申诉已裁定：{number}",
            "Appeal decided: {number}",
            "{place}对“{what}”的申诉：{outcome}。理由见申诉页。",
            "The appeal of {place} about “{what}”: {outcome}. The reasons are on its page.",
        ),
        "appeals.compute_again": NoticeText(
            "依申诉更正了数据，请处理：{number}",
            "Figures corrected after an appeal, please act: {number}",
            "未发布的请重新计算并再次提交审批；已发布的请更正生成新版。",
            "Compute an unpublished run again and submit it; make a new version of a published one.",
        ),
        "appeals.withdrawn": NoticeText(
            "申诉已撤回：{number}",
            "Appeal withdrawn: {number}",
            "{place}撤回了对“{what}”的申诉。",
            "{place} has withdrawn its appeal about “{what}”.",
        ),
        "appeals.run_withdrawn": NoticeText(
            "所申诉的考核已撤回：{number}",
            "The assessment you appealed against is withdrawn: {number}",
            "{place}对“{what}”的申诉仍可办理：成立的，更正后的数用于以后的计算；不再需要的，请撤回申诉。",
            "The appeal of {place} about “{what}” may still be decided: corrected figures are used from then on. "
            "If it is no longer needed, withdraw it.",
        ),
        "appeals.due": NoticeText(
            "申诉到期：{number}",
            "Appeal due: {number}",
            "{place}对“{what}”的申诉应于{due}前办理。",
            "The appeal of {place} about “{what}” is due by {due}.",
        ),
    }
)
OUTCOMES_ZH = {"upheld": "成立", "partly": "部分成立", "rejected": "不成立", "dismissed": "不予受理"}
OUTCOMES_EN = {
    "upheld": "upheld",
    "partly": "upheld in part",
    "rejected": "rejected",
    "dismissed": "not accepted for examination",
}


def window_opened(actor: Actor, run: Run) -> None:
    """Tell those who may dispute figures of the places of the run."""
    people = {user.pk for user in holders_inside(actor, Permission.APPEALS_FILE, run.region_id)}
    period = Period.parse(run.period)
    notify(
        actor,
        people,
        "appeals.window",
        params={
            "run": f"{run.region.name}{run.scorecard_zh}（{period.label('zh')}）",
            "run_en": f"{run.scorecard_en}, {period.label('en')}, {run.region.name}",
            "until": run.appeal_until.isoformat() if run.appeal_until else "",
        },
        link=reverse("appeals:open"),
    )


def filed(actor: Actor, appeal: Appeal) -> None:
    """Tell those who may accept it."""
    _tell(actor, appeal, "appeals.filed", _over(actor, appeal, Permission.APPEALS_EXAMINE))


def accepted(actor: Actor, appeal: Appeal) -> None:
    """Tell the filer and those who may decide."""
    people = {appeal.filed_by_id} | _over(actor, appeal, Permission.APPEALS_DECIDE)
    _tell(actor, appeal, "appeals.accepted", people)


def decided(actor: Actor, appeal: Appeal) -> None:
    """Tell the filer and those who examine."""
    people = {appeal.filed_by_id} | _over(actor, appeal, Permission.APPEALS_EXAMINE)
    _tell(
        actor,
        appeal,
        "appeals.decided",
        people,
        outcome=OUTCOMES_ZH[appeal.state],
        outcome_en=OUTCOMES_EN[appeal.state],
    )


def compute_again(actor: Actor, appeal: Appeal) -> None:
    """Tell those who prepare the run that its figures have changed."""
    people = _over(actor, appeal, Permission.RUNS_PREPARE)
    _tell(actor, appeal, "appeals.compute_again", people, link=reverse("runs:detail", args=[appeal.run_id]))


def withdrawn(actor: Actor, appeal: Appeal) -> None:
    """Tell those who examine and decide."""
    people = _over(actor, appeal, Permission.APPEALS_EXAMINE) | _over(
        actor, appeal, Permission.APPEALS_DECIDE
    )
    _tell(actor, appeal, "appeals.withdrawn", people)


def run_withdrawn(actor: Actor, run: Run) -> None:
    """Tell the filers of open appeals, and those whose turn it is, that the run they are about is no longer valid."""
    waiting = Appeal.objects.filter(run=run, state__in=sorted(OPEN_STATES)).select_related(
        "run__region", "region"
    )
    for appeal in waiting:
        people = {appeal.filed_by_id} | _whose_turn(actor, appeal)
        _tell(actor, appeal, "appeals.run_withdrawn", people)


def due(appeal: Appeal) -> None:
    """Tell those whose turn it is."""
    _tell(SYSTEM, appeal, "appeals.due", _whose_turn(SYSTEM, appeal))


def _whose_turn(actor: Actor, appeal: Appeal) -> set[int]:
    turn = Permission.APPEALS_DECIDE if appeal.accepted_at else Permission.APPEALS_EXAMINE
    return _over(actor, appeal, turn)


def _over(actor: Actor, appeal: Appeal, permission: Permission) -> set[int]:
    # The unit itself holds nothing over the run's region, so the machine looks up whom to tell.
    return {user.pk for user in holders(SYSTEM, permission, appeal.run.region_id)}


def _tell(actor: Actor, appeal: Appeal, code: str, people: set[int], link: str = "", **params: str) -> None:
    day = appeal.due.isoformat() if appeal.due else ""
    notify(
        actor,
        people,
        code,
        params={
            "number": f"第{appeal.pk}号",
            "number_en": f"no. {appeal.pk}",
            "place": appeal.region.name,
            "what": appeal.label,
            "what_en": appeal.label_en,
            "due": day,
            **params,
        },
        link=link or reverse("appeals:detail", args=[appeal.pk]),
    )
