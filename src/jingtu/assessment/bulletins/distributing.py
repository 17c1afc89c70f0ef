"""Sending bulletins: reusable lists, who they come down to today, receipts, reminders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from jingtu.assessment.bulletins.models import Addressee, Bulletin, DistributionEntry, DistributionList
from jingtu.assessment.bulletins.queries import get_bulletin, may_issue, replaced_by
from jingtu.assessment.bulletins.rules import EntryKind
from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.queries import runs_visible
from jingtu.assessment.runs.rules import RunState
from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import Unit, User
from jingtu.core.accounts.queries import posts_in_force
from jingtu.core.accounts.rules import BUSINESS
from jingtu.core.audit.actions import register_actions, register_objects
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.characters import refuse_unseen
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, NotFound, PermissionDenied, Problem, refuse
from jingtu.core.notifications.services import notify
from jingtu.core.notifications.texts import NoticeText, register_notices
from jingtu.core.regions.models import Region
from jingtu.engine.problems import register_texts

MOST_ENTRIES = 100

register_actions(
    {
        "bulletins.list_saved": ("保存发送名单", "Distribution list saved"),
        "bulletins.distributed": ("分发通报", "Bulletin distributed"),
        "bulletins.read": ("签收通报", "Bulletin receipt given"),
        "bulletins.reminded": ("催阅通报", "Reminder to read a bulletin"),
    }
)
register_objects({"distribution_list": ("发送名单", "Distribution list")})
register_notices(
    {
        "bulletins.sent": NoticeText(
            "请阅通报：{bulletin}",
            "Bulletin for you to read: {bulletin}",
            "{person}发来，阅后请签收。",
            "Sent by {person}; please confirm when you have read it.",
        ),
        "bulletins.void": NoticeText(
            "通报不再有效：{bulletin}",
            "Bulletin no longer valid: {bulletin}",
            "{person}撤回了所依据的考核，请勿再引用。理由见考核页。",
            "{person} withdrew the assessment it rests on; do not cite it any more. The reason is on the assessment's page.",
        ),
        "bulletins.void_newer": NoticeText(
            "已被取代的通报，其新版也已撤回：{bulletin}",
            "The version that replaced a bulletin's assessment is withdrawn: {bulletin}",
            "{person}撤回了取代它的新版考核；原通报不因此恢复效力，请勿引用。",
            "{person} withdrew the newer version; the bulletin does not become valid again by that: do not cite it.",
        ),
        "bulletins.remind": NoticeText(
            "请尽快阅签：{bulletin}",
            "Please read and confirm: {bulletin}",
            "{person}提醒您，该通报尚未签收。",
            "{person} reminds you that you have not confirmed it yet.",
        ),
    }
)
register_texts(
    {
        "bulletins.list_empty": (
            "名单里还没有人，请至少添加一项。",
            "The list names nobody; add at least one line.",
        ),
        "bulletins.list_taken": (
            "同一机关已有名为“{name}”的名单。",
            'The office has a list named "{name}" already.',
        ),
        "bulletins.list_too_long": ("一个名单最多{most}项。", "A list has at most {most} lines."),
        "bulletins.list_outside": (
            "名单只能列“{office}”及其以下的地区、成员单位和业务岗位。",
            'A list names only regions, member units and posts of "{office}" and below.',
        ),
        "bulletins.not_addressed": (
            "该通报没有发给您，无需签收。",
            "The bulletin was not sent to you; there is nothing to confirm.",
        ),
        "bulletins.not_released": (
            "考核结果尚未公布，不能催阅；公布时系统会通知收件人。",
            "The assessment is not released yet; its addressees are told when it is.",
        ),
        "bulletins.not_valid": (
            "所依据的考核已撤回，该通报不再有效，不能再发送或催阅。",
            "The assessment the bulletin rests on is withdrawn; it is not sent, and nobody is reminded of it, any more.",
        ),
        "bulletins.replaced": (
            "所依据的考核已被新版取代，该通报不再发送或催阅；请改发新版的通报。",
            "The assessment the bulletin rests on was replaced by a newer version; it is not sent, and nobody is reminded of "
            "it, any more. Send the newer version's bulletin instead.",
        ),
        "bulletins.receipt_void": (
            "所依据的考核已撤回，该通报不再有效，不再签收。",
            "The assessment the bulletin rests on is withdrawn; the bulletin is not valid, and no receipt is given any more.",
        ),
        "bulletins.all_read": ("所有人都已签收。", "Everybody has confirmed."),
        "bulletins.never_sent": (
            "该通报还没有发送给任何人，先选发送名单。",
            "The bulletin has not been sent to anybody; choose a distribution list first.",
        ),
    }
)


@dataclass(frozen=True)
class Entry:
    """One line of a list as a person chose it."""

    kind: EntryKind
    region_id: int | None = None
    level: str = ""
    unit_id: int | None = None
    role: str = ""


@dataclass(frozen=True)
class Sent:
    """How many people a bulletin was sent to, and how many the list named without the right to read it.

    Not who they are: a list may come down to people whose names its sender has no business to learn.
    """

    count: int
    without_right: int


def save_list(actor: Actor, region_id: int, name: str, entries: Sequence[Entry]) -> DistributionList:
    """Make a list of an office, or replace the lines of the one with that name.

    Raises PermissionDenied unless the actor prepares or approves there, InvalidInput for a list without
    lines or a line that names nobody of the office's tree.
    """
    if not any(
        actor.can(permission, region_id) for permission in (Permission.RUNS_PREPARE, Permission.RUNS_APPROVE)
    ):
        raise PermissionDenied(Permission.RUNS_PREPARE)
    office = Region.objects.filter(pk=region_id, position__isnull=False).first()
    if office is None:
        raise NotFound(region_id, "region")
    name = name.strip()
    if not name or not entries:
        raise refuse("bulletins.list_empty", column="name" if not name else "entries")
    refuse_unseen(name=name)
    if len(entries) > MOST_ENTRIES:
        raise refuse("bulletins.list_too_long", column="entries", most=MOST_ENTRIES)
    if not all(_within(office, entry) for entry in entries):
        raise refuse("bulletins.list_outside", column="entries", office=office.name)
    try:
        with transaction.atomic():
            made, _ = DistributionList.objects.update_or_create(
                region_id=region_id, name=name[:64], defaults={"updated_at": now()}
            )
            made.entries.all().delete()
            DistributionEntry.objects.bulk_create(
                DistributionEntry(
                    list=made,
                    kind=entry.kind.value,
                    region_id=entry.region_id,
                    level=entry.level,
                    unit_id=entry.unit_id,
                    role=entry.role,
                )
                for entry in entries
            )
            record(
                actor,
                "bulletins.list_saved",
                target_type="distribution_list",
                target_id=made.pk,
                region_id=region_id,
                after={"name": made.name, "entries": len(entries)},
            )
    except IntegrityError as error:
        raise Conflict(Problem("bulletins.list_taken", {"name": name})) from error
    return made


def distribute(actor: Actor, bulletin_id: int, list_id: int) -> Sent:
    """Send an issued bulletin to everybody a list comes down to today; nobody gets it twice.

    Of a run that is not released yet they are told at its release. People on the list who may not read
    the run get nothing; the answer counts them.
    """
    bulletin = get_bulletin(actor, bulletin_id)
    if not may_issue(actor, bulletin.run):
        raise PermissionDenied(Permission.RUNS_PREPARE)
    chosen = DistributionList.objects.filter(pk=list_id).first()
    if chosen is None or not lists_for(actor, bulletin.run).filter(pk=list_id).exists():
        raise NotFound(list_id, "distribution_list")
    _require_valid(bulletin)
    try:
        return _distribute(actor, bulletin, chosen)
    except IntegrityError:
        # Sent twice at once: those whom the other one reached are known now.
        return _distribute(actor, bulletin, chosen)


def _distribute(actor: Actor, bulletin: Bulletin, chosen: DistributionList) -> Sent:
    with transaction.atomic():
        known = set(bulletin.addressees.values_list("user_id", flat=True))
        found = {user: named for user, *named in people_of(chosen) if user.pk not in known}
        able = {user: named for user, named in found.items() if _may_read(user, bulletin.run)}
        Addressee.objects.bulk_create(
            Addressee(bulletin=bulletin, user=user, place=place[:128], role=role, sent_at=now())
            for user, (place, role) in able.items()
        )
        record(
            actor,
            "bulletins.distributed",
            target_type="bulletin",
            target_id=bulletin.pk,
            region_id=bulletin.run.region_id,
            after={"list": chosen.name, "people": len(able)},
        )
        if bulletin.run.state == RunState.PUBLISHED:
            _tell(actor, bulletin, "bulletins.sent", (user.pk for user in able))
    return Sent(len(able), len(found) - len(able))


def _require_valid(bulletin: Bulletin) -> None:
    if bulletin.run.state == RunState.WITHDRAWN:
        raise Conflict(Problem("bulletins.not_valid"))
    if bulletin.run.state == RunState.SUPERSEDED:
        raise Conflict(Problem("bulletins.replaced"))


def confirm_read(actor: Actor, bulletin_id: int) -> Addressee:
    """Say that one has read a bulletin that was sent to one; the first time counts.

    Raises Conflict where it was not sent to one or its run is withdrawn; a replaced version may still be confirmed.
    """
    bulletin = get_bulletin(actor, bulletin_id)
    with transaction.atomic():
        row = (
            Addressee.objects.select_for_update()
            .filter(bulletin=bulletin, user_id=user_id_of(actor) or 0)
            .first()
        )
        if row is None:
            raise Conflict(Problem("bulletins.not_addressed"))
        if row.read_at is None:
            if bulletin.run.state == RunState.WITHDRAWN:
                raise Conflict(Problem("bulletins.receipt_void"))
            row.read_at = now()
            row.save(update_fields=["read_at"])
            record(
                actor,
                "bulletins.read",
                target_type="bulletin",
                target_id=bulletin.pk,
                region_id=bulletin.run.region_id,
            )
    return row


def remind(actor: Actor, bulletin_id: int) -> int:
    """Remind everybody who has not confirmed yet; how many. Raises Conflict before the run is released."""
    bulletin = get_bulletin(actor, bulletin_id)
    if not may_issue(actor, bulletin.run):
        raise PermissionDenied(Permission.RUNS_PREPARE)
    if bulletin.run.state == RunState.EMBARGOED:
        raise Conflict(Problem("bulletins.not_released"))
    _require_valid(bulletin)
    with transaction.atomic():
        unread = list(bulletin.addressees.filter(read_at__isnull=True))
        if not unread:
            sent = bulletin.addressees.exists()
            raise Conflict(Problem("bulletins.all_read" if sent else "bulletins.never_sent"))
        bulletin.addressees.filter(pk__in=[row.pk for row in unread]).update(reminded_at=now())
        _tell(actor, bulletin, "bulletins.remind", (row.user_id for row in unread))
        record(
            actor,
            "bulletins.reminded",
            target_type="bulletin",
            target_id=bulletin.pk,
            region_id=bulletin.run.region_id,
            after={"people": len(unread)},
        )
    return len(unread)


def unreached(bulletin: Bulletin) -> list[str]:
    """Places of the run of which nobody in post there today has been sent the bulletin: the list left them out, or
    nobody holds a post there. For a bulletin given to whoever sends it; empty before it was sent. Two queries."""
    sent = set(bulletin.addressees.values_list("user_id", flat=True))
    if not sent:
        return []
    reached = posts_in_force().filter(user_id__in=sent).values("region_id")
    left_out = bulletin.run.ranked.exclude(region__in=reached)
    return list(left_out.order_by("region__position").values_list("region__name", flat=True))


def run_released(actor: Actor, run: Run) -> None:
    """Tell the addressees of a bulletin that was issued before its run was released."""
    bulletin = Bulletin.objects.filter(run=run).select_related("run__region", "run__tree").first()
    if bulletin is not None:
        unread = bulletin.addressees.filter(read_at__isnull=True).values_list("user_id", flat=True)
        _tell(actor, bulletin, "bulletins.sent", unread)


def run_withdrawn(actor: Actor, run: Run) -> None:
    """Tell everybody who was sent the bulletin of a run that was taken back after they learned of it; and once each
    of those who were sent that of a version it replaced only."""
    if run.published_at is None:
        return
    told: set[int] = set()
    bulletins = Bulletin.objects.select_related("run__region", "run__tree")
    own = bulletins.filter(run=run)
    for bulletin in [*own, *bulletins.filter(run__in=replaced_by(run)).order_by("-run__version")]:
        people = set(bulletin.addressees.values_list("user_id", flat=True)) - told
        _tell(
            actor, bulletin, "bulletins.void" if bulletin.run_id == run.pk else "bulletins.void_newer", people
        )
        told |= people


def lists_for(actor: Actor, run: Run) -> QuerySet[DistributionList]:
    """The lists of the run's office and of the offices above it, for those who may issue its bulletin."""
    if not may_issue(actor, run):
        return DistributionList.objects.none()
    region = run.region
    above = Q(region_id=region.pk)
    if region.position is not None:
        above |= Q(
            region__tree_id=region.tree_id,
            region__position__lte=region.position,
            region__last__gte=region.last,
        )
    return DistributionList.objects.filter(above).select_related("region")


