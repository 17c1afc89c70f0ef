"""Waves and what they say of places: value, interval, rank inside any region, streak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from jingtu.assessment.indicators.store import catalogue_of, newest
from jingtu.assessment.targets.visibility import READERS, is_unrestricted, visible
from jingtu.core.facts import store
from jingtu.core.facts.models import FactBatch
from jingtu.core.files.models import StoredFile
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import Region, RegionTree
from jingtu.core.regions.reach import inside, spans
from jingtu.engine.periods import Period

from .elements import survey_elements
from .models import Result, SurveyImport, Wave
from .rules import Answer, Standing, Streak, is_unsure, standings, streak

PUBLISHED = ("pub_satisfaction", "pub_satisfaction_rank", "pub_satisfaction_streak")


@dataclass(frozen=True)
class ResultRow:
    """One place of a wave: its result, where it stands among the places of its level inside the chosen
    region and inside the whole area of the wave, and its streak up to this wave."""

    region: Region
    answer: Answer
    standing: Standing
    overall: Standing
    streak: Streak
    change: Decimal | None
    unsure: bool
    own: bool


@dataclass(frozen=True)
class WavePage:
    """A wave for one level inside one region."""

    wave: Wave
    name: str
    within: Region
    choices: Sequence[Region]
    level: str
    levels: Sequence[str]
    rows: Sequence[ResultRow]
    indicator: str
    undoing: FactBatch | None = None


@dataclass(frozen=True)
class Reported:
    """A figure somebody published: a rank, a value, or a number of rises in a row."""

    place: str
    element: str
    name: str
    period: str
    value: str


def list_waves(actor: Actor, element: str = "", tree: str = "", *, withdrawn: bool = False) -> QuerySet[Wave]:
    """Waves whose area the actor reads results of, or lies in; the newest first. Those that were taken back
    (``undone``) only when asked for."""
    undone = Exists(FactBatch.objects.filter(undoes=OuterRef("batch")))
    rows = Wave.objects.filter(visible(actor)).annotate(undone=undone)
    if not withdrawn:
        rows = rows.filter(undone=False)
    if element:
        rows = rows.filter(element=element)
    if tree:
        rows = rows.filter(tree__slug=tree)
    return (
        rows.select_related("region", "tree")
        .annotate(places=Count("results"))
        .order_by("-end", "element", "-pk")
    )


def element_names(actor: Actor) -> dict[str, str]:
    """Names of survey elements in the reader's language."""
    if newest() is None:
        return {}
    return {code: one.name(actor.language) for code, one in survey_elements().items()}


def wave_page(actor: Actor, wave_id: int, within_id: int | None = None, level: str = "") -> WavePage:
    """One wave: places of a level inside a region (by default the whole area), best first. Raises NotFound."""
    wave = list_waves(actor, withdrawn=True).filter(pk=wave_id).first()
    if wave is None:
        raise NotFound(wave_id, "survey")
    results = list(wave.results.select_related("region", "region__tree", "region__parent"))
    found_levels = list(
        dict.fromkeys(one.region.level for one in sorted(results, key=lambda one: one.region.depth))
    )
    shown = level if level in found_levels else found_levels[-1]
    of_level = [one for one in results if one.region.level == shown]
    choices = _areas(actor, wave, of_level)
    within = next((area for area in choices if area.pk == within_id), choices[0])
    inside = [one for one in of_level if _holds(within, one.region)]
    answers = [_answer(one) for one in inside]
    everywhere = standings([_answer(one) for one in of_level])
    overall = {one.region_id: standing for one, standing in zip(of_level, everywhere, strict=True)}
    series = _series(wave, [one.region_id for one in inside])
    rows = []
    held = spans(actor, Permission.RESULTS_READ)
    for one, answer, standing in zip(inside, answers, standings(answers), strict=True):
        past = series[one.region_id]
        rows.append(
            ResultRow(
                one.region,
                answer,
                standing,
                overall[one.region_id],
                streak(past),
                answer.value - past[-2].value if len(past) > 1 else None,
                is_unsure(answer),
                is_unrestricted(actor) or any(span.holds(one.region) for span in held),
            )
        )
    rows.sort(key=lambda row: (row.standing.rank, row.region.position or 0))
    names = element_names(actor)
    return WavePage(
        wave,
        names.get(wave.element, wave.element),
        within,
        choices,
        shown,
        found_levels,
        rows,
        _indicator(wave.element),
        FactBatch.objects.filter(undoes=wave.batch_id).first(),
    )


