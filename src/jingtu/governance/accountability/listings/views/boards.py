"""Pages that are read: the board, one listing, candidates, a region's history, the counts of the years."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.confirming import confirmed_page
from jingtu.core.audit.exporting import Outgoing, export_table, in_words
from jingtu.core.kernel.actor import Permission
from jingtu.core.kernel.clock import today
from jingtu.core.regions.models import Region
from jingtu.core.ui.charts import Bars, Series
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.periods import Period

from .. import queries, words
from ..charts import criteria_chart
from ..models import Listing, RuleVersion
from ..queries import ListingFilter
from ..queries.candidates import candidates as find_candidates
from ..rules import RUNNING, Act
from ..terms import days_left
from ..visibility import READERS
from .common import trail

from ..forms import FilterForm  # isort: skip

PAGE_SIZE = 30


def _wanted(request: HttpRequest) -> ListingFilter:
    asked = request.GET
    return ListingFilter(
        class_code=asked.get("class_code", "")[:32],
        problem=asked.get("problem", "") if asked.get("problem") in words.PROBLEMS else "",
        level=asked.get("level", "") if asked.get("level") in words.LEVELS else "",
        stage=asked.get("stage", "") if asked.get("stage") in words.STAGES else "",
        state=asked.get("state", "") if asked.get("state") in words.STATES else "",
        kind=asked.get("kind", "") if asked.get("kind") in ("region", "venue") else "",
        text=asked.get("text", "")[:64],
        late=asked.get("late") == "1",
    )


def _classes(actor: Any) -> list[tuple[str, str]]:
    language = interface_language()
    found: dict[str, str] = {}
    rows = (
        queries.listings(actor)
        .order_by("class_rank")
        .values_list("class_code", "class_zh", "class_en")
        .distinct()
    )
    for code, zh, en in rows:
        found.setdefault(code, en if language == "en" and en else zh)
    return list(found.items())


def rows_of(found: Sequence[Listing]) -> list[dict[str, Any]]:
    """Listings with their words."""
    day = today()
    return [
        {
            "listing": one,
            "problem": words.PROBLEMS[one.problem],
            "level": words.LEVELS[one.level],
            "state": words.STATES[one.state],
            "mark": words.MARKS[one.state],
            "left": days_left(one.due_on, day) if one.state in RUNNING and one.due_on else None,
        }
        for one in found
    ]


@require(*READERS)
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Everything listed, with the time left."""
    actor = actor_of(request)
    page = Paginator(queries.listings(actor, _wanted(request)), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": rows_of(list(page)),
        "filters": FilterForm(request.GET, classes=_classes(actor)),
        "filtered": bool(set(request.GET) - {"page"}),
        "may_prepare": actor.can(Permission.LISTINGS_PREPARE),
        "query": request.GET.urlencode(),
        "tab": "board",
    }
    return render(request, "listings/board.html", context)


@require(*READERS)
@confirmed_page
def export(request: HttpRequest) -> HttpResponseBase:
    """The board as a table that leaves the house."""
    actor, wanted = actor_of(request), _wanted(request)
    found = list(queries.listings(actor, wanted))
    header = (
        _("编号"), _("地区"), pgettext("listing", "场所"), _("类别"), _("问题类型"), _("挂牌层级"), _("状态"),
        _("挂牌日期"), _("期限"), _("摘牌日期"), _("决定文号"),
    )  # fmt: skip
    rows = (
        (
            str(one.pk), one.region.name, one.venue.name if one.venue else "", one.class_name,
            str(words.PROBLEMS[one.problem]), str(words.LEVELS[one.level]), str(words.STATES[one.state]),
            one.listed_on.isoformat() if one.listed_on else "", one.due_on.isoformat() if one.due_on else "",
            one.delisted_on.isoformat() if one.delisted_on else "", one.document_number,
        )
        for one in found
    )  # fmt: skip
    table = Outgoing(
        _("挂牌整治台账"),
        header,
        rows,
        len(found),
        scope=in_words(FilterForm(request.GET, classes=_classes(actor))),
        fictional=any(one.region.tree.fictional for one in found),
    )
    return export_table(
        actor, table, "listings", "listings.exported", target_type="listings", target_id="board"
    )