def _area(office: Region, prefix: str = "") -> Q:
    """The office's region and everything below it, for a query on regions or (with ``prefix``) on what has one."""
    return Q(
        **{
            f"{prefix}tree_id": office.tree_id,
            f"{prefix}position__gte": office.position,
            f"{prefix}position__lte": office.last,
        }
    )


def _within(office: Region, entry: Entry) -> bool:
    """Whether a line names somebody of the office's own area."""
    if entry.kind == EntryKind.UNIT:
        return Unit.objects.filter(_area(office, "region__"), pk=entry.unit_id or 0, is_active=True).exists()
    if not Region.objects.filter(_area(office), pk=entry.region_id or 0).exists():
        return False
    if entry.kind == EntryKind.LEVEL:
        return Region.objects.filter(_area(office), level=entry.level).exists()
    return entry.kind != EntryKind.POST or entry.role in {role.value for role in BUSINESS}


def people_of(chosen: DistributionList) -> list[tuple[User, str, str]]:
    """The people a list comes down to today, each once, with the place or unit and the role they are
    named for.

    Lines whose region or unit has since come under another office name nobody.
    """
    found: dict[int, tuple[User, str, str]] = {}
    inside = _area(chosen.region, "region__") | _area(chosen.region, "unit__region__")
    business = sorted(role.value for role in BUSINESS)
    posts = posts_in_force().filter(role__in=business).select_related("user")
    for entry in chosen.entries.filter(inside).select_related("region", "unit"):
        if entry.kind == EntryKind.UNIT:
            rows = posts.filter(unit_id=entry.unit_id or 0)
        elif entry.kind == EntryKind.LEVEL and entry.region is not None:
            outer = entry.region
            rows = posts.filter(
                region__tree_id=outer.tree_id,
                region__level=entry.level,
                region__position__gte=outer.position,
                region__position__lte=outer.last,
            )
        else:
            rows = posts.filter(region_id=entry.region_id or 0)
            if entry.kind == EntryKind.POST:
                rows = rows.filter(role=entry.role)
        for post in rows.order_by("region__position", "user__username"):
            unit = post.unit.name if entry.kind == EntryKind.UNIT and post.unit else ""
            place = unit or (post.region.name if post.region else "")
            found.setdefault(post.user_id, (post.user, place, post.role))
    return list(found.values())


def _may_read(user: User, run: Run) -> bool:
    """Whether the person may read the run once it is released."""
    actor = UserActor(user)
    region = run.region
    scopes = [scope.region_id for scope in actor.scopes(Permission.RESULTS_READ)]
    if runs_visible(actor).filter(pk=run.pk).exists():
        return True
    related = Q(position__gte=region.position, position__lte=region.last) | Q(
        position__lte=region.position, last__gte=region.last
    )
    return Region.objects.filter(pk__in=scopes, tree_id=run.tree_id).filter(related).exists()


def _tell(actor: Actor, bulletin: Bulletin, code: str, people: Iterable[int]) -> None:
    run = bulletin.run
    name = bulletin.number or f"{run.region.name} {run.period} {run.scorecard_zh}"
    name_en = bulletin.number or f"{run.scorecard_en}, {run.period}, {run.region.name}"
    notify(
        actor,
        people,
        code,
        params={"bulletin": name, "bulletin_en": name_en, "person": actor.label},
        link=reverse("bulletins:detail", args=[bulletin.pk]),
    )
