"""What is read of appeals. Every function takes the actor first and returns only what it may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from jingtu.assessment.indicators.store import catalogue_of
from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.queries import ItemRow, items, reader_of, runs_visible
from jingtu.assessment.runs.registry import Aside, Line, Subject
from jingtu.assessment.runs.rules import OPEN_STATES as UNSIGNED
from jingtu.assessment.runs.rules import RunAction, RunState
from jingtu.assessment.runs.visibility import spans
from jingtu.core.facts.disclosure import EXACT
from jingtu.core.files.models import StoredFile
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import Conflict, NotFound
from jingtu.core.kernel.wall import reading_as_system
from jingtu.core.regions.models import Region
from jingtu.core.ui.today import Duty
from jingtu.engine.evaluate import counts_persons
from jingtu.engine.problems import Language, Problem
from jingtu.engine.workdays import unannounced

from .models import Appeal, AppealFile, AppealStep, Correction
from .numbers import Behind, behind, entered_by
from .rules import CHANGING, OPEN_STATES, AppealAction, AppealState, allowed_actions
from .standing import (
    appeal_facts,
    deadline,
    open_now,
    speaks_for,
    standing_places,
    visible_appeals,
)
from .words import DONE, KINDS, MARKS, STATES

MOST_OPEN_RUNS = 50
MOST_DUTIES = 20


@dataclass(frozen=True)
class AppealFilter:
    """What a list of appeals is narrowed to; empty values leave it open."""

    state: str = ""
    run: int | None = None
    region: int | None = None
    overdue: bool = False
    mine: bool = False


def appeals(actor: Actor, wanted: AppealFilter | None = None) -> QuerySet[Appeal]:
    """Appeals the actor may know of, the newest first."""
    wanted = wanted or AppealFilter()
    found = Appeal.objects.filter(visible_appeals(actor)).select_related(
        "run__region", "run__tree", "region", "filed_by", "decided_by"
    )
    if wanted.state == "open":
        found = found.filter(state__in=sorted(OPEN_STATES))
    elif wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.run is not None:
        found = found.filter(run_id=wanted.run)
    if wanted.region is not None:
        found = found.filter(region_id=wanted.region)
    if wanted.overdue:
        found = found.filter(state__in=sorted(OPEN_STATES), due__lt=today())
    if wanted.mine:
        found = found.filter(filed_by_id=user_id_of(actor))
    return found.order_by("-filed_at", "-pk")


def get_appeal(actor: Actor, appeal_id: int) -> Appeal:
    """One appeal. Raises NotFound also where it exists but is not the actor's to know."""
    found = appeals(actor).select_related("run__catalogue").filter(pk=appeal_id).first()
    if found is None:
        raise NotFound(appeal_id, "appeal")
    return found


def may_open_page(actor: Actor, kwargs: Mapping[str, Any]) -> bool:
    """Whether the actor may know of the appeal that a page's address names. One query."""
    return Appeal.objects.filter(visible_appeals(actor), pk=kwargs["appeal_id"]).exists()


def may_open(actor: Actor, stored: StoredFile) -> bool:
    """Evidence is open to whoever may see its appeal."""
    return Appeal.objects.filter(visible_appeals(actor), steps__files__file_id=stored.pk).exists()


@dataclass(frozen=True)
class StepRow:
    """One line of the history."""

    word: str | Promise
    step: AppealStep
    files: Sequence[StoredFile]
    text: str


@dataclass(frozen=True)
class AppealPage:
    """Everything the page of one appeal shows."""

    appeal: Appeal
    state: str | Promise
    mark: tuple[str, str]
    kind: str | Promise
    history: Sequence[StepRow]
    corrections: Sequence[Correction]
    actions: Sequence[AppealAction]
    overdue: bool
    warning: str
    explain_url: str
    corrected: Run | None
    """The version that takes the correction up, once there is one that the actor may know of."""
    taken_up: str
    """Where there is no such version: whether the assessment itself counts the correction, and what stands."""
    exact: bool
    """Whether the actor may see the figures of the case."""

    def may(self) -> dict[str, bool]:
        """Acts open to this actor, by name, for templates."""
        return {action.value: True for action in self.actions}