@require(*READERS)
@require_GET
def detail(request: HttpRequest, listing_id: int) -> HttpResponse:
    """One listing: timeline, criteria, plan, papers, acceptance, opinions."""
    actor = actor_of(request)
    page = queries.listing_page(actor, listing_id)
    listing = page.listing
    context = {
        "page": page,
        "listing": listing,
        "state": words.STATES[listing.state],
        "mark": words.MARKS[listing.state],
        "problem": words.PROBLEMS[listing.problem],
        "level": words.LEVELS[listing.level],
        "acts": [
            (_address(listing, one), words.act(one.value, on_paper=not page.stand_answers))
            for one in page.acts
        ],
        "evidence": [
            (
                one["en"] if interface_language() == "en" and one["en"] else one["zh"],
                one["value"],
                one["required"],
                one["run"],
                Period.parse(one["period"]).label(interface_language()),
            )
            for one in listing.evidence
        ],
        "against": [words.against(one) for one in listing.against],
        "history": [
            (
                step,
                words.STEPS.get(step.act, step.act),
                words.STATES[step.state],
                words.note(step.note, page.receivers),
                files,
            )
            for step, files in page.steps
        ],
        "may_enter": page.stand_prepares,
        "may_print": page.may_print,
        "papers": [(paper, words.PAPERS[paper.kind]) for paper in page.papers],
        "charts": [
            (f"criterion-{row.row.pk}", chart)
            for row in page.criteria
            if (chart := criteria_chart(row, listing))
        ],
        "steps": trail((listing.subject, "")),
        "fictional": listing.region.tree.fictional,
    }
    return render(request, "listings/detail.html", context)


def _address(listing: Listing, act: Act) -> str:
    if act is Act.CRITERIA:
        return reverse("listings:criteria", args=[listing.pk])
    return reverse("listings:act", args=[listing.pk, act.value])


@require(Permission.LISTINGS_PREPARE)
@require_GET
def candidates(request: HttpRequest) -> HttpResponse:
    """Places that meet an entry criterion, with what speaks against."""
    actor = actor_of(request)
    versions = queries.rules_for(actor)
    chosen = next(
        (one for one in versions if str(one.pk) == request.GET.get("rules")),
        versions[0] if versions else None,
    )
    levels = _levels_below(chosen)
    level = request.GET.get("of", "")
    if level not in dict(levels):
        level = levels[0][0] if levels else ""
    found = find_candidates(actor, chosen, level) if chosen and level else []
    language = interface_language()
    context = {
        "versions": [(one.pk, f"{one.rule_set.region.name} · {one.rule_set.label}") for one in versions],
        "chosen": chosen,
        "levels": levels,
        "level": level,
        "rows": [
            (
                one.region,
                [(hit, hit.criterion.name(language)) for hit in one.hits],
                [words.against(each) for each in one.against],
            )
            for one in found
        ],
        "steps": trail((_("符合条件的地区"), "")),
        "fictional": chosen.rule_set.region.tree.fictional if chosen else False,
        "tab": "candidates",
        "may_prepare": True,
    }
    return render(request, "listings/candidates.html", context)


def _levels_below(version: RuleVersion | None) -> list[tuple[str, str]]:
    if version is None:
        return []
    office = version.rule_set.region
    found = (
        Region.objects.filter(tree_id=office.tree_id, position__gt=office.position, position__lte=office.last)
        .order_by("depth")
        .values_list("depth", "level")
        .distinct()
    )
    return [(level, office.tree.level_name(level)) for _depth, level in found]


@require(*READERS)
@require_GET
def region(request: HttpRequest, region_id: int) -> HttpResponse:
    """What a region was listed and named for."""
    place, found, named = queries.history_of(actor_of(request), region_id)
    context = {
        "region": place,
        "rows": rows_of(found),
        "named": [(one, words.DESIGNATIONS[one.kind], words.DESIGNATION_STATES[one.state], words.DESIGNATION_MARKS[one.state]) for one in named],
        "steps": trail((place.name, "")),
        "fictional": place.tree.fictional,
    }  # fmt: skip
    return render(request, "listings/region.html", context)


@require(*READERS)
@require_GET
def statistics(request: HttpRequest) -> HttpResponse:
    """Counts over the years."""
    years, classes = queries.yearly(actor_of(request))
    language = interface_language()
    names = {code: en if language == "en" and en else zh for code, (zh, en) in classes.items()}
    chart = (
        Bars(
            title=_("各年挂牌数"),
            unit=pgettext("listing", "个"),
            decimals=0,
            categories=[str(year.year) for year in years],
            series=[
                Series(name, [year.listed[code] for year in years], key=code)
                for code, name in list(names.items())[:6]
            ],
        )
        if years
        else None
    )
    context = {
        "years": [(year, [year.listed[code] for code in names]) for year in reversed(years)],
        "classes": list(names.values()),
        "chart": chart,
        "steps": trail((_("历年统计"), "")),
        "tab": "statistics",
        "may_prepare": actor_of(request).can(Permission.LISTINGS_PREPARE),
        "listings_url": reverse("listings:list"),
    }
    return render(request, "listings/statistics.html", context)
