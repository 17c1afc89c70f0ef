"""Boards: every unit of a form and period with its state; completeness and timeliness; who has not reported."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import inside, is_unrestricted, spans
from jingtu.engine.periods import Period

from ..assigning import due_at, periods_asked, units_asked, version_for
from ..chain import waits_for
from ..models import Form, FormVersion, Reminder, Report
from ..rules import HANDED_IN, WAITING, ReportState, Timeliness, timeliness
from ..visibility import must_look
from ..working import parse_period
from .due import Matcher, Place, asked_now, back_of, places_asked, published_forms

PERIODS_BACK = 14
MOST_IDS = 5000
"""So many ids one query names."""


@dataclass(frozen=True)
class BoardFilter:
    """What the board is narrowed to."""

    form: str = ""
    period: str = ""
    state: str = ""
    within: int | None = None
    text: str = ""


@dataclass(frozen=True)
class BoardRow:
    """One unit on the board."""

    region: Region
    parent: str
    state: ReportState
    timeliness: Timeliness
    report: Report | None = None
    may_decide: bool = False
    reminded_at: dt.datetime | None = None


@dataclass
class Board:
    """Counts over all units; ``units`` is a queryset to page, :meth:`rows` dresses one page."""

    actor: Actor
    form: Form
    version: FormVersion
    period: Period
    due_at: dt.datetime
    forms: Sequence[Form]
    periods: Sequence[Period]
    counts: Mapping[ReportState, int]
    total: int
    on_time: int
    late: int
    units: QuerySet[Region] = field(default_factory=Region.objects.none)

    @property
    def handed_in(self) -> int:
        return sum(self.counts.get(state, 0) for state in HANDED_IN)

    @property
    def waiting(self) -> int:
        return sum(self.counts.get(state, 0) for state in WAITING)

    def rows(self, regions: Sequence[Region]) -> list[BoardRow]:
        """The units of one page with their reports. A constant number of queries."""
        ids = [region.pk for region in regions]
        reports = {
            report.region_id: report
            for report in Report.objects.filter(
                form=self.form, period=self.period.key, region_id__in=ids
            ).select_related("version", "region", "submitted_by", "holder")
        }
        waiting = [report for report in reports.values() if ReportState(report.state) in WAITING]
        mine = Report.objects.filter(waits_for(self.actor), pk__in=[report.pk for report in waiting])
        decidable = set(mine.values_list("pk", flat=True))
        reminded = dict(
            Reminder.objects.filter(form=self.form, period=self.period.key, region_id__in=ids, people__gt=0)
            .order_by("sent_at")
            .values_list("region_id", "sent_at")
        )
        moment = now()
        rows = []
        for region in regions:
            report = reports.get(region.pk)
            state = ReportState(report.state) if report else ReportState.NOT_STARTED
            handed_in = report.first_submitted_at if report else None
            rows.append(
                BoardRow(
                    region,
                    _parent_name(region),
                    state,
                    timeliness(report.due_at if report else self.due_at, handed_in, moment),
                    report,
                    report is not None and report.pk in decidable,
                    reminded.get(region.pk),
                )
            )
        return rows


def board(actor: Actor, wanted: BoardFilter) -> Board | None:
    """All units of a form and period inside the actor's area with where each stands; None when no form is
    published. Without form or period the one whose deadline passed last is taken. Constant queries."""
    seen = must_look(actor)
    forms = published_forms()
    if not forms:
        return None
    form, versions = _form(forms, wanted.form)
    periods = [asked.period for asked in periods_asked(versions, today(), PERIODS_BACK)]
    period = parse_period(wanted.period) if wanted.period else _usual(versions, periods)
    version = version_for(versions, period)
    if version is None:
        raise NotFound(wanted.period)
    units = units_asked(form.tree_id, version.content, period).select_related("parent")
    if not is_unrestricted(actor):
        units = units.filter(inside(seen))
    if wanted.within is not None:
        root = Region.objects.filter(pk=wanted.within, position__isnull=False).first()
        if root is not None:
            units = units.filter(position__gte=root.position, position__lte=root.last, tree_id=root.tree_id)
    reports = Report.objects.filter(form=form, period=period.key)
    own = reports.filter(region_id=OuterRef("pk"))
    units = units.annotate(
        report_state=Coalesce(Subquery(own.values("state")[:1]), Value(ReportState.NOT_STARTED.value))
    )
    stated = (
        units.order_by()
        .values("report_state")
        .annotate(count=Count("pk"))
        .values_list("report_state", "count")
    )
    counts = {ReportState(state): count for state, count in stated}
    timed = reports.filter(region__in=units.order_by().values("pk")).aggregate(
        on_time=Count("pk", filter=Q(first_submitted_at__lte=F("due_at"))),
        late=Count("pk", filter=Q(first_submitted_at__gt=F("due_at"))),
    )
    shown = units
    if wanted.state in set(ReportState):
        shown = shown.filter(report_state=wanted.state)
    elif wanted.state == "waiting":
        shown = shown.filter(report_state__in=[state.value for state in WAITING])
    elif wanted.state == "mine":
        shown = shown.filter(pk__in=reports.filter(waits_for(actor)).values("region_id"))
    elif wanted.state == "missing":
        shown = shown.filter(report_state__in=[ReportState.NOT_STARTED.value, ReportState.DRAFT.value])
    if wanted.text.strip():
        text = wanted.text.strip()
        shown = shown.filter(
            Q(name__contains=text) | Q(code__startswith=text) | Q(initials__startswith=text.lower())
        )
    return Board(
        actor,
        form,
        version,
        period,
        due_at(version.content, period),
        [one for one, _ in forms],
        periods,
        counts,
        sum(counts.values()),
        timed["on_time"],
        timed["late"],
        shown,
    )


def _form(forms: Sequence[tuple[Form, list[FormVersion]]], code: str) -> tuple[Form, list[FormVersion]]:
    if not code:
        return forms[0]
    for form, versions in forms:
        if form.code == code:
            return form, versions
    raise NotFound(code, "form")


def _usual(versions: Sequence[FormVersion], periods: Sequence[Period]) -> Period:
    """The last period that has ended: that is the one being reported and reviewed."""
    day = today()
    ended = [period for period in periods if period.end < day]
    if ended:
        return ended[0]
    if periods:
        return periods[0]
    return Period.of(versions[0].content.cadence, versions[0].valid_from)


def missing_units(actor: Actor, form: Form, version: FormVersion, period: Period) -> list[Region]:
    """Units inside the actor's reviewing area that have not handed the form in. Three queries."""
    units = units_asked(form.tree_id, version.content, period)
    if not is_unrestricted(actor):
        units = units.filter(inside(spans(actor, Permission.FORMS_REVIEW)))
    handed_in = Report.objects.filter(
        form=form, period=period.key, state__in=[state.value for state in HANDED_IN]
    )
    return list(units.exclude(pk__in=handed_in.values("region_id")))