def appeal_page(actor: Actor, appeal_id: int) -> AppealPage:
    """The page of one appeal. Raises NotFound."""
    appeal = get_appeal(actor, appeal_id)
    steps = appeal.steps.select_related("person").prefetch_related(
        Prefetch("files", queryset=AppealFile.objects.select_related("file"))
    )
    # Who entered the number matters only to those who might decide now.
    asks = appeal.state == AppealState.ACCEPTED and actor.can(Permission.APPEALS_DECIDE, appeal.run.region_id)
    entered = entered_by(appeal.run, appeal.region_id, appeal.indicator) if asks else set()
    office = any(
        actor.can(right, appeal.run.region_id)
        for right in (Permission.APPEALS_EXAMINE, Permission.APPEALS_DECIDE)
    )
    corrections = list(appeal.corrections.select_related("batch", "region"))
    return AppealPage(
        appeal=appeal,
        state=STATES[appeal.state],
        mark=MARKS[appeal.state],
        kind=KINDS[appeal.kind],
        history=[
            StepRow(
                DONE[step.action],
                step,
                [one.file for one in step.files.all()],
                # What one person of the office tells the next when an appeal is taken up stays there.
                step.text if office or step.action != AppealAction.ACCEPT else "",
            )
            for step in steps
        ],
        corrections=corrections,
        actions=allowed_actions(appeal_facts(actor, appeal, entered)),
        overdue=appeal.due is not None and appeal.due < today(),
        warning=_warning(localtime(appeal.filed_at).date(), appeal.due, actor.language),
        explain_url=explain_url(appeal),
        corrected=_corrected(actor, appeal, corrections),
        taken_up=_taken_up(appeal.run, corrections),
        exact=sees_figures(actor, appeal),
    )


def _corrected(actor: Actor, appeal: Appeal, corrections: Sequence[Correction]) -> Run | None:
    """The first later version computed with every correction of the appeal."""
    if not corrections:
        return None
    run = appeal.run
    later = runs_visible(actor).filter(
        region_id=run.region_id,
        level=run.level,
        scorecard=run.scorecard,
        period=run.period,
        version__gt=run.version,
        facts_upto__gte=max(one.batch.sequence for one in corrections),
    )
    return later.exclude(state=RunState.WITHDRAWN).order_by("version").first()


def _taken_up(run: Run, corrections: Sequence[Correction]) -> str:
    if run.state == RunState.WITHDRAWN:
        return _("本次考核已撤回；新版尚未生成。")
    if (run.facts_upto or 0) >= max((one.batch.sequence for one in corrections), default=0):
        return _("更正后的数已计入本次考核。")
    if run.published_at is None:
        return _("本次考核尚未发布；更正后的数在重新计算时计入。")
    return _("新版尚未生成；在此之前，已发布的结果不变。")


def explain_url(appeal: Appeal) -> str:
    """Where it is told how the disputed number came about."""
    query = urlencode({"region": appeal.region_id, "indicator": appeal.indicator})
    return f"{reverse('runs:explain', args=[appeal.run_id])}?{query}"


def evidence_of(actor: Actor, appeal: Appeal) -> list[StoredFile]:
    """The files handed in with an appeal, in the order they came; none where the actor may not know of it."""
    known = Appeal.objects.filter(visible_appeals(actor), pk=appeal.pk)
    return [one.file for one in AppealFile.objects.filter(step__appeal__in=known).select_related("file")]


def sees_figures(actor: Actor, appeal: Appeal) -> bool:
    """Figures of an appeal may count few persons: then they are for those who may see such counts there, or
    report them."""
    if not counts_persons(catalogue_of(appeal.run.catalogue), appeal.indicator):
        return True
    return any(actor.can(permission, appeal.region_id) for permission in EXACT)


def _warning(first: dt.date, last: dt.date | None, language: Language) -> str:
    years = unannounced(first, last) if last else ()
    if not years:
        return ""
    return Problem("workdays.not_announced", {"years": "、".join(map(str, years))}).text(language)


def correcting_batches(batch_ids: Sequence[int]) -> set[int]:
    """The batches among these that corrected a figure because an appeal was upheld. One query."""
    with reading_as_system(
        "which figures were corrected by appeal is the same in every run that counts them"
    ):
        return set(Correction.objects.filter(batch_id__in=batch_ids).values_list("batch_id", flat=True))


# --- filing


@dataclass(frozen=True)
class OpenRun:
    """A run whose numbers the actor may dispute: until when, and for which places of it."""

    run: Run
    until: dt.date
    places: Sequence[Region]
    warning: str


