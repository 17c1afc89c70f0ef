"""What a person has to fill in: forms, periods, how many units stand where."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet, Value

from jingtu.core.kernel.actor import Actor, user_id_of
from jingtu.core.kernel.clock import now, today
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import Span, inside, is_unrestricted
from jingtu.engine.periods import Period

from ..assigning import Asked, periods_asked
from ..definition import Definition
from ..models import Form, FormVersion, Report
from ..rules import HANDED_IN, OPEN, ReportState, Timeliness, timeliness
from ..visibility import fill_spans

BACK = {"day": 6, "week": 3, "dekad": 3, "half_month": 3}
"""How many periods before the running one are still listed; for longer ones …"""
BACK_OTHERWISE = 2


@dataclass(frozen=True)
class Place:
    """A region as the rule of who must fill in needs it."""

    pk: int
    tree_id: int
    level: str
    code: str
    name: str
    position: int
    valid_from: dt.date | None


@dataclass(frozen=True)
class DueLine:
    """One form for one period, over the units the actor fills in for."""

    form: Form
    period: Period
    due_at: dt.datetime
    units: int
    states: dict[ReportState, int]
    only: Place | None
    timeliness: Timeliness
    running: bool

    @property
    def open(self) -> int:
        """Units that still have something to do."""
        return self.units - sum(
            count
            for state, count in self.states.items()
            if state in (ReportState.SUBMITTED, ReportState.IN_REVIEW, ReportState.ACCEPTED)
        )

    @property
    def state(self) -> ReportState:
        """For a single unit, where its report stands."""
        return next((state for state, count in self.states.items() if count), ReportState.NOT_STARTED)


def published_forms() -> list[tuple[Form, list[FormVersion]]]:
    """All forms with their published versions, the newest first. One query."""
    found: dict[int, tuple[Form, list[FormVersion]]] = {}
    versions = FormVersion.objects.filter(published_at__isnull=False).select_related("form__tree")
    for version in versions.order_by("form__code", "-number"):
        found.setdefault(version.form_id, (version.form, []))[1].append(version)
    return list(found.values())


class Matcher:
    """Decides for many forms at once which places must fill them in, without a query for each. One query."""

    def __init__(self, places: Sequence[Place]) -> None:
        self.places = places
        self.by_code: dict[tuple[int, str], list[tuple[int, int]]] = {}
        self.groups: dict[tuple[int, str], list[tuple[int, int]]] = {}

    def read(self, versions: Iterable[FormVersion]) -> None:
        versions = list(versions)
        codes = {version.content.who.within for version in versions} - {""}
        names = {version.content.who.group for version in versions} - {""}
        if not codes and not names:
            return
        rows = Region.objects.filter(position__isnull=False).order_by()
        coded = rows.filter(code__in=codes).values_list(Value("place"), "tree_id", "code", "position", "last")
        grouped = rows.filter(peer_groups__code__in=names).values_list(
            Value("group"), "tree_id", "peer_groups__code", "position", "last"
        )
        for kind, tree_id, code, first, last in coded.union(grouped, all=True):
            found = self.by_code if kind == "place" else self.groups
            found.setdefault((tree_id, code), []).append((first or 0, last or 0))

    def units(self, tree_id: int, definition: Definition, period: Period) -> list[Place]:
        who = definition.who
        within = self.by_code.get((tree_id, who.within), []) if who.within else None
        group = self.groups.get((tree_id, who.group), []) if who.group else None
        return [
            place
            for place in self.places
            if place.tree_id == tree_id
            and (not who.level or place.level == who.level)
            and (within is None or any(low <= place.position <= high for low, high in within))
            and (group is None or any(low <= place.position <= high for low, high in group))
            and (not who.listed or place.code in who.listed)
            and (place.valid_from is None or place.valid_from <= period.end)
        ]


def places_in(spans: Sequence[Span] | None) -> list[Place]:
    """Today's regions inside the spans (None: everywhere). One query."""
    rows = Region.objects.filter(position__isnull=False)
    return _places(rows if spans is None else rows.filter(inside(spans)))


def places_asked(
    spans: Sequence[Span] | None, forms: Iterable[tuple[Form, Iterable[FormVersion]]]
) -> list[Place]:
    """Of the regions inside the spans those that one of the forms may be asked of, by tree and level: an office
    that looks over a country does not read it all for the sake of one city's forms. One query."""
    levels: dict[int, set[str]] = {}
    for form, versions in forms:
        levels.setdefault(form.tree_id, set()).update(version.content.who.level for version in versions)
    wanted = Q(pk__in=[])
    for tree_id, names in levels.items():
        wanted |= Q(tree_id=tree_id) if "" in names else Q(tree_id=tree_id, level__in=sorted(names))
    rows = Region.objects.filter(wanted, position__isnull=False)
    return _places(rows if spans is None else rows.filter(inside(spans)))


def places_of(region_ids: Sequence[int]) -> list[Place]:
    """Today's regions with these own ids. One query."""
    return _places(Region.objects.filter(position__isnull=False, pk__in=list(region_ids)))


