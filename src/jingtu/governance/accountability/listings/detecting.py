"""The rule by which criteria of listing propose in accountability: a place that meets one, with what speaks against.

It proposes nothing by itself where a listing of the place stands already, and decides nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import reverse

from jingtu.assessment.runs.models import Run
from jingtu.core.regions.models import Region
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.notation import plain_number
from jingtu.engine.periods import Period
from jingtu.engine.problems import register_texts
from jingtu.governance.accountability.measures.registry import Found, Line, Parameter, RuleKind, register_rule

from .measuring import Published
from .models import RuleVersion
from .queries.candidates import Candidate, Hit, met_in

register_texts(
    {
        "listings.ev_criterion": (
            "{period}“{name}”为{value}{unit}，达到入列条件（{entry}）。",
            "{period}: {name} is {value}{unit}, which meets the entry criterion ({entry}).",
        ),
        "listings.ev_publication": (
            "依据：第{run}号考核第{version}版，发布校验值 {hash}。",
            "Stands in: run {run}, version {version}, publication hash {hash}.",
        ),
        "listings.ag_small": (
            "“{name}”数量少，数值容易受个别情况影响。",
            "{name}: a small count; single cases move the figure.",
        ),
        "listings.ag_band": (
            "“{name}”名次区间为第{low}至第{high}位，与相邻地区可能不相上下。",
            "{name}: the rank lies between {low} and {high}; neighbours may be no better.",
        ),
        "listings.ag_only_now": (
            "“{name}”仅本期达到，此前{count}期（自{since}起）都未达到。",
            "{name}: met in this period only, in none of the {count} before (from {since} on).",
        ),
        "listings.ag_watch": ("刚摘牌，尚在巩固期。", "It was delisted and is still under watch."),
        "listings.ag_appeal": (
            "对这次考核的申诉还没有办结。",
            "An appeal against that assessment is still open.",
        ),
        "listings.ag_finding": (
            "这次考核的数据核查意见还没有办结。",
            "A finding about the data of that assessment is still open.",
        ),
    }
)


def criteria_met(office: Region, given: Mapping[str, Any], day: dt.date) -> list[Found]:
    """Places below the office that meet at least so many entry criteria of its newest rules in the latest publications,
    and are not under a listing already. The same values of the same publications propose once."""
    version = (
        RuleVersion.objects.filter(rule_set__region=office)
        .select_related("rule_set__region__tree")
        .order_by("rule_set_id", "-number")
        .first()
    )
    if version is None or office.position is None:
        return []
    places = Region.objects.filter(
        tree_id=office.tree_id, position__gt=office.position, position__lte=office.last, valid_to__isnull=True
    ).select_related("tree")
    found = []
    for level in list(dict.fromkeys(places.order_by("depth").values_list("level", flat=True))):
        published = Published(office, level)
        if not published.readers:
            continue
        for candidate in met_in(places.filter(level=level).order_by("position"), version.rules, published):
            standing = any(one["code"] == "standing" for one in candidate.against)
            if not standing and len(candidate.hits) >= int(given["least"]):
                found.append(_found(candidate, published))
    return found


def _found(candidate: Candidate, published: Published) -> Found:
    runs = {reader.run.pk: reader.run for reader in published.readers}
    cited = list(dict.fromkeys(hit.measured.run_id for hit in candidate.hits))
    newest = runs[cited[0]]
    lines = [_evidence(hit, runs[hit.measured.run_id], candidate.region) for hit in candidate.hits]
    lines += [_publication(runs[pk]) for pk in cited]
    key = ",".join(f"{hit.criterion.code}@{hit.measured.run_id}" for hit in candidate.hits)
    return Found(
        candidate.region.pk,
        f"listing:{key}"[:200],
        tuple(lines),
        tuple(_against(candidate)),
        newest.period,
        newest.pk,
        newest.publication_hash,
    )


def _names(hit: Hit) -> dict[str, str]:
    return {"name": hit.criterion.zh, "name_en": hit.criterion.en or hit.criterion.zh}


def _after_number(unit: str) -> str:
    """An English unit as it stands behind a number."""
    return unit if unit in ("", "%") else f" {unit}"


def _evidence(hit: Hit, run: Run, region: Region) -> Line:
    entry, period = Threshold.parse(hit.criterion.entry), Period.parse(run.period)
    told = {
        **_names(hit), "period": period.label("zh"), "period_en": period.label("en"),
        "value": plain_number(hit.measured.value), "unit": hit.criterion.unit_zh,
        "unit_en": _after_number(hit.criterion.unit_en), "entry": entry.label(language="zh"), "entry_en": entry.label(language="en"),
    }  # fmt: skip
    query = {"region": str(region.pk)}
    if hit.criterion.measure == "indicator":
        query["indicator"] = hit.criterion.subject
    return Line("listings.ev_criterion", told, reverse("runs:explain", args=[run.pk], query=query))


def _publication(run: Run) -> Line:
    told = {"run": run.pk, "version": run.version, "hash": run.publication_hash[:16]}
    return Line("listings.ev_publication", told, reverse("runs:detail", args=[run.pk]))


def _against(candidate: Candidate) -> Iterator[Line]:
    for one in candidate.against:
        match one["code"]:
            case "watch" | "appeal" | "finding" as code:
                yield Line(f"listings.ag_{code}")
    for hit in candidate.hits:
        measured = hit.measured
        if measured.small:
            yield Line("listings.ag_small", _names(hit))
        if measured.wide:
            yield Line(
                "listings.ag_band", {**_names(hit), "low": measured.low_rank, "high": measured.high_rank}
            )
        if hit.criterion.code in candidate.only_now:
            since, count = candidate.only_now[hit.criterion.code]
            period = Period.parse(since)
            said = {"since": period.label("zh"), "since_en": period.label("en"), "count": count}
            yield Line("listings.ag_only_now", {**_names(hit), **said})


def register() -> None:
    """Make the rule known to accountability."""
    least = Parameter("least", "至少几项入列条件", "At least so many entry criteria", 1, most=50)
    register_rule(
        RuleKind(
            "listing",
            "达到挂牌入列条件",
            "Entry criteria of listing met",
            criteria_met,
            (least,),
            "listing",
            50,
        )
    )