@dataclass(frozen=True)
class MissingLine:
    """One form and period whose deadline is near or past, with the units that have not handed it in."""

    form: Form
    period: Period
    due_at: dt.datetime
    timeliness: Timeliness
    units: Sequence[Place]
    asked: int
    begun: int

    @property
    def shown(self) -> Sequence[Place]:
        return self.units[:MISSING_SHOWN]

    @property
    def further(self) -> int:
        return max(0, len(self.units) - MISSING_SHOWN)


MISSING_SHOWN = 60
MISSING_BACK = {"month": 6, "quarter": 4}
"""Who owes a report of half a year ago still owes it; of years, and of short periods, as on the list of what is due."""


def _missed_back(cadence: str) -> int:
    return MISSING_BACK.get(cadence, back_of(cadence))


def missing_lines(actor: Actor) -> list[MissingLine]:
    """All that is due (or runs out within days) and has not come from units the actor reviews, most pressing
    first. The number of queries does not grow with forms or units."""
    held = None if is_unrestricted(actor) else spans(actor, Permission.FORMS_REVIEW)
    moment, day = now(), today()
    wanted = [
        (form, asked)
        for form, asked in asked_now(published_forms(), day, _missed_back)
        if asked.period.end < day
    ]
    matcher = Matcher(places_asked(held, [(form, [asked.version]) for form, asked in wanted]))
    matcher.read(asked.version for _, asked in wanted)
    oldest = min((asked.period.end for _, asked in wanted), default=day)
    states = {
        (form_id, period, region_id): ReportState(state)
        for form_id, period, region_id, state in Report.objects.filter(period_end__gte=oldest).values_list(
            "form_id", "period", "region_id", "state"
        )
    }
    lines = []
    for form, asked in wanted:
        units = matcher.units(form.tree_id, asked.version.content, asked.period)
        stood = [(unit, states.get((form.pk, asked.period.key, unit.pk))) for unit in units]
        left = [(unit, state) for unit, state in stood if state not in HANDED_IN]
        if left:
            lines.append(
                MissingLine(
                    form,
                    asked.period,
                    asked.due_at,
                    timeliness(asked.due_at, None, moment),
                    [unit for unit, _ in left],
                    len(units),
                    sum(state is not None for _, state in left),
                )
            )
    return sorted(
        lines, key=lambda line: (line.timeliness is not Timeliness.OVERDUE, line.due_at, line.form.code)
    )