def place_series(actor: Actor, wave: WavePage, region_id: int) -> list[tuple[Wave, Answer]]:
    """All waves of the same question for one place, oldest first, for its chart."""
    rows = (
        Result.objects.filter(
            wave__in=list_waves(actor, wave.wave.element).values("pk"),
            wave__tree=wave.wave.tree,
            wave__agency=wave.wave.agency,
            region_id=region_id,
        )
        .select_related("wave")
        .order_by("wave__end", "wave__pk")
    )
    return [(row.wave, _answer(row)) for row in rows]


def reported_figures(actor: Actor) -> list[Reported]:
    """Ranks and streaks that reports state, of places in the actor's areas or above them: shown as they were
    printed, never mixed with computed ones."""
    version = newest()
    if version is None:
        return []
    catalogue = catalogue_of(version)
    found = []
    for tree in RegionTree.objects.filter(fictional=False):
        table = store.read(tree.pk, elements=[code for code in PUBLISHED if code in catalogue.elements])
        rows = list(table.rows())
        places = {int(row.region_id) for row in rows}
        regions = {one.pk: one for one in Region.objects.filter(_known(actor), tree=tree, pk__in=places)}
        for row in rows:
            place = regions.get(int(row.region_id))
            if row.value is None or place is None:
                continue
            element = catalogue.elements[row.element]
            found.append(
                Reported(
                    place.name,
                    row.element,
                    element.name(actor.language),
                    Period.parse(row.period).label(actor.language),
                    f"{element.format(row.value, actor.language)}{element.unit_name(actor.language)}",
                )
            )
    return sorted(found, key=lambda one: (one.element, one.place, one.period))


def _known(actor: Actor) -> Q:
    """The condition on regions of which the actor reads results, or in which their own areas lie."""
    if is_unrestricted(actor):
        return Q()
    held = spans(actor, *READERS)
    condition = inside(held)
    for span in held:
        if span.first is not None:
            condition |= Q(tree_id=span.tree_id, position__lte=span.first, last__gte=span.last)
    return condition


def get_import(actor: Actor, import_id: int) -> SurveyImport:
    """A file the actor handed in. Raises NotFound for those of others."""
    found = SurveyImport.objects.select_related("tree", "file").filter(pk=import_id).first()
    if found is None or not (is_unrestricted(actor) or found.owner_id == user_id_of(actor)):
        raise NotFound(import_id, "import")
    return found


def may_open_file(actor: Actor, stored: StoredFile) -> bool:
    """Whether the actor may open a file of survey results: its owner, while the post allows it."""
    return stored.owner_id == user_id_of(actor) and actor.can(Permission.TARGETS_MANAGE)


def _areas(actor: Actor, wave: Wave, results: Sequence[Result]) -> list[Region]:
    """Regions inside which the places can be ranked: the whole area first, then every region between."""
    whole = wave.region
    if whole.position is None:
        return [whole]
    places = [one.region.position for one in results if one.region.position is not None]
    depth = max((one.region.depth for one in results), default=0)
    between = Region.objects.filter(
        tree_id=whole.tree_id, position__gt=whole.position, last__lte=whole.last, depth__lt=depth
    )
    found = [area for area in between.order_by("position") if _above_any(area, places)]
    return [whole, *found]


def _above_any(area: Region, places: Sequence[int]) -> bool:
    """Whether any of the places lies below the area, itself not among them."""
    return any((area.position or 0) < place <= (area.last or 0) for place in places)


def _holds(area: Region, place: Region) -> bool:
    if area.position is None or place.position is None:
        return area.pk == place.pk
    return area.position <= place.position <= (area.last or 0)


def _series(wave: Wave, regions: Sequence[int]) -> dict[int, list[Answer]]:
    """Results of the same question by the same agency up to the wave, oldest first. One query."""
    rows = Result.objects.filter(
        wave__tree_id=wave.tree_id,
        wave__element=wave.element,
        wave__agency=wave.agency,
        wave__end__lte=wave.end,
        region_id__in=list(regions),
    )
    undone = Exists(FactBatch.objects.filter(undoes=OuterRef("wave__batch")))
    rows = rows.filter(~undone | Q(wave=wave)).order_by("wave__end", "wave_id")
    found: dict[int, list[Answer]] = {region: [] for region in regions}
    for row in rows:
        found[row.region_id].append(_answer(row))
    return found


def _answer(row: Result) -> Answer:
    return Answer(row.value, row.sample, row.positives, row.low, row.high, row.interval_given)


def _indicator(element: str) -> str:
    """The indicator that is just this element, for the explorer."""
    version = newest()
    if version is None:
        return ""
    indicators = catalogue_of(version).indicators
    return next((code for code, one in indicators.items() if one.formula_text.strip() == element), "")