def open_runs(actor: Actor) -> list[OpenRun]:
    """Runs open to appeal for the actor's own regions, the first to close first. A constant number of queries."""
    held = spans(actor, (Permission.APPEALS_FILE,))[Permission.APPEALS_FILE]
    condition = Q(pk__in=[])
    for span in held:
        condition |= Q(tree_id=span.tree_id, region__position__lt=span.first, region__last__gte=span.last)
    runs = list(
        Run.objects.filter(condition)
        .filter(open_now())
        .exclude(snapshot_digest="")
        .select_related("region", "tree", "publication")
        .order_by("-period_end", "pk")[:MOST_OPEN_RUNS]
    )
    regions = {region.pk: region for region in Region.objects.filter(pk__in=[s.region_id for s in held])}
    found = []
    for run in runs:
        until = deadline(run)
        places = [
            regions[span.region_id]
            for span in held
            if span.tree_id == run.tree_id
            and (run.region.position or 0) < span.first
            and span.last <= (run.region.last or 0)
        ]
        if until is not None:
            found.append(OpenRun(run, until, places, _warning(today(), until, actor.language)))
    return sorted(found, key=lambda one: (one.until, one.run.pk))


@dataclass(frozen=True)
class OwnCard:
    """A place's own scorecard in a run that is open to appeal."""

    run: Run
    region: Region
    until: dt.date
    rows: Sequence[ItemRow]
    appeals: Sequence[Appeal]
    published: bool


def own_card(actor: Actor, run_id: int, region_id: int) -> OwnCard:
    """The items of an own place. Raises NotFound where the place is not the actor's or the run not known to the actor,
    Conflict where it is not open any more."""
    run, region, until = _open_run(actor, run_id, region_id)
    if until is None:
        raise Conflict(Problem("appeals.not_open"))
    return OwnCard(
        run=run,
        region=region,
        until=until,
        rows=items(actor, reader_of(actor, run), region.pk),
        appeals=list(appeals(actor, AppealFilter(run=run.pk, region=region.pk))),
        published=run.published_at is not None,
    )


def disputable(
    actor: Actor, run_id: int, region_id: int, indicator: str, *, too_late: bool = False
) -> Behind:
    """The numbers behind an indicator of an own place that may be disputed; ``too_late``: or might have been, to show
    what somebody typed before the window closed. Raises as :func:`own_card`."""
    run, region, until = _open_run(actor, run_id, region_id)
    if until is None and not too_late:
        raise Conflict(Problem("appeals.not_open"))
    return behind(actor, run, region.pk, indicator)


def correctable(actor: Actor, appeal: Appeal) -> Behind:
    """The figures behind a disputed number, for whoever decides about it."""
    return behind(actor, appeal.run, appeal.region_id, appeal.indicator)


def _open_run(actor: Actor, run_id: int, region_id: int) -> tuple[Run, Region, dt.date | None]:
    run = (
        Run.objects.select_related("region", "tree", "catalogue", "publication")
        .exclude(snapshot_digest="")
        .filter(pk=run_id)
        .first()
    )
    region = Region.objects.filter(pk=region_id).first()
    if run is None or region is None or not speaks_for(actor, run, region, Permission.APPEALS_FILE):
        raise NotFound(run_id, "run")
    until = deadline(run)
    was_open = run.appeal_until is not None and run.state in UNSIGNED
    if until is None and not was_open and not runs_visible(actor).filter(pk=run.pk).exists():
        raise NotFound(run_id, "run")  # of one that was never open only its readers learn that there is one
    return run, region, until


# --- beside runs and numbers


def aside(actor: Actor, subject: Subject) -> Aside | None:
    """The appeals about a run or a number, as far as the actor may know, and the way to file one."""
    run = subject.run
    found = Appeal.objects.filter(visible_appeals(actor), run=run).select_related("region")
    if subject.region_id is not None:
        found = found.filter(region_id=subject.region_id)
    if subject.indicator:
        found = found.filter(indicator=subject.indicator)
    lines = [
        Line(
            _("第%(number)s号 %(what)s") % {"number": appeal.pk, "what": appeal.whose},
            reverse("appeals:detail", args=[appeal.pk]),
            f"{MARKS[appeal.state][1]} {STATES[appeal.state]}",
            MARKS[appeal.state][0],
        )
        for appeal in found.order_by("-pk")[:10]
    ]
    until, action, note = deadline(run), None, ""
    if until is not None:
        action = _action(actor, subject)
        note = _("可申诉至 %(day)s。") % {"day": until.isoformat()}
    if not lines and action is None:
        return None
    return Aside(_("申诉"), lines, action, note)


def _action(actor: Actor, subject: Subject) -> tuple[str, str] | None:
    run = subject.run
    if subject.region_id is None or not subject.indicator:
        places = standing_places(actor, run)
        if not places:
            return None
        return _("核对本地区数据"), reverse("appeals:card", args=[run.pk, places[0].region_id])
    region = Region.objects.filter(pk=subject.region_id).first()
    if region is None or not speaks_for(actor, run, region, Permission.APPEALS_FILE):
        return None
    return (
        _("对这个数提出申诉"),
        reverse("appeals:new", args=[run.pk, region.pk, subject.indicator]),
    )