def form_names(actor: Actor) -> list[Form]:
    """The published forms. One query."""
    must_look(actor)
    return [form for form, _ in published_forms()]


@dataclass(frozen=True)
class Kept:
    """How a unit (or all of them) kept to its deadlines."""

    region: Region | None
    parent: str
    due: int
    handed_in: int
    on_time: int

    @property
    def late(self) -> int:
        return self.handed_in - self.on_time

    @property
    def missing(self) -> int:
        return self.due - self.handed_in

    @property
    def complete_percent(self) -> str:
        return _percent(self.handed_in, self.due)

    @property
    def on_time_percent(self) -> str:
        return _percent(self.on_time, self.due)


def _percent(part: int, whole: int) -> str:
    """One decimal, half up, without a float; empty where nothing was due."""
    if not whole:
        return ""
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}"


@dataclass(frozen=True)
class Progress:
    """Completeness and timeliness over the reports whose deadline lies in a span of days."""

    start: dt.date
    end: dt.date
    units: Sequence[Kept]
    forms: Sequence[tuple[Form, Kept]]
    whole: Kept


def progress(actor: Actor, start: dt.date, end: dt.date, form_code: str = "") -> Progress:
    """Per unit and per form what was due between two days (up to now) and what came, and in time.

    The number of queries does not grow with periods, and with units by one for thousands.
    """
    seen = None if is_unrestricted(actor) else must_look(actor)
    moment = now()
    forms = [
        (form, versions) for form, versions in published_forms() if not form_code or form.code == form_code
    ]
    places = places_asked(seen, forms)
    matcher = Matcher(places)
    matcher.read(version for _, versions in forms for version in versions)
    due: dict[int, int] = {}
    due_by_form: dict[int, int] = {}
    keys: set[tuple[int, str]] = set()
    for form, versions in forms:
        for asked in due_between(versions, start, end, moment):
            asked_of = matcher.units(form.tree_id, asked[0].content, asked[1])
            keys.add((form.pk, asked[1].key))
            due_by_form[form.pk] = due_by_form.get(form.pk, 0) + len(asked_of)
            for place in asked_of:
                due[place.pk] = due.get(place.pk, 0) + 1
    came: dict[int, list[int]] = {}
    came_by_form: dict[int, list[int]] = {}
    rows = Report.objects.filter(
        form__in={form for form, _ in keys},
        period__in={period for _, period in keys},
        first_submitted_at__isnull=False,
    ).values_list("form_id", "period", "region_id", "first_submitted_at", "due_at")
    for form_id, period, region_id, sent, deadline in rows:
        if (form_id, period) not in keys or region_id not in due or sent is None:
            continue
        in_time = int(sent <= deadline)
        for counted, key in ((came, region_id), (came_by_form, form_id)):
            entry = counted.setdefault(key, [0, 0])
            entry[0] += 1
            entry[1] += in_time
    ids = list(due)
    regions: dict[int, Region] = {}
    for first in range(0, len(ids), MOST_IDS):
        rows_of = Region.objects.filter(pk__in=ids[first : first + MOST_IDS]).select_related("parent")
        regions.update({region.pk: region for region in rows_of})
    units = [Kept(regions[pk], _parent_name(regions[pk]), due[pk], *came.get(pk, [0, 0])) for pk in due]
    by_form = [
        (form, Kept(None, "", due_by_form[form.pk], *came_by_form.get(form.pk, [0, 0])))
        for form, _ in forms
        if form.pk in due_by_form
    ]
    whole = Kept(
        None,
        "",
        sum(due.values()),
        sum(entry[0] for entry in came.values()),
        sum(entry[1] for entry in came.values()),
    )
    return Progress(start, end, units, by_form, whole)


def _parent_name(region: Region) -> str:
    return region.parent.name if region.parent else ""


def due_between(
    versions: list[FormVersion], start: dt.date, end: dt.date, moment: dt.datetime
) -> list[tuple[FormVersion, Period]]:
    """Periods whose deadline lies between the days and has passed."""
    found = []
    for cadence in dict.fromkeys(version.content.cadence for version in versions):
        period = Period.of(cadence, end)
        # A deadline lies at most a year and some days after its period.
        while period.end >= start - dt.timedelta(days=400):
            version = version_for(versions, period)
            if version is not None:
                deadline = due_at(version.content, period)
                if start <= deadline.date() <= end and deadline <= moment:
                    found.append((version, period))
            elif period.end < min(version.valid_from for version in versions):
                break
            period = period.previous()
    return found