def _places(rows: QuerySet[Region]) -> list[Place]:
    return [
        Place(pk, tree_id, level, code, name, position or 0, valid_from)
        for pk, tree_id, level, code, name, position, valid_from in rows.order_by(
            "tree_id", "position"
        ).values_list("pk", "tree_id", "level", "code", "name", "position", "valid_from")
    ]


def back_of(cadence: str) -> int:
    """How many earlier periods stay on the list."""
    return BACK.get(cadence, BACK_OTHERWISE)


def asked_now(
    forms: Iterable[tuple[Form, list[FormVersion]]], day: dt.date, back: Callable[[str], int] = back_of
) -> list[tuple[Form, Asked]]:
    """Every form for the running period and the last ones, as many as ``back`` says of its cadence."""
    found = []
    for form, versions in forms:
        for asked in periods_asked(versions, day, max(back(v.content.cadence) for v in versions)):
            if asked.period.end >= day or _within(asked.period, day, back(asked.version.content.cadence)):
                found.append((form, asked))
    return found


def _within(period: Period, day: dt.date, back: int) -> bool:
    running = Period.of(period.kind, day)
    for _ in range(back):
        running = running.previous()
    return period >= running


def due_lines(actor: Actor, *, everything: bool = False) -> list[DueLine]:
    """What the actor fills in: the running periods and the last ones, most pressing first, and older reports that
    were begun, sent back or unlocked. What is accepted everywhere is left out unless ``everything``. The number of
    queries does not grow with forms or units."""
    spans = None if is_unrestricted(actor) else fill_spans(actor)
    if spans is not None and not spans:
        return []
    day, moment = today(), now()
    wanted = asked_now(published_forms(), day)
    places = places_asked(spans, [(form, [asked.version]) for form, asked in wanted])
    matcher = Matcher(places)
    matcher.read(asked.version for _, asked in wanted)
    oldest = min((asked.period.end for _, asked in wanted), default=day)
    states = _states([place.pk for place in places] if spans is not None else None, oldest)
    lines: list[DueLine] = []
    for form, asked in wanted:
        units = matcher.units(form.tree_id, asked.version.content, asked.period)
        if not units:
            continue
        found = [states.get((form.pk, asked.period.key, unit.pk)) for unit in units]
        counts = Counter(state or ReportState.NOT_STARTED for state in found)
        waiting = any(state not in HANDED_IN for state in (s or ReportState.NOT_STARTED for s in found))
        line = DueLine(
            form,
            asked.period,
            asked.due_at,
            len(units),
            {state: counts[state] for state in ReportState if counts[state]},
            units[0] if len(units) == 1 else None,
            timeliness(asked.due_at, None, moment) if waiting else Timeliness.ON_TIME,
            asked.period.end >= day,
        )
        if everything or line.open:
            lines.append(line)
    lines += _opened_again(spans, {(form.pk, asked.period.key) for form, asked in wanted}, moment)
    return sorted(lines, key=lambda line: (line.due_at, line.form.code))


def _opened_again(
    spans: Sequence[Span] | None, listed: Collection[tuple[int, str]], moment: dt.datetime
) -> list[DueLine]:
    """Reports of periods that are listed no more, with cells that people may type in: however old a figure is, what
    was sent back stays on the list until it has been answered. One query."""
    reports = Report.objects.filter(state__in=[state.value for state in OPEN])
    if spans is not None:
        reports = reports.filter(inside(spans, "region__"))
    found: dict[tuple[int, str], list[Report]] = {}
    for report in reports.select_related("form__tree", "region").order_by("period_end", "region__position"):
        if (report.form_id, report.period) not in listed:
            found.setdefault((report.form_id, report.period), []).append(report)
    lines = []
    for theirs in found.values():
        counts = Counter(ReportState(report.state) for report in theirs)
        first = theirs[0]
        lines.append(
            DueLine(
                first.form,
                Period.parse(first.period),
                first.due_at,
                len(theirs),
                {state: counts[state] for state in ReportState if counts[state]},
                _place_of(first.region) if len(theirs) == 1 else None,
                timeliness(first.due_at, None, moment) if counts[ReportState.DRAFT] else Timeliness.ON_TIME,
                False,
            )
        )
    return lines


def _place_of(region: Region) -> Place:
    return Place(
        region.pk,
        region.tree_id,
        region.level,
        region.code,
        region.name,
        region.position or 0,
        region.valid_from,
    )


def _states(ids: list[int] | None, oldest: dt.date) -> dict[tuple[int, str, int], ReportState]:
    reports = Report.objects.filter(period_end__gte=oldest)
    if ids is not None and len(ids) <= 500:
        reports = reports.filter(region_id__in=ids)
    rows = reports.values_list("form_id", "period", "region_id", "state")
    return {(form, period, region): ReportState(state) for form, period, region, state in rows}


def open_reports_of_others(actor: Actor) -> QuerySet[Report]:
    """Reports being filled in whose holder is somebody else, in units the actor fills in for: to take over."""
    spans = fill_spans(actor)
    return (
        Report.objects.filter(inside(spans, "region__"))
        .filter(state__in=[ReportState.DRAFT.value, ReportState.RETURNED.value, ReportState.REOPENED.value])
        .exclude(holder_id=user_id_of(actor))
        .select_related("form", "region", "holder")
        .order_by("due_at", "form__code")
    )