def holds(run: Run) -> list[Problem]:
    """What speaks against publishing the run: undecided appeals, and decisions not computed in."""
    with reading_as_system("what holds a run back is the same for everybody who is told of it"):
        return _holds(run)


def _holds(run: Run) -> list[Problem]:
    rows = list(Appeal.objects.filter(run=run, state__in=sorted(OPEN_STATES)).values_list("pk", flat=True))
    found = []
    if rows:
        numbers = "、".join(map(str, sorted(rows)))
        found.append(Problem("appeals.open_hold", {"count": len(rows), "numbers": numbers}))
    late = Correction.objects.filter(
        appeal__run__region_id=run.region_id,
        appeal__run__level=run.level,
        appeal__run__scorecard=run.scorecard,
        appeal__run__period=run.period,
        appeal__state__in=sorted(CHANGING),
        batch__sequence__gt=run.facts_upto or 0,
    ).values_list("appeal_id", flat=True)
    if late:
        numbers = "、".join(map(str, sorted(set(late))))
        found.append(Problem("appeals.not_computed_in", {"numbers": numbers}))
    return found


@dataclass(frozen=True)
class Tally:
    """How many appeals there were about a run, as its bulletin says: numbers only, no place and no figure."""

    total: int = 0
    upheld: int = 0
    partly: int = 0
    rejected: int = 0
    undecided: int = 0


def tally(actor: Actor, run: Run) -> Tally:
    """The appeals about this and earlier versions of a run that the actor may read, up to its signature.

    One query. Who appealed about what stays with those it concerns.
    """
    if not runs_visible(actor).filter(pk=run.pk).exists():
        return Tally()
    rows = Appeal.objects.filter(
        run__region_id=run.region_id,
        run__level=run.level,
        run__scorecard=run.scorecard,
        run__period=run.period,
        run__version__lte=run.version,
    )
    signed = run.reviews.filter(action=RunAction.PUBLISH.value).values_list("at", flat=True).first()
    if signed is not None:
        rows = rows.filter(filed_at__lte=signed)
    states = []
    with reading_as_system("a bulletin says how many appeals there were, to every reader of the run"):
        counted = list(rows.exclude(state=AppealState.WITHDRAWN).values_list("state", "decided_at"))
    for state, decided_at in counted:
        late = signed is not None and decided_at is not None and decided_at > signed
        states.append(AppealState.FILED if late else AppealState(state))
    return Tally(
        total=len(states),
        upheld=states.count(AppealState.UPHELD),
        partly=states.count(AppealState.PARTLY),
        rejected=states.count(AppealState.REJECTED) + states.count(AppealState.DISMISSED),
        undecided=sum(1 for state in states if state in OPEN_STATES),
    )


# --- today


def waiting_appeals(actor: Actor) -> list[Duty]:
    """Appeals to accept or decide, and runs to look at while they are open."""
    duties = []
    held = spans(actor, (Permission.APPEALS_EXAMINE, Permission.APPEALS_DECIDE))
    turns = (
        (Permission.APPEALS_EXAMINE, AppealState.FILED, _("待受理的申诉")),
        (Permission.APPEALS_DECIDE, AppealState.ACCEPTED, _("待裁定的申诉")),
    )
    for permission, state, label in turns:
        condition = Q(pk__in=[])
        for span in held[permission]:
            condition |= Q(
                run__tree_id=span.tree_id,
                run__region__position__gte=span.first,
                run__region__position__lte=span.last,
            )
        if not held[permission]:
            continue
        rows = Appeal.objects.filter(condition, state=state.value).exclude(filed_by_id=user_id_of(actor))
        for appeal in rows.select_related("region").order_by("due", "pk")[:MOST_DUTIES]:
            late = appeal.due is not None and appeal.due < today()
            detail = appeal.whose + (f" · {appeal.due}" if appeal.due else "")
            url = reverse("appeals:detail", args=[appeal.pk])
            duties.append(Duty(label, url, detail, tone="below" if late else "watch"))
    for one in open_runs(actor)[:MOST_DUTIES]:
        # A published run may be disputed too, but only before publication is looking at it a duty.
        if one.run.published_at is None and one.places:
            detail = f"{one.run.period_label} · {one.run.scorecard_name} · {one.until}"
            url = reverse("appeals:card", args=[one.run.pk, one.places[0].pk])
            duties.append(Duty(_("申诉期内，请核对数据"), url, detail, tone="watch"))
    return duties
